#include "run/ids_on_the_way.hpp"

#include <iterator>

namespace qbatch::run {

std::unordered_set<std::size_t> IdsOnTheWay::enter(std::size_t window, std::span<const PointId> ids,
                                                   std::span<const std::uint64_t> hashes) {
  std::unordered_set<std::size_t> blockers;
  for (std::size_t item = 0; item < ids.size(); ++item) {
    const auto [begin, end] = windows_.equal_range(ids[item]);
    for (auto other = begin; other != end; ++other)
      if (other->second.second != hashes[item]) blockers.insert(other->second.first);
  }
  for (std::size_t item = 0; item < ids.size(); ++item) windows_.emplace(ids[item], std::pair(window, hashes[item]));
  return blockers;
}

void IdsOnTheWay::leave(std::size_t window, std::span<const PointId> ids) {
  for (const auto& id : ids) {
    auto [entry, end] = windows_.equal_range(id);
    while (entry != end) entry = entry->second.first == window ? windows_.erase(entry) : std::next(entry);
  }
}

}  // namespace qbatch::run
