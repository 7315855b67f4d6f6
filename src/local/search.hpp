#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "local/collection.hpp"
#include "local/filter_tree.hpp"
#include "local/interrupt.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::local {

struct SearchHit {
  std::size_t row{};
  float score{};
};

struct SearchTask {
  std::size_t column{};                           ///< which dense vectors; points that lack theirs are passed over
  std::span<const std::vector<float>> queries{};  ///< prepared() vectors of this column's dimension
  std::size_t limit = 10, offset = 0;
  std::optional<float> minScore{};     ///< at most, where smaller is better
  std::span<const PointId> without{};  ///< points that are no hits
  unsigned threads = 0;                ///< 0: as many as the work is worth, at most one a core
};

/// Exact search: for each query the best points that pass the filter, the best score first and equal scores by id ascending, without the
/// first `offset` of them. Throws Refusal where it is interrupted.
[[nodiscard]] std::vector<std::vector<SearchHit>> search(const Collection& points, const FilterTree& filter, const SearchTask& task,
                                                         const Interrupt& interrupt);

}  // namespace qbatch::local
