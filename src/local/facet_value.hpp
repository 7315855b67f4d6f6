#pragma once
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "local/index_kind.hpp"
#include "local/payload_path.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {

/// A value that points are counted by. UUIDs are texts in their usual form.
using FacetValue = std::variant<bool, std::int64_t, std::string>;

/// JSON text.
[[nodiscard]] std::string textOf(const FacetValue& value);

/// True for the kinds of indexes that facets need: keyword, integer, bool, uuid.
[[nodiscard]] bool countsValues(IndexKind kind) noexcept;
/// The different values of the field that are of the index's kind, in order.
[[nodiscard]] std::vector<FacetValue> facetValues(simdjson::dom::object payload, const PayloadPath& path, IndexKind kind);

struct FacetHit {
  FacetValue value{};
  std::size_t count{};
};

/// How many points have each value.
class FacetCounts {
 public:
  /// What facetValues gave for one more point.
  void add(const std::vector<FacetValue>& values);
  /// The `limit` values that most points have, those first; of equal counts the lesser value comes first, and false before true.
  [[nodiscard]] std::vector<FacetHit> top(std::size_t limit) const;

 private:
  std::map<FacetValue, std::size_t> counts_;
};

/// 400: no index that facets can use is on the key.
[[nodiscard]] RequestError noFacetIndex(const PayloadPath& key);

}  // namespace qbatch::local
