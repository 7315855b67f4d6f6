#include "local/point_vectors.hpp"

#include <algorithm>
#include <utility>

namespace qbatch::local {
namespace {

template <typename List, typename Name>
std::optional<std::size_t> columnOf(const List& list, const Name& isNamed) noexcept {
  const auto found = std::find_if(list.begin(), list.end(), isNamed);
  if (found == list.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list.begin());
}

}  // namespace

std::optional<std::size_t> VectorLayout::denseColumn(std::string_view name) const noexcept {
  return columnOf(dense, [name](const DenseParams& params) { return params.name == name; });
}

std::optional<std::size_t> VectorLayout::sparseColumn(std::string_view name) const noexcept {
  return columnOf(sparse, [name](const std::string& known) { return known == name; });
}

PointVectors PointVectors::ofOne(std::size_t column, std::vector<float> vector) {
  PointVectors vectors;
  vectors.dense.resize(column + 1);
  vectors.dense[column] = std::move(vector);
  return vectors;
}

std::size_t PointVectors::bytes() const noexcept {
  std::size_t sum = 0;
  for (const auto& vector : dense) sum += vector.size() * sizeof(float);
  for (const auto& vector : sparse) sum += vector ? vector->indices.size() * (sizeof(std::uint32_t) + sizeof(float)) : 0;
  return sum;
}

}  // namespace qbatch::local
