#pragma once
#include <simdjson.h>

#include <cstddef>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "local/facet_value.hpp"
#include "local/index_kind.hpp"
#include "local/payload_path.hpp"

namespace qbatch::local {

/// Which rows of a collection hold which values of one payload field: those of one kind, alone or in an array. Values are known for the
/// kinds that are compared for equality (keyword, integer, bool, uuid); of the others only which rows have any.
class FieldIndex {
 public:
  FieldIndex(PayloadPath path, IndexKind kind) : path_(std::move(path)), kind_(kind) {}

  [[nodiscard]] IndexKind kind() const noexcept { return kind_; }
  /// What `payload` holds in place of what the row held before.
  void set(std::size_t row, simdjson::dom::object payload);
  void erase(std::size_t row);

  /// How many rows hold a value of the kind.
  [[nodiscard]] std::size_t size() const noexcept { return valuesOfRow_.size(); }
  /// The rows that hold the value.
  [[nodiscard]] const std::set<std::size_t>& rowsWith(const FacetValue& value) const;
  /// What a row holds, each value once.
  [[nodiscard]] const std::vector<FacetValue>& valuesOf(std::size_t row) const;

 private:
  PayloadPath path_;
  IndexKind kind_;
  std::map<FacetValue, std::set<std::size_t>> rowsOfValue_;
  std::unordered_map<std::size_t, std::vector<FacetValue>> valuesOfRow_;
};

}  // namespace qbatch::local
