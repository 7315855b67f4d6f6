#include "local/field_index.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "codec/timestamp.hpp"
#include "local/indexed_values.hpp"
#include "local/payload_reader.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;

bool isPlace(element value) {
  simdjson::dom::object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) return false;
  const auto longitude = memberOf(members, "lon"), latitude = memberOf(members, "lat");
  return longitude && latitude && longitude->is_number() && latitude->is_number();
}

/// Of the kinds whose values are not compared for equality.
bool isOfKind(element value, IndexKind kind) {
  std::string_view text;
  switch (kind) {
    case IndexKind::text:
      return value.is_string();
    case IndexKind::floating:
      return value.is_number();
    case IndexKind::datetime:
      return value.get_string().get(text) == simdjson::SUCCESS && codec::parseLooseTimestamp(text);
    case IndexKind::geo:
      return isPlace(value);
    default:
      return false;
  }
}

}  // namespace

void FieldIndex::set(std::size_t row, simdjson::dom::object payload) {
  erase(row);
  std::vector<FacetValue> values;
  if (countsValues(kind_)) {
    values = facetValues(payload, path_, kind_);
    if (values.empty()) return;
  } else {
    const auto found = indexedValues(payload, path_);
    if (std::none_of(found.begin(), found.end(), [this](element value) { return isOfKind(value, kind_); })) return;
  }
  for (const FacetValue& value : values) rowsOfValue_[value].insert(row);
  valuesOfRow_.emplace(row, std::move(values));
}

void FieldIndex::erase(std::size_t row) {
  const auto known = valuesOfRow_.find(row);
  if (known == valuesOfRow_.end()) return;
  for (const FacetValue& value : known->second) {
    const auto rows = rowsOfValue_.find(value);
    rows->second.erase(row);
    if (rows->second.empty()) rowsOfValue_.erase(rows);
  }
  valuesOfRow_.erase(known);
}

const std::set<std::size_t>& FieldIndex::rowsWith(const FacetValue& value) const {
  static const std::set<std::size_t> none;
  const auto found = rowsOfValue_.find(value);
  return found == rowsOfValue_.end() ? none : found->second;
}

const std::vector<FacetValue>& FieldIndex::valuesOf(std::size_t row) const {
  static const std::vector<FacetValue> none;
  const auto found = valuesOfRow_.find(row);
  return found == valuesOfRow_.end() ? none : found->second;
}

}  // namespace qbatch::local
