#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/backend.hpp"

namespace qbatch::local {

/// A vector that names only its values other than zero. Indices ascend, each with one value.
struct SparseVector {
  std::vector<std::uint32_t> indices{};
  std::vector<float> values{};
  bool operator==(const SparseVector&) const = default;
};

/// One dense vector of each point of a collection.
struct DenseParams {
  std::string name{};  ///< empty: the unnamed vector
  std::size_t dimension{};
  Distance distance = Distance::cosine;
  bool operator==(const DenseParams&) const = default;
};

/// Which vectors the points of a collection may have. A vector's place in its list is its column.
struct VectorLayout {
  std::vector<DenseParams> dense{};
  std::vector<std::string> sparse{};  ///< names
  bool operator==(const VectorLayout&) const = default;

  [[nodiscard]] std::optional<std::size_t> denseColumn(std::string_view name) const noexcept;
  [[nodiscard]] std::optional<std::size_t> sparseColumn(std::string_view name) const noexcept;
};

/// A point's vectors by column. An empty dense vector stands for one that the point lacks; a list may be shorter than the layout's.
struct PointVectors {
  std::vector<std::vector<float>> dense{};
  std::vector<std::optional<SparseVector>> sparse{};

  [[nodiscard]] static PointVectors ofOne(std::size_t column, std::vector<float> vector);
  /// The bytes that it takes in memory and, about, in the file.
  [[nodiscard]] std::size_t bytes() const noexcept;
};

}  // namespace qbatch::local
