#pragma once
#include <cstddef>
#include <span>
#include <string_view>

#include "local/collection.hpp"
#include "local/point_vectors.hpp"

namespace qbatch::local {

/// The vectors of one point, wherever they are kept. As short-lived as what it was made from.
class VectorsView {
 public:
  VectorsView(const VectorLayout& layout, const PointVectors& vectors) : layout_(&layout), vectors_(&vectors) {}
  VectorsView(const Collection& points, std::size_t row) : layout_(&points.layout()), points_(&points), row_(row) {}

  [[nodiscard]] const VectorLayout& layout() const noexcept { return *layout_; }
  /// Empty where the point lacks this vector.
  [[nodiscard]] std::span<const float> dense(std::size_t column) const noexcept;
  /// nullptr where the point lacks this vector.
  [[nodiscard]] const SparseVector* sparse(std::size_t column) const noexcept;
  [[nodiscard]] bool holds(std::string_view name) const noexcept;
  /// With a place for each vector of the layout.
  [[nodiscard]] PointVectors copy() const;

 private:
  const VectorLayout* layout_;
  const PointVectors* vectors_ = nullptr;
  const Collection* points_ = nullptr;
  std::size_t row_ = 0;
};

}  // namespace qbatch::local
