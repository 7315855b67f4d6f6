#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/backend.hpp"

// Conditions under which points are still as they were read. Pure.
namespace qbatch::rest {

/// A path of Qdrant's that means this top-level member, whatever characters but a quote it has.
[[nodiscard]] std::string pathOf(std::string_view key);

/// {"must":[{"has_id":[…]}]}
[[nodiscard]] std::string idFilter(std::span<const PointId> ids);

/// Appends, behind a comma, a condition that holds as long as the top-level member is as it was read (`raw`; null: absent). Nothing
/// compares whole arrays and objects, so they are taken as they come.
void appendUnchanged(std::string& out, std::string_view key, const std::string* raw);

/// A filter that lets pass points that fulfil their conditions, each of which stands behind a comma. It matches nothing where there are
/// none.
[[nodiscard]] std::string filterOf(const std::map<std::string, std::vector<PointId>>& pointsByConditions);

/// A filter that lets pass which of these points exist and are as `before` says, in all members that can be compared and are not long; both
/// lists go together. It matches nothing where none existed.
[[nodiscard]] std::string unchangedFilter(std::span<const PointId> ids, std::span<const PointBefore> before);

}  // namespace qbatch::rest
