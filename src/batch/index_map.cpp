#include "batch/index_map.hpp"

#include <algorithm>

namespace qbatch::batch {

void IndexMap::append(std::size_t first, std::size_t count) {
  if (count == 0) return;
  const bool continues = !runs_.empty() && runs_.back().index + (size_ - runs_.back().position) == first;
  if (!continues) runs_.push_back({size_, first});
  size_ += count;
}

std::size_t IndexMap::operator[](std::size_t position) const noexcept {
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), position, [](std::size_t wanted, const Run& run) { return wanted < run.position; });
  const auto& run = *(after - 1);
  return run.index + (position - run.position);
}

}  // namespace qbatch::batch
