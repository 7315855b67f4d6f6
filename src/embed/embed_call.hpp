#pragma once
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "qbatch/embedder.hpp"

namespace qbatch::embed {

/// Throws std::invalid_argument where the matrix does not have a row a text, of `dimension` columns.
void checkMatrix(std::size_t texts, std::size_t dimension, const MatrixView& rows);

/// Calls embedOne(row) for each of `texts` rows in turn; it returns a reason where the row failed, else an empty string. Asks `stop`
/// before each, and names the rows that are left when it was requested.
template <class EmbedOne>
[[nodiscard]] std::vector<RowFailure> embedEach(std::size_t texts, const std::stop_token& stop, EmbedOne&& embedOne) {
  std::vector<RowFailure> failures;
  for (std::size_t row = 0; row < texts; ++row) {
    std::string reason = stop.stop_requested() ? std::string("the call was stopped before this text was embedded") : embedOne(row);
    if (!reason.empty()) failures.push_back({row, std::move(reason)});
  }
  return failures;
}

}  // namespace qbatch::embed
