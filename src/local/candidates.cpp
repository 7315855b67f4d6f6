#include "local/candidates.hpp"

#include <set>
#include <string>

namespace qbatch::local {
namespace {

/// nullptr where no index knows; a value of another kind than the index's is not among its values although a point may have it.
const std::set<std::size_t>* rowsFor(const Collection& points, const FilterTree::RequiredValue& required) {
  const FieldIndex* index = points.index(required.key);
  if (index == nullptr) return nullptr;
  const IndexKind wanted = std::holds_alternative<bool>(required.value)           ? IndexKind::boolean
                           : std::holds_alternative<std::int64_t>(required.value) ? IndexKind::integer
                                                                                  : IndexKind::keyword;
  return index->kind() == wanted ? &index->rowsWith(required.value) : nullptr;
}

}  // namespace

std::optional<std::vector<std::size_t>> candidateRows(const Collection& points, const FilterTree& filter) {
  std::vector<std::size_t> rows;
  if (const auto* ids = filter.onlyIds()) {
    for (const PointId& id : *ids) {
      if (const auto row = points.find(id)) rows.push_back(*row);
    }
    return rows;
  }
  const std::set<std::size_t>* fewest = nullptr;
  for (const auto& required : filter.requiredValues()) {
    const auto* found = rowsFor(points, required);
    if (found != nullptr && (fewest == nullptr || found->size() < fewest->size())) fewest = found;
  }
  if (fewest == nullptr) return std::nullopt;
  rows.assign(fewest->begin(), fewest->end());
  return rows;
}

}  // namespace qbatch::local
