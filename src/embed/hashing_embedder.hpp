#pragma once
#include <cstddef>

#include "qbatch/embedder.hpp"

namespace qbatch::embed {

/// Feature hashing (see text_features.hpp and feature_vector.hpp). Both roles are embedded alike: equal texts have equal vectors. Holds
/// no state that changes, so any number of threads may call it. A blank text is a failed row; any other has a vector of length 1.
class HashingEmbedder final : public Embedder {
 public:
  /// `dimension` has been checked.
  explicit HashingEmbedder(std::size_t dimension) noexcept : dimension_(dimension) {}

  [[nodiscard]] Traits traits() const override;
  std::vector<RowFailure> embed(std::span<const std::string_view> texts, EmbedRole role, MatrixView rows, std::stop_token stop) override;

 private:
  std::size_t dimension_;
};

}  // namespace qbatch::embed
