#include "batch/report_builder.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

namespace qbatch::batch {

ReportBuilder::ReportBuilder(std::size_t items) : items_(items) {}

void ReportBuilder::settle(std::size_t index, Outcome outcome, const Error& error, unsigned attempts) {
  settle(index, index + 1, outcome, error, attempts);
}

void ReportBuilder::settle(std::size_t first, std::size_t last, Outcome outcome, const Error& error, unsigned attempts) {
  if (last > items_ || first > last)
    throw std::out_of_range("ReportBuilder: no items " + std::to_string(first) + " to " + std::to_string(last));
  if (first == last) return;
  settled_ += last - first;
  if (outcome == Outcome::done) return;
  if (outcome == Outcome::accepted) {
    if (!accepted_.empty() && accepted_.back().second == first) {
      accepted_.back().second = last;
    } else {
      accepted_.emplace_back(first, last);
    }
    return;
  }
  for (auto index = first; index < last; ++index) failures_.push_back({index, outcome, error, attempts});
}

void ReportBuilder::follow(std::size_t index, std::size_t leader, std::optional<ItemNote> note) {
  if (index >= items_ || leader >= items_ || index == leader) {
    throw std::out_of_range("ReportBuilder: item " + std::to_string(index) + " cannot follow item " + std::to_string(leader));
  }
  followers_.push_back({index, leader, note});
}

void ReportBuilder::note(ItemNote note) { notes_.push_back(note); }

std::shared_ptr<ReportData> ReportBuilder::finish() {
  sortAndJoin();
  resolveFollowers();
  if (settled_ != items_) {
    throw std::logic_error("ReportBuilder: " + std::to_string(settled_) + " settlements for " + std::to_string(items_) + " items");
  }
  std::erase_if(notes_, [&](const ItemNote& note) { return failureOf(note.index) != nullptr; });
  std::sort(notes_.begin(), notes_.end(), [](const ItemNote& a, const ItemNote& b) { return a.index < b.index; });

  auto data = std::make_shared<ReportData>();
  data->size = data->stats.items = items_;
  data->failures = std::move(failures_);
  data->accepted = std::move(accepted_);
  data->notes = std::move(notes_);
  for (const auto& [first, last] : data->accepted) data->stats.accepted += last - first;
  return data;
}

void ReportBuilder::resolveFollowers() {
  std::vector<ItemFailure> failures;
  std::vector<std::pair<std::size_t, std::size_t>> accepted;
  for (const auto& follower : followers_) {
    if (const auto* failure = failureOf(follower.leader)) {
      failures.push_back({follower.index, failure->outcome, failure->error, failure->attempts});
      continue;
    }
    if (isAccepted(follower.leader)) accepted.emplace_back(follower.index, follower.index + 1);
    if (follower.note) notes_.push_back(*follower.note);
  }
  settled_ += followers_.size();
  followers_.clear();
  std::move(failures.begin(), failures.end(), std::back_inserter(failures_));
  accepted_.insert(accepted_.end(), accepted.begin(), accepted.end());
  sortAndJoin();
}

void ReportBuilder::sortAndJoin() {
  std::sort(failures_.begin(), failures_.end(), [](const ItemFailure& a, const ItemFailure& b) { return a.index < b.index; });
  std::sort(accepted_.begin(), accepted_.end());
  std::vector<std::pair<std::size_t, std::size_t>> joined;
  for (const auto& range : accepted_) {
    if (!joined.empty() && joined.back().second == range.first) {
      joined.back().second = range.second;
    } else {
      joined.push_back(range);
    }
  }
  accepted_ = std::move(joined);
}

const ItemFailure* ReportBuilder::failureOf(std::size_t index) const noexcept {
  const auto found = std::lower_bound(failures_.begin(), failures_.end(), index,
                                      [](const ItemFailure& failure, std::size_t wanted) { return failure.index < wanted; });
  return found != failures_.end() && found->index == index ? &*found : nullptr;
}

bool ReportBuilder::isAccepted(std::size_t index) const noexcept {
  const auto after = std::upper_bound(accepted_.begin(), accepted_.end(), index,
                                      [](std::size_t wanted, const auto& range) { return wanted < range.first; });
  return after != accepted_.begin() && index < (after - 1)->second;
}

}  // namespace qbatch::batch
