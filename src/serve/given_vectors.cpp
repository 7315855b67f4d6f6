#include "serve/given_vectors.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "local/body_errors.hpp"
#include "local/distance.hpp"

namespace qbatch::serve {
namespace {

using local::badFormat;
using local::SparseVector;

constexpr std::string_view noVector = "data did not match any variant of untagged enum VectorStruct";

std::vector<float> readDense(Array array, std::string_view place) {
  std::vector<float> vector;
  vector.reserve(array.size());
  for (const Element item : array) {
    if (item.is_array()) throw local::unsupportedRefusal("multivectors");
    if (!item.is_number()) throw badFormat(noVector);
    vector.push_back(floatOf(item));
  }
  if (vector.empty()) throw invalid(fmt::format("{}.vector", place), "dense vector must not be empty");
  return vector;
}

/// By ascending index, as the server keeps it.
SparseVector sorted(SparseVector vector) {
  std::vector<std::size_t> order(vector.indices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return vector.indices[a] < vector.indices[b]; });
  SparseVector result;
  for (const std::size_t from : order) {
    result.indices.push_back(vector.indices[from]);
    result.values.push_back(vector.values[from]);
  }
  return result;
}

SparseVector readSparse(Element indices, Element values, std::string_view place) {
  SparseVector vector;
  for (const Element item : arrayOf(indices)) {
    const std::size_t index = sizeOf(item);
    if (index > std::numeric_limits<std::uint32_t>::max()) throw badFormat(fmt::format("invalid value: integer `{}`, expected u32", index));
    vector.indices.push_back(static_cast<std::uint32_t>(index));
  }
  for (const Element item : arrayOf(values)) vector.values.push_back(floatOf(item));
  if (vector.indices.size() != vector.values.size())
    throw invalid(fmt::format("{}.values", place), "Validation error: must be the same length as indices [{}]");
  vector = sorted(std::move(vector));
  if (std::adjacent_find(vector.indices.begin(), vector.indices.end()) != vector.indices.end())
    throw invalid(fmt::format("{}.indices", place), "Validation error: must be unique [{}]");
  return vector;
}

bool isSparse(Object object) { return member(object, "indices") && member(object, "values") && object.size() == 2; }

void checkSize(const local::VectorLayout& layout, const std::string& name, const GivenVector& vector) {
  const auto* dense = std::get_if<std::vector<float>>(&vector);
  if (const auto column = layout.denseColumn(name)) {
    if (dense == nullptr) throw local::wrongInput("Conversion between sparse and regular vectors failed");
    const std::size_t dimension = layout.dense[*column].dimension;
    if (dense->size() != dimension) throw local::wrongDimension(dimension, dense->size());
  } else if (layout.sparseColumn(name) && dense != nullptr) {
    throw local::wrongInput("Conversion between sparse and regular vectors failed");
  }
}

}  // namespace

GivenVector readVector(Element value, std::string_view place) {
  if (value.is_array()) return readDense(Array(value), place);
  if (!value.is_object()) throw badFormat(noVector);
  const Object object(value);
  if (isSparse(object)) return readSparse(needed(object, "indices"), needed(object, "values"), place);
  for (const char* name : {"text", "image", "object", "model"}) {
    if (member(object, name)) throw local::unsupportedRefusal("inference (texts, images or objects in place of vectors)");
  }
  throw badFormat(noVector);
}

GivenVectors readVectors(Element value, std::string_view where) {
  GivenVectors vectors;
  if (value.is_array()) {
    vectors.emplace_back("", readDense(Array(value), where));
    return vectors;
  }
  if (!value.is_object()) throw badFormat(noVector);
  if (const Object object(value); member(object, "text") && member(object, "model")) return {{"", readVector(value, where)}};
  const std::string named = fmt::format("{}.?", where);
  std::map<std::string_view, std::size_t> places;
  for (const auto entry : Object(value)) {
    GivenVector vector = readVector(entry.value, named);
    const auto [place, isNew] = places.emplace(entry.key, vectors.size());
    if (isNew) {
      vectors.emplace_back(std::string(entry.key), std::move(vector));
    } else {
      vectors[place->second].second = std::move(vector);  // of equal names the last counts
    }
  }
  return vectors;
}

void checkSizes(const local::VectorLayout& layout, const GivenVectors& given) {
  for (const auto& [name, vector] : given) checkSize(layout, name, vector);
}

void place(const local::VectorLayout& layout, const GivenVectors& given, local::PointVectors& vectors) {
  vectors.dense.resize(layout.dense.size());
  vectors.sparse.resize(layout.sparse.size());
  for (const auto& [name, vector] : given) {
    if (const auto column = layout.denseColumn(name)) {
      vectors.dense[*column] = local::prepared(layout.dense[*column].distance, std::get<std::vector<float>>(vector));
    } else if (const auto sparse = layout.sparseColumn(name)) {
      vectors.sparse[*sparse] = std::get<SparseVector>(vector);
    } else {
      throw local::noVectorName(name);
    }
  }
}

}  // namespace qbatch::serve
