#include "batch/positions.hpp"

#include <algorithm>
#include <iterator>

namespace qbatch::batch {

void Positions::append(Range range) {
  if (range.size() == 0) return;
  size_ += range.size();
  if (!ranges_.empty() && ranges_.back().last == range.first)
    ranges_.back().last = range.last;
  else
    ranges_.push_back(range);
}

std::pair<Positions, Positions> Positions::halves() const {
  const auto middle = size_ / 2;
  return {part({0, middle}), part({middle, size_})};
}

Positions Positions::part(Range part) const {
  Positions result;
  std::size_t before = 0;  // positions in the ranges that were passed
  for (const auto& range : ranges_) {
    const auto from = std::max(part.first, before), to = std::min(part.last, before + range.size());
    if (from < to) result.append({range.first + (from - before), range.first + (to - before)});
    before += range.size();
    if (before >= part.last) break;
  }
  return result;
}

Positions Positions::merged(const Positions& one, const Positions& other) {
  std::vector<Range> all;
  all.reserve(one.ranges_.size() + other.ranges_.size());
  std::merge(one.ranges_.begin(), one.ranges_.end(), other.ranges_.begin(), other.ranges_.end(), std::back_inserter(all),
             [](const Range& a, const Range& b) { return a.first < b.first; });
  Positions result;
  for (const auto& range : all) result.append(range);
  return result;
}

}  // namespace qbatch::batch
