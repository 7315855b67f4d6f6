#include "local/vectors_view.hpp"

namespace qbatch::local {

std::span<const float> VectorsView::dense(std::size_t column) const noexcept {
  if (points_ != nullptr) return points_->dense(row_, column);
  if (column >= vectors_->dense.size()) return {};
  return vectors_->dense[column];
}

const SparseVector* VectorsView::sparse(std::size_t column) const noexcept {
  if (points_ != nullptr) return points_->sparse(row_, column);
  return column < vectors_->sparse.size() && vectors_->sparse[column] ? &*vectors_->sparse[column] : nullptr;
}

bool VectorsView::holds(std::string_view name) const noexcept {
  if (const auto column = layout_->denseColumn(name)) return !dense(*column).empty();
  if (const auto column = layout_->sparseColumn(name)) return sparse(*column) != nullptr;
  return false;
}

PointVectors VectorsView::copy() const {
  PointVectors result;
  if (vectors_ != nullptr) {
    result = *vectors_;
    result.dense.resize(layout_->dense.size());
    result.sparse.resize(layout_->sparse.size());
    return result;
  }
  for (std::size_t i = 0; i < layout_->dense.size(); ++i) {
    const auto vector = dense(i);
    result.dense.emplace_back(vector.begin(), vector.end());
  }
  for (std::size_t i = 0; i < layout_->sparse.size(); ++i) {
    const SparseVector* vector = sparse(i);
    result.sparse.push_back(vector == nullptr ? std::nullopt : std::optional(*vector));
  }
  return result;
}

}  // namespace qbatch::local
