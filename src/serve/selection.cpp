#include "serve/selection.hpp"

#include <algorithm>
#include <cmath>

#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/json_tree.hpp"

namespace qbatch::serve {
namespace {

std::vector<local::PayloadPath> pathsOf(Element value) {
  std::vector<local::PayloadPath> paths;
  for (const Element path : arrayOf(value)) paths.push_back(pathOf(path));
  return paths;
}

void appendDense(std::string& out, std::span<const float> vector) {
  out += '[';
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (i > 0) out += ',';
    appendFloatOrNull(out, vector[i]);
  }
  out += ']';
}

void appendSparse(std::string& out, const local::SparseVector& vector) {
  out += "{\"indices\":[";
  for (std::size_t i = 0; i < vector.indices.size(); ++i) {
    if (i > 0) out += ',';
    codec::appendUnsigned(out, vector.indices[i]);
  }
  out += "],\"values\":";
  appendDense(out, vector.values);
  out += '}';
}

}  // namespace

void appendFloatOrNull(std::string& out, float value) {
  if (!std::isfinite(value)) {
    out += "null";
  } else if (value == std::trunc(value) && std::fabs(value) < 1e16F) {
    codec::appendDouble(out, static_cast<double>(value));  // a whole number keeps its ".0"
  } else {
    codec::appendFloat(out, value);
  }
}

Selection::Selection(Object body, bool payloadByDefault) : payload_(payloadByDefault) {
  if (const auto wish = member(body, "with_payload")) readPayload(*wish);
  auto wish = member(body, "with_vector");
  if (!wish) wish = member(body, "with_vectors");
  if (!wish) return;
  vector_ = true;
  if (wish->is_bool()) {
    vector_ = bool(*wish);
  } else if (wish->is_array()) {
    names_.emplace();
    for (const Element name : Array(*wish)) names_->emplace_back(stringOf(name));
  } else {
    throw local::badFormat("data did not match any variant of untagged enum WithVector");
  }
}

void Selection::readPayload(Element wish) {
  payload_ = true;
  if (wish.is_bool()) {
    payload_ = bool(wish);
  } else if (wish.is_array()) {
    include_ = pathsOf(wish);
  } else if (wish.is_object()) {
    const Object object(wish);
    for (const auto part : object) {
      if (part.key != "include" && part.key != "exclude")
        throw local::badFormat("data did not match any variant of untagged enum WithPayloadInterface");
    }
    if (const auto include = member(object, "include")) include_ = pathsOf(*include);
    if (const auto exclude = member(object, "exclude")) exclude_ = pathsOf(*exclude);
  } else {
    throw local::badFormat("data did not match any variant of untagged enum WithPayloadInterface");
  }
}

void Selection::check(const local::VectorLayout& layout) const {
  if (!names_) return;
  for (const std::string& name : *names_) {
    if (!layout.denseColumn(name) && !layout.sparseColumn(name)) throw local::noVectorName(name);
  }
}

void Selection::appendPayload(std::string& out, std::string_view payload) const {
  if (!include_ && exclude_.empty()) {
    out += payload;
    return;
  }
  local::JsonTree tree = local::JsonTree::parse(payload);
  if (include_) tree = local::onlyPaths(tree, *include_);
  if (!exclude_.empty()) tree = local::withoutPaths(tree, exclude_);
  out += tree.text();
}

bool Selection::wanted(const std::string& name) const {
  return !names_ || std::find(names_->begin(), names_->end(), name) != names_->end();
}

void Selection::appendVectors(std::string& out, const local::Collection& points, std::size_t row) const {
  const local::VectorLayout& layout = points.layout();
  std::string named;
  std::size_t shown = 0;
  std::span<const float> unnamed;
  const auto name = [&](const std::string& text) {
    named += shown++ == 0 ? '{' : ',';
    codec::appendString(named, text);
    named += ':';
  };
  for (std::size_t column = 0; column < layout.dense.size(); ++column) {
    const auto vector = points.dense(row, column);
    if (vector.empty() || !wanted(layout.dense[column].name)) continue;
    if (layout.dense[column].name.empty()) unnamed = vector;
    name(layout.dense[column].name);
    appendDense(named, vector);
  }
  for (std::size_t column = 0; column < layout.sparse.size(); ++column) {
    const local::SparseVector* vector = points.sparse(row, column);
    if (vector == nullptr || !wanted(layout.sparse[column])) continue;
    name(layout.sparse[column]);
    appendSparse(named, *vector);
  }
  if (shown == 1 && !unnamed.empty()) {
    named.clear();
    appendDense(named, unnamed);
  } else {
    named += shown == 0 ? "{}" : "}";
  }
  out += named;
}

void Selection::show(std::string& out, const local::Collection& points, std::size_t row, const std::string& more) const {
  out += "{\"id\":";
  appendId(out, points.id(row));
  out += more;
  if (payload_) {
    out += ",\"payload\":";
    appendPayload(out, points.payload(row));
  }
  if (vector_) {
    out += ",\"vector\":";
    appendVectors(out, points, row);
  }
  out += '}';
}

}  // namespace qbatch::serve
