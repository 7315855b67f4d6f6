#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "batch/index_map.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::batch {

/// Ascending indices of items that have one id, two at least.
using IdGroup = std::span<const std::size_t>;

/// The indices i with good[i], by id and then by place.
template <class Index, class IdOf>
[[nodiscard]] std::vector<Index> orderedById(const std::vector<bool>& good, const IdOf& idOf) {
  std::vector<Index> order;
  order.reserve(good.size());
  for (std::size_t i = 0; i < good.size(); ++i)
    if (good[i]) order.push_back(static_cast<Index>(i));
  std::sort(order.begin(), order.end(), [&](Index a, Index b) {
    const auto compared = idOf(a) <=> idOf(b);
    return compared != 0 ? compared < 0 : a < b;
  });
  return order;
}

template <class Index, class IdOf, class Settle>
void leaveOneOfEachId(std::vector<bool>& good, const IdOf& idOf, const Settle& settleGroup) {
  const auto order = orderedById<Index>(good, idOf);
  std::vector<std::size_t> group;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    for (end = begin + 1; end < order.size() && idOf(order[end]) == idOf(order[begin]);) ++end;
    if (end - begin == 1) continue;
    group.assign(order.begin() + static_cast<std::ptrdiff_t>(begin), order.begin() + static_cast<std::ptrdiff_t>(end));
    const std::size_t kept = settleGroup(IdGroup(group));
    for (const auto index : group) good[index] = index == kept;
  }
}

/// Which items are sent where equal ids are one point: of the items i with good[i], those whose id, idOf(i), no other has, and of the
/// others the one that settleGroup(IdGroup) returns. It has to settle the rest. Ids that ascend, as numbered ones do, cost no memory;
/// others four bytes an item while it runs.
template <class IdOf, class Settle>
[[nodiscard]] IndexMap oneOfEachId(std::vector<bool> good, IdOf idOf, Settle settleGroup) {
  bool ascending = true;
  for (std::size_t i = 1; i < good.size() && ascending; ++i) ascending = idOf(i - 1) < idOf(i);
  if (!ascending && good.size() <= std::numeric_limits<std::uint32_t>::max())
    leaveOneOfEachId<std::uint32_t>(good, idOf, settleGroup);
  else if (!ascending)
    leaveOneOfEachId<std::size_t>(good, idOf, settleGroup);
  IndexMap sent;
  for (std::size_t i = 0; i < good.size(); ++i)
    if (good[i]) sent.append(i);
  return sent;
}

}  // namespace qbatch::batch
