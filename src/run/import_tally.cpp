#include "run/import_tally.hpp"

#include <algorithm>

namespace qbatch::run {

namespace {
constexpr std::size_t mostFailures = 1000;
}

void ImportTally::add(const Stats& stats) {
  auto& sum = data_.stats;
  sum.points += stats.points;
  sum.requests += stats.requests;
  sum.retries += stats.retries;
  sum.splits += stats.splits;
  sum.bytesSent += stats.bytesSent;
  sum.bytesReceived += stats.bytesReceived;
  sum.sending += stats.sending;
  sum.lostRounds += stats.lostRounds;
}

void ImportTally::leave(std::size_t index, const Error& why) {
  ++data_.outcomes[static_cast<std::size_t>(Outcome::unsent)];
  if (data_.failures.size() < mostFailures) data_.failures.push_back({index, Outcome::unsent, why, 0});
}

void ImportTally::settle(const ImportWindow& window, const StoreReport& report, std::size_t letters) {
  for (std::size_t kind = 0; kind < data_.outcomes.size(); ++kind) data_.outcomes[kind] += report.count(static_cast<Outcome>(kind));
  data_.outcomes[static_cast<std::size_t>(Outcome::rejected)] += window.noPatterns.size();
  data_.deadLetters += letters;
  noteFailures(window, report);
  add(report.stats());
  settled_ += window.items();
  failed_ += report.failures().size() + window.noPatterns.size();
  bytes_ += window.requestBytes;
  if (window.share) share_ = std::max(share_.value_or(0), *window.share);
}

void ImportTally::noteFailures(const ImportWindow& window, const StoreReport& report) {
  auto& all = data_.failures;
  for (const auto& failure : report.failures()) {
    if (all.size() >= mostFailures) return;
    all.push_back({window.indices[failure.index], failure.outcome, failure.error, failure.attempts});
  }
  for (const auto& [index, item] : window.noPatterns) {
    if (all.size() >= mostFailures) return;
    all.push_back({index, Outcome::rejected, Error(Errc::invalidItem, Origin::caller, item.problem), 0});
  }
}

Progress ImportTally::progress(std::chrono::duration<double> elapsed) const {
  Progress progress;
  progress.total = expected_;
  progress.done = settled_ - failed_ + data_.alreadyDone - data_.alreadyDead;
  progress.failed = failed_ + data_.alreadyDead;
  progress.bytes = bytes_;
  progress.share = share_;
  const auto seconds = elapsed.count();
  if (seconds <= 0 || settled_ == 0) return progress;
  progress.itemsPerSecond = static_cast<double>(settled_) / seconds;
  double left = -1;
  if (expected_ > 0)
    left = static_cast<double>(expected_ - std::min(expected_, settled_ + data_.alreadyDone)) / progress.itemsPerSecond;
  else if (share_ && *share_ > 0)
    left = seconds * (1 - *share_) / *share_;
  if (left >= 0 && left < 1e9) progress.remaining = std::chrono::seconds(static_cast<std::int64_t>(left));
  return progress;
}

}  // namespace qbatch::run
