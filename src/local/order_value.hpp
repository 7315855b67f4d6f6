#pragma once
#include <simdjson.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "local/index_kind.hpp"
#include "local/payload_path.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {

/// One value that points are ordered by: a whole number, or a float that is not NaN. Times are microseconds since 1970. Whole numbers and
/// floats compare exactly.
class OrderKey {
 public:
  explicit OrderKey(std::int64_t value) noexcept : value_(value) {}
  explicit OrderKey(double value) noexcept : value_(value) {}

  /// What stands as `order_value` in an answer: JSON.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::strong_ordering operator<=>(const OrderKey& other) const noexcept;
  [[nodiscard]] bool operator==(const OrderKey& other) const noexcept { return *this <=> other == std::strong_ordering::equal; }

 private:
  std::variant<std::int64_t, double> value_;
};

/// `order_by` of a scroll.
struct OrderBy {
  PayloadPath path;
  std::string key{};  ///< as PayloadPath::text() writes the path
  bool descending = false;
  std::optional<OrderKey> startFrom{};

  /// True where a point stands in the order because of this value: not before startFrom.
  [[nodiscard]] bool includes(const OrderKey& value) const noexcept;
  /// True where `a` comes before `b`.
  [[nodiscard]] bool before(const OrderKey& a, const OrderKey& b) const noexcept { return descending ? b < a : a < b; }
};

/// A key, or an object with `key`, `direction` (asc or desc) and `start_from` (a number or a time). Throws RequestError (400).
[[nodiscard]] OrderBy parseOrderBy(simdjson::dom::element value);

/// True for the kinds of indexes that order points: integer, float, datetime.
[[nodiscard]] bool ordersPoints(IndexKind kind) noexcept;
/// The values of the field from startFrom on, in the order in which they stand in the payload; one that stands twice is there twice. Empty
/// where there is none of the index's kind. An integer index takes floats without a fraction, too.
[[nodiscard]] std::vector<OrderKey> orderKeys(simdjson::dom::object payload, const OrderBy& orderBy, IndexKind kind);

/// 400: no index that orders points is on the key.
[[nodiscard]] RequestError noRangeIndex(const OrderBy& orderBy);
/// 400: `offset` and `order_by` stand in one request.
[[nodiscard]] RequestError offsetWithOrderBy();

}  // namespace qbatch::local
