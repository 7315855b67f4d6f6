#include "batch/point_groups.hpp"

#include <algorithm>
#include <numeric>
#include <string>

namespace qbatch::batch {
namespace {

using Group = std::span<const std::size_t>;  // ascending indices of one id, two at least

bool sameContent(const Pattern& a, const Pattern& b) {
  return a.description == b.description && a.code == b.code && a.language == b.language && a.metadata == b.metadata && a.vector == b.vector;
}

Error duplicate(std::size_t winner, const PointId& id) {
  return {
      Errc::duplicateId, Origin::caller,
      "id " + id.toString() + " stands again at item " + std::to_string(winner) +
          " with other content, which is the one that is stored; give each pattern an id of its own, or store them in calls of their own"};
}

/// Settles all of a group but its last item, which is sent.
void settleGroup(Group group, std::span<const Pattern> patterns, const PointId& id, ReportBuilder& report) {
  const auto leader = group.back();
  const bool anyExplicit = std::any_of(group.begin(), group.end(), [&](std::size_t i) { return patterns[i].id.has_value(); });
  std::optional<std::size_t> first;  // of those that are not rejected
  for (const auto index : group) {
    const bool same = index == leader || sameContent(patterns[index], patterns[leader]);
    if (!same && anyExplicit) {
      report.settle(index, Outcome::rejected, duplicate(leader, id));
      continue;
    }
    std::optional<ItemNote> note;
    if (!same) {
      note = ItemNote{index, ItemNote::Kind::superseded, leader};
    } else if (first) {
      note = ItemNote{index, ItemNote::Kind::sameAs, *first};
    }
    if (!first) first = index;
    if (index != leader) {
      report.follow(index, leader, note);
    } else if (note) {
      report.note(*note);
    }
  }
}

}  // namespace

SendList groupPoints(std::span<const Pattern> patterns, std::span<const PointId> ids, const std::vector<bool>& checked,
                     ReportBuilder& report) {
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t i) { return !checked[i]; });
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ids[a] != ids[b] ? ids[a] < ids[b] : a < b; });

  // The last of each id is sent. They are written over the part of `order` that is done with.
  std::size_t kept = 0;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    for (end = begin + 1; end < order.size() && ids[order[end]] == ids[order[begin]];) ++end;
    if (end - begin > 1) settleGroup(Group(order).subspan(begin, end - begin), patterns, ids[order[begin]], report);
    order[kept++] = order[end - 1];
  }
  if (kept == ids.size()) return {true, {}};
  order.resize(kept);
  std::sort(order.begin(), order.end());
  return {false, std::move(order)};
}

}  // namespace qbatch::batch
