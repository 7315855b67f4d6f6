#include "local/facet_value.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>

#include "codec/json_writer.hpp"
#include "local/body_errors.hpp"
#include "local/indexed_values.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;

std::optional<FacetValue> uuidOf(std::string_view text) {
  try {
    const PointId id = PointId::parse(text);
    if (!id.isNumber()) return id.toString();
  } catch (const ParseError&) {  // no UUID, so nothing that the index keeps
  }
  return std::nullopt;
}

std::optional<FacetValue> facetValueOf(element value, IndexKind kind) {
  std::string_view text;
  bool flag = false;
  if (kind == IndexKind::integer) {
    if (const auto integer = indexedInteger(value)) return *integer;
  } else if (kind == IndexKind::boolean) {
    if (value.get_bool().get(flag) == simdjson::SUCCESS) return flag;
  } else if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (kind == IndexKind::keyword) return std::string(text);
    if (kind == IndexKind::uuid) return uuidOf(text);
  }
  return std::nullopt;
}

}  // namespace

std::string textOf(const FacetValue& value) {
  std::string out;
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    codec::appendInteger(out, *integer);
  } else {
    codec::appendString(out, std::get<std::string>(value));
  }
  return out;
}

bool countsValues(IndexKind kind) noexcept {
  return kind == IndexKind::keyword || kind == IndexKind::integer || kind == IndexKind::boolean || kind == IndexKind::uuid;
}

std::vector<FacetValue> facetValues(simdjson::dom::object payload, const PayloadPath& path, IndexKind kind) {
  std::set<FacetValue> values;
  for (const element value : indexedValues(payload, path)) {
    if (auto one = facetValueOf(value, kind)) values.insert(std::move(*one));
  }
  return {values.begin(), values.end()};
}

void FacetCounts::add(const std::vector<FacetValue>& values) {
  for (const FacetValue& value : values) ++counts_[value];
}

std::vector<FacetHit> FacetCounts::top(std::size_t limit) const {
  std::vector<FacetHit> hits;
  hits.reserve(counts_.size());
  for (const auto& [value, count] : counts_) hits.push_back({value, count});
  // They stand in the order of their values, and a stable sort leaves equal counts so.
  std::stable_sort(hits.begin(), hits.end(), [](const FacetHit& a, const FacetHit& b) { return a.count > b.count; });
  if (hits.size() > limit) hits.resize(limit);
  return hits;
}

RequestError noFacetIndex(const PayloadPath& key) {
  const std::string text = key.text();
  return inputRefusal(
      fmt::format("the values of `{}` cannot be counted: create a payload index of the kind keyword, integer, bool or uuid on it", text),
      fmt::format(
          "No appropriate index for faceting: `{}`. Please create one to facet on this field. Check "
          "https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Match conditions",
          text));
}

}  // namespace qbatch::local
