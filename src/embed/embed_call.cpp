#include "embed/embed_call.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace qbatch::embed {

void checkMatrix(std::size_t texts, std::size_t dimension, const MatrixView& rows) {
  if (rows.rows == texts && rows.columns == dimension) return;
  throw std::invalid_argument(fmt::format("the matrix for {} texts has {} rows of {} floats; it must have {} rows of {}", texts, rows.rows,
                                          rows.columns, texts, dimension));
}

}  // namespace qbatch::embed
