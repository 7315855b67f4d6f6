#pragma once
#include <cstddef>
#include <functional>
#include <optional>

#include "local/collection.hpp"
#include "local/filter_tree.hpp"
#include "local/interrupt.hpp"

namespace qbatch::local {

/// Whether one row's point passes.
[[nodiscard]] bool passesAt(const Collection& points, std::size_t row, const FilterTree& filter, PayloadReader& reader);

/// Calls `visit` with the row of each point that passes, by ascending id from `from` on, until it says false. Throws Refusal where it is
/// interrupted.
void scan(const Collection& points, const FilterTree& filter, const std::optional<PointId>& from, const Interrupt& interrupt,
          const std::function<bool(std::size_t row)>& visit);

}  // namespace qbatch::local
