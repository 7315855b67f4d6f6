#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/embedder.hpp"

namespace qbatch::embed {

/// Wraps a function that embeds one text. What it throws and a vector that is none fail that text alone.
class FunctionEmbedder final : public Embedder {
 public:
  using Function = std::function<std::vector<float>(std::string_view)>;
  /// `dimension` is at least 1, and `function` not empty.
  FunctionEmbedder(std::size_t dimension, Function function) : dimension_(dimension), function_(std::move(function)) {}

  /// One text a call: a slow function then keeps every pool thread at work to the end, and a stop is seen after one text.
  [[nodiscard]] Traits traits() const override;
  std::vector<RowFailure> embed(std::span<const std::string_view> texts, EmbedRole role, MatrixView rows, std::stop_token stop) override;

 private:
  [[nodiscard]] std::string embedOne(std::string_view text, std::span<float> row) const;

  std::size_t dimension_;
  Function function_;
};

}  // namespace qbatch::embed
