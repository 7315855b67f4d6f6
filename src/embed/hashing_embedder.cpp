#include "embed/hashing_embedder.hpp"

#include <fmt/format.h>

#include "embed/embed_call.hpp"
#include "embed/feature_vector.hpp"
#include "embed/text_features.hpp"
#include "qbatch/error.hpp"

namespace qbatch {
namespace embed {
namespace {

constexpr std::size_t smallestDimension = 16;
constexpr std::size_t largestDimension = 65536;

}  // namespace

Embedder::Traits HashingEmbedder::traits() const {
  Traits traits;
  traits.dimension = dimension_;
  traits.identity = fmt::format("hashing:{}:v1", dimension_);
  return traits;
}

std::vector<RowFailure> HashingEmbedder::embed(std::span<const std::string_view> texts, EmbedRole, MatrixView rows, std::stop_token stop) {
  checkMatrix(texts.size(), dimension_, rows);
  FeatureVector features(dimension_);
  return embedEach(texts.size(), stop, [&](std::size_t row) -> std::string {
    features.clear();
    addTextFeatures(texts[row], features);
    return features.write(rows.row(row)) ? "" : "the text is blank: the hashing embedder needs at least one visible character";
  });
}

}  // namespace embed

std::shared_ptr<Embedder> makeHashingEmbedder(HashingEmbedderOptions options) {
  if (options.dimension < embed::smallestDimension || options.dimension > embed::largestDimension) {
    throw ConfigError(
        {fmt::format("dimension: {} is not within {} and {}", options.dimension, embed::smallestDimension, embed::largestDimension)});
  }
  return std::make_shared<embed::HashingEmbedder>(options.dimension);
}

}  // namespace qbatch
