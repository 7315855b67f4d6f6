#include "import_tally.hpp"

#include <iterator>
#include <utility>

#include "result_text.hpp"

namespace cli {
namespace {

constexpr std::size_t mostFailures = 1000;

}  // namespace

std::size_t doneNow(const qbatch::ImportReport& report) noexcept {
  return report.count(qbatch::Outcome::done) + report.count(qbatch::Outcome::accepted);
}

std::size_t doneBefore(const qbatch::ImportReport& report) noexcept { return report.alreadyDone() - report.alreadyDead(); }

ExitCode exitCodeOf(const qbatch::ImportReport& report) noexcept {
  if (report.ok()) return allDone;
  const auto& stopped = report.stopped();
  if (!stopped || doneNow(report) > 0 || endedAsAsked(stopped)) return someNotDone;
  return stopped.code() == qbatch::Errc::inputBroken ? badUsage : nothingDone;
}

void ImportTally::add(const qbatch::ImportedBatch& batch, const Wordings& wordings) {
  for (const auto& failure : batch.report.failures()) {
    if (failure.error.code() == qbatch::Errc::duplicateId) ++superseded_;
    const auto worded = wordings.find(failure.index);
    keep({{batch.indices[failure.index], batch.lines[failure.index]},
          failure.outcome,
          batch.report.id(failure.index).toString(),
          worded == wordings.end() ? failure.error.message() : worded->second});
  }
  for (const auto& [index, item] : batch.noPatterns) keep({{index, item.line}, qbatch::Outcome::rejected, "", item.problem});
}

void ImportTally::keep(FailedItem item) {
  const auto index = item.place.index;
  failures_.insert_or_assign(index, std::move(item));
  if (failures_.size() > mostFailures) failures_.erase(std::prev(failures_.end()));
}

std::vector<FailedItem> ImportTally::failures() const {
  std::vector<FailedItem> result;
  for (const auto& [index, item] : failures_) result.push_back(item);
  return result;
}

std::string summaryOf(const qbatch::ImportReport& report, const std::string& checkpoint) {
  const auto& stats = report.stats();
  // Of a point that came again in another window the library does not know that it was counted.
  const std::string upTo = report.windows() > 1 && stats.points > 0 ? "up to " : "";
  std::string text = "stored " + grouped(doneNow(report)) + " of " + counted(report.size(), "pattern", "patterns") + " as " + upTo +
                     counted(stats.points, "point", "points") +
                     summaryTail(stats.total, stats.requests, [&](qbatch::Outcome outcome) { return report.count(outcome); });
  if (report.alreadyDone() > 0) {
    text += "; " + grouped(doneBefore(report)) + " were done before";
    if (report.alreadyDead() > 0) text += ", " + grouped(report.alreadyDead()) + " became dead letters then";
    text += " (checkpoint " + checkpoint + ")";
  }
  return text;
}

}  // namespace cli
