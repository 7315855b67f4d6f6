#include "support/fake_qdrant_selection.hpp"

#include <algorithm>
#include <cmath>

#include "codec/json_writer.hpp"

namespace qbatch::test::fake {
namespace {

std::vector<PayloadPath> pathsOf(Element value) {
  std::vector<PayloadPath> paths;
  for (const Element path : arrayOf(value)) paths.push_back(pathOf(path));
  return paths;
}

void appendVector(std::string& out, const std::vector<float>& vector) {
  out += '[';
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (i > 0) out += ',';
    appendFloatOrNull(out, vector[i]);
  }
  out += ']';
}

}  // namespace

void appendFloatOrNull(std::string& out, float value) {
  if (std::isfinite(value)) {
    codec::appendFloat(out, value);
  } else {
    out += "null";
  }
}

Selection::Selection(Object body, bool payloadByDefault) : payload_(payloadByDefault) {
  if (const auto wish = member(body, "with_payload")) {
    payload_ = true;
    if (wish->is_bool()) {
      payload_ = bool(*wish);
    } else if (wish->is_array()) {
      include_ = pathsOf(*wish);
    } else {
      const Object object = objectOf(*wish);
      if (const auto include = member(object, "include")) include_ = pathsOf(*include);
      if (const auto exclude = member(object, "exclude")) exclude_ = pathsOf(*exclude);
    }
  }
  if (const auto wish = member(body, "with_vector")) {
    vector_ = true;
    if (wish->is_bool()) {
      vector_ = bool(*wish);
    } else {
      names_.emplace();
      for (const Element name : arrayOf(*wish)) names_->push_back(stringOf(name));
    }
  }
}

Selection Selection::all() {
  Selection selection;
  selection.vector_ = true;
  return selection;
}

std::string Selection::payloadText(const Point& point) const {
  if (!include_ && exclude_.empty()) return point.payloadText;
  return (include_ ? local::onlyPaths(point.payload, *include_) : local::withoutPaths(point.payload, exclude_)).text();
}

std::string Selection::vectorText(const Point& point) const {
  std::string out;
  if (const auto unnamed = point.vectors.find(""); unnamed != point.vectors.end()) {
    appendVector(out, unnamed->second);
    return out;
  }
  out += '{';
  for (const auto& [name, vector] : point.vectors) {
    if (names_ && std::find(names_->begin(), names_->end(), name) == names_->end()) continue;
    if (out.size() > 1) out += ',';
    codec::appendString(out, name);
    out += ':';
    appendVector(out, vector);
  }
  return out + '}';
}

std::string Selection::show(const PointId& id, const Point& point, const std::string& score) const {
  std::string out = "{\"id\":" + idText(id);
  if (!score.empty()) out += score;
  if (payload_) out += ",\"payload\":" + payloadText(point);
  if (vector_) out += ",\"vector\":" + vectorText(point);
  return out + '}';
}

}  // namespace qbatch::test::fake
