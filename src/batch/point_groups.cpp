#include "batch/point_groups.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "batch/equal_ids.hpp"

namespace qbatch::batch {
namespace {

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
void settleGroup(IdGroup group, std::span<const Pattern> patterns, const PointId& id, ReportBuilder& report) {
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

IndexMap groupPoints(std::span<const Pattern> patterns, std::span<const PointId> ids, std::vector<bool> checked, ReportBuilder& report) {
  return oneOfEachId(
      std::move(checked), [&](std::size_t index) -> const PointId& { return ids[index]; },
      [&](IdGroup group) {
        settleGroup(group, patterns, ids[group.back()], report);
        return group.back();
      });
}

}  // namespace qbatch::batch
