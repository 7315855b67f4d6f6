#include "run/import_keeper.hpp"

#include <utility>
#include <vector>

#include "stream/item_hash.hpp"

namespace qbatch::run {

namespace {

// Memory must not grow with the input: an import of which more than this fails has other worries than an id that stands twice.
constexpr std::size_t mostLeftOver = 100'000;

/// Joins the settled items of a window to ranges; items come in the order of their indices.
class Ranges {
 public:
  void add(std::size_t index, std::uint64_t hash, bool letter) {
    if (all_.empty() || all_.back().last != index) all_.push_back({index, index, 0, 0});
    auto& range = all_.back();
    ++range.last;
    range.digest += stream::itemDigest(index, hash);
    range.letters += letter ? 1 : 0;
  }
  [[nodiscard]] const std::vector<stream::SettledRange>& all() const noexcept { return all_; }

 private:
  std::vector<stream::SettledRange> all_;
};

}  // namespace

ImportKeeper::ImportKeeper(const ImportOptions& options, const std::string& collection, std::string embedder)
    : options_(options), embedder_(std::move(embedder)) {
  if (!options.checkpoint.empty()) ledger_.emplace(options.checkpoint, collection);
  if (!options.deadLetters.empty()) letters_.emplace(options.deadLetters);
}

stream::Resume ImportKeeper::resume() const {
  return ledger_ ? stream::Resume(ledger_->settled(), ledger_->firstItem()) : stream::Resume();
}

void ImportKeeper::begin(std::uint64_t firstItem) {
  if (ledger_) ledger_->begin(firstItem);
}

// With a checkpoint, what an early end left over is the next run's affair.
bool ImportKeeper::becomesLetter(const ItemFailure& failure, const StoreReport& report) const noexcept {
  if (!letters_ || failure.error.code() == Errc::duplicateId) return false;
  if (failure.outcome == Outcome::rejected || !ledger_) return true;
  return failure.outcome != Outcome::unsent && !report.stopped();
}

bool ImportKeeper::isSettled(const ItemFailure& failure, const StoreReport& report) const noexcept {
  return failure.error.code() == Errc::duplicateId || becomesLetter(failure, report);
}

// Whoever cannot be told of a window is told of no other, and nothing is recorded that nobody was told of.
void ImportKeeper::tell(const ImportWindow& window, const StoreReport& report) {
  if (!options_.settled || deaf_) return;
  const bool before = std::exchange(broken_, true);
  deaf_ = true;
  options_.settled({window.patterns, window.indices, window.lines, report, window.noPatterns});
  deaf_ = false;
  broken_ = before;
}

std::size_t ImportKeeper::keep(const ImportWindow& window, const StoreReport& report) {
  tell(window, report);
  if (broken_) return 0;
  broken_ = true;  // unless all goes well
  std::size_t written = 0;
  for (const auto& failure : report.failures()) {
    if (!becomesLetter(failure, report)) continue;
    const auto& pattern = window.patterns[failure.index];
    const bool computed = failure.index < window.computed.size() && window.computed[failure.index];
    written += letters_->write({.index = window.indices[failure.index],
                                .line = window.lines[failure.index],
                                .outcome = failure.outcome,
                                .error = failure.error.message(),
                                .attempts = failure.attempts,
                                .hash = window.hashes[failure.index],
                                .pattern = &pattern,
                                .embedder = embedder_,
                                .vectorComputed = computed})
                   ? 1
                   : 0;
  }
  for (std::size_t place = 0; letters_ && place < window.noPatterns.size(); ++place) {
    const auto& [index, item] = window.noPatterns[place];
    written += letters_->write({.index = index,
                                .line = item.line,
                                .outcome = Outcome::rejected,
                                .error = item.problem,
                                .hash = window.noPatternHashes[place],
                                .text = item.text})
                   ? 1
                   : 0;
  }
  // What the ledger calls settled must not be lost with the machine.
  if (letters_ && ledger_) letters_->sync();
  recordSettled(window, report);
  broken_ = false;
  return written;
}

void ImportKeeper::recordSettled(const ImportWindow& window, const StoreReport& report) {
  Ranges ranges;
  std::vector<stream::SettledRange> replaced;
  bool computedStored = true;
  auto failure = report.failures().begin();
  std::size_t place = 0;
  const auto noPatternsBefore = [&](std::size_t index) {
    for (; place < window.noPatterns.size() && window.noPatterns[place].first < index; ++place) {
      if (letters_)
        ranges.add(window.noPatterns[place].first, window.noPatternHashes[place], true);
      else
        ++unsettled_;
    }
  };
  for (std::size_t item = 0; item < window.patterns.size(); ++item) {
    const auto index = window.indices[item];
    noPatternsBefore(index);
    const bool failed = failure != report.failures().end() && failure->index == item;
    if (!failed || isSettled(*failure, report)) {
      ranges.add(index, window.hashes[item], failed && becomesLetter(*failure, report));
      if (!failed) takeReplaced(window.ids[item], index, replaced);
    } else {
      computedStored = false;
      ++unsettled_;
      if (ledger_ && leftOver_.size() < mostLeftOver)
        leftOver_.emplace(window.ids[item], stream::SettledRange{index, index + 1, stream::itemDigest(index, window.hashes[item]), 0});
    }
    if (failed) ++failure;
  }
  noPatternsBefore(static_cast<std::size_t>(-1));
  auto all = ranges.all();
  all.insert(all.end(), replaced.begin(), replaced.end());
  if (ledger_ && !all.empty()) ledger_->append(all);
  auto* const spool = spool_.load();
  if (!spool || !computedStored) return;
  for (const auto file : window.spooled()) spool->drop(file);
}

// An earlier item whose place another has taken is settled by that: sent again by the next run, it would push the later one out. Those of
// a window that was never started may come before those of an earlier one.
void ImportKeeper::takeReplaced(const PointId& id, std::size_t by, std::vector<stream::SettledRange>& replaced) {
  if (leftOver_.empty()) return;
  auto [entry, end] = leftOver_.equal_range(id);
  while (entry != end) {
    if (entry->second.first > by) {
      ++entry;
      continue;
    }
    replaced.push_back(entry->second);
    --unsettled_;
    entry = leftOver_.erase(entry);
  }
}

void ImportKeeper::sync(bool now) {
  if (broken_) return;
  const auto time = std::chrono::steady_clock::now();
  if (!now && time - syncedAt_ < options_.syncInterval) return;
  syncedAt_ = time;
  broken_ = true;
  if (letters_) letters_->sync();
  if (ledger_) ledger_->sync();
  broken_ = false;
}

}  // namespace qbatch::run
