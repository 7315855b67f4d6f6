#include "metrics/write_plan.hpp"

#include <algorithm>
#include <iterator>

namespace qbatch::metrics {

void WritePlan::renew(Operations wanted) {
  wanted_ = std::move(wanted);
  std::vector<bool> loose(changes_.size());
  for (const auto& entry : wanted_) loose[entry.first] = true;
  for (auto& piece : waiting_) {
    std::erase_if(piece, [&](std::size_t position) { return !loose[position]; });
    for (const auto position : piece) loose[position] = false;
  }
  std::erase_if(waiting_, [](const Positions& piece) { return piece.empty(); });
  Positions rest;
  for (const auto& entry : wanted_) {
    if (loose[entry.first]) rest.push_back(entry.first);
  }
  if (!rest.empty()) waiting_.push_back(std::move(rest));
}

std::vector<codec::BatchOperation> WritePlan::take() {
  underWay_ = std::move(waiting_.front());
  waiting_.pop_front();
  while (underWay_.size() > most_) {
    divide();
    underWay_ = std::move(waiting_.front());
    waiting_.pop_front();
  }
  std::vector<codec::BatchOperation> operations;
  for (auto& one : shared(underWay_)) operations.push_back(std::move(one.operation));
  operations_ = operations.size();
  return operations;
}

void WritePlan::drop() {
  underWay_.clear();
  if (waiting_.empty()) most_ = any;
}

void WritePlan::putBack() {
  if (!underWay_.empty()) waiting_.push_front(std::exchange(underWay_, {}));
}

bool WritePlan::divide() {
  if (underWay_.size() < 2) return false;
  const auto whole = std::exchange(underWay_, {});
  auto first = firstHalf(whole);
  Positions second;
  std::set_difference(whole.begin(), whole.end(), first.begin(), first.end(), std::back_inserter(second));
  waiting_.push_front(std::move(second));
  waiting_.push_front(std::move(first));
  return true;
}

bool WritePlan::divideAll() {
  if (underWay_.size() > 1) most_ = underWay_.size() / 2;
  return divide();
}

const GuardedOperation& WritePlan::wanted(std::size_t position) const {
  const auto before = [](const auto& entry, std::size_t sought) { return entry.first < sought; };
  return std::lower_bound(wanted_.begin(), wanted_.end(), position, before)->second;
}

std::vector<SharedOperation> WritePlan::shared(const Positions& positions) const {
  if (positions.size() == wanted_.size()) return sharedOperations(wanted_, changes_, flush_);
  Operations some;
  for (const auto position : positions) some.emplace_back(position, wanted(position));
  return sharedOperations(some, changes_, flush_);
}

WritePlan::Positions WritePlan::firstHalf(const Positions& positions) const {
  Positions half;
  std::vector<bool> taken(changes_.size());
  for (const auto& one : shared(positions)) {
    for (const auto position : one.positions) {
      if (!taken[position]) half.push_back(position);
      taken[position] = true;
    }
  }
  half.resize(half.size() / 2);
  std::sort(half.begin(), half.end());
  return half;
}

}  // namespace qbatch::metrics
