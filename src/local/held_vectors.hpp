#pragma once
#include <string_view>

#include "local/filter_tree.hpp"
#include "local/vectors_view.hpp"

namespace qbatch::local {

/// Tells a filter which vectors a point has.
class HeldVectorsOf final : public HeldVectors {
 public:
  explicit HeldVectorsOf(const VectorsView& vectors) : vectors_(vectors) {}
  [[nodiscard]] bool holds(std::string_view name) const override { return vectors_.holds(name); }

 private:
  const VectorsView& vectors_;
};

}  // namespace qbatch::local
