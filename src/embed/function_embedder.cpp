#include "embed/function_embedder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "embed/embed_call.hpp"
#include "qbatch/error.hpp"

namespace qbatch {
namespace embed {

Embedder::Traits FunctionEmbedder::traits() const {
  Traits traits;
  traits.dimension = dimension_;
  traits.maxBatch = 1;
  return traits;
}

std::vector<RowFailure> FunctionEmbedder::embed(std::span<const std::string_view> texts, EmbedRole, MatrixView rows, std::stop_token stop) {
  checkMatrix(texts.size(), dimension_, rows);
  return embedEach(texts.size(), stop, [&](std::size_t row) { return embedOne(texts[row], rows.row(row)); });
}

std::string FunctionEmbedder::embedOne(std::string_view text, std::span<float> row) const {
  std::vector<float> vector;
  try {
    vector = function_(text);
  } catch (const std::exception& error) {
    return fmt::format("the embedding function threw: {}", error.what());
  } catch (...) {
    return "the embedding function threw something that is no std::exception";
  }
  if (vector.size() != row.size())
    return fmt::format("the embedding function returned {} floats; {} are expected", vector.size(), row.size());
  const auto bad = std::find_if_not(vector.begin(), vector.end(), [](float value) { return std::isfinite(value); });
  if (bad != vector.end())
    return fmt::format("the embedding function returned {} as value {}; all must be finite", *bad, bad - vector.begin());
  std::copy(vector.begin(), vector.end(), row.begin());
  return {};
}

}  // namespace embed

std::shared_ptr<Embedder> makeFunctionEmbedder(std::size_t dimension, std::function<std::vector<float>(std::string_view)> function) {
  std::vector<std::string> problems;
  if (dimension == 0) problems.emplace_back("dimension: 0; give the number of floats that the function returns");
  if (!function) problems.emplace_back("function: empty; give a function that embeds one text");
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return std::make_shared<embed::FunctionEmbedder>(dimension, std::move(function));
}

}  // namespace qbatch
