#include "tally.hpp"

#include <algorithm>

namespace cli {

bool endedAsAsked(const qbatch::Error& stopped) noexcept {
  return stopped.code() == qbatch::Errc::cancelled || stopped.code() == qbatch::Errc::deadlineExceeded;
}

void Tally::addCall(const qbatch::BatchReport& report, std::span<const Place> places, const std::function<std::string(std::size_t)>& nameOf,
                    const Wordings& wordings) {
  total_ += report.size();
  for (std::size_t kind = 0; kind < outcomes_.size(); ++kind) outcomes_[kind] += report.count(static_cast<qbatch::Outcome>(kind));
  for (const auto& failure : report.failures()) {
    const Place place = places.empty() ? Place{failure.index, 0} : places[failure.index];
    const auto worded = wordings.find(failure.index);
    const auto& why = worded == wordings.end() ? failure.error.message() : worded->second;
    failures_.push_back({place, failure.outcome, nameOf(failure.index), why});
  }
  points_ += report.stats().points;
  requests_ += report.stats().requests;
  elapsed_ += report.stats().total;
  if (!stopped_) stopped_ = report.stopped();
}

void Tally::addRejected(const RejectedLine& rejected) {
  ++total_;
  ++outcomes_[static_cast<std::size_t>(qbatch::Outcome::rejected)];
  failures_.push_back({rejected.place, qbatch::Outcome::rejected, "", rejected.problem});
}

const std::vector<FailedItem>& Tally::failures() {
  std::stable_sort(failures_.begin(), failures_.end(),
                   [](const FailedItem& a, const FailedItem& b) { return a.place.index < b.place.index; });
  return failures_;
}

ExitCode Tally::exitCode() const noexcept {
  if (stopped_ && successful() == 0 && !endedAsAsked(stopped_)) return nothingDone;
  return failures_.empty() && !stopped_ ? allDone : someNotDone;
}

}  // namespace cli
