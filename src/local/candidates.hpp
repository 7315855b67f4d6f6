#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "local/collection.hpp"
#include "local/filter_tree.hpp"

namespace qbatch::local {

/// The rows of the points that alone can pass, where the filter names ids or asks for a value of an indexed field, in no special order;
/// nullopt where every point is to be looked at.
[[nodiscard]] std::optional<std::vector<std::size_t>> candidateRows(const Collection& points, const FilterTree& filter);

}  // namespace qbatch::local
