#include "local/order_value.hpp"

#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "codec/json_writer.hpp"
#include "codec/timestamp.hpp"
#include "local/body_errors.hpp"
#include "local/indexed_values.hpp"
#include "local/payload_reader.hpp"

namespace qbatch::local {
namespace {

using simdjson::dom::element;

constexpr double twoTo63 = 9223372036854775808.0;

std::strong_ordering compare(double a, double b) noexcept {
  return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// Exact: the whole part is compared as an integer, then the fraction decides.
std::strong_ordering compare(std::int64_t a, double b) noexcept {
  if (b >= twoTo63) return std::strong_ordering::less;
  if (b < -twoTo63) return std::strong_ordering::greater;
  const double whole = std::trunc(b);
  if (const auto order = a <=> static_cast<std::int64_t>(whole); order != 0) return order;
  return compare(0.0, b - whole);
}

[[noreturn]] void refuse(std::string_view problem) {
  throw formatRefusal(fmt::format("`order_by` is not valid: {}", problem),
                      "Expected a string, or an object with a key, direction and/or start_from");
}

PayloadPath pathOf(element value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) refuse("its key must be a string");
  auto path = PayloadPath::parse(text);
  if (!path) refuse(fmt::format("`{}` is no payload path; write `a.b`, `a[].b`, and other characters in quotes: `\"a b\".c`", text));
  return std::move(*path);
}

bool isDescending(element value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS && (text == "asc" || text == "desc")) return text == "desc";
  refuse(fmt::format("`direction` is `asc` or `desc`, not {}", simdjson::minify(value)));
}

OrderKey startOf(element value) {
  std::int64_t integer = 0;
  double number = 0;
  std::string_view text;
  if (value.is_int64() && value.get_int64().get(integer) == simdjson::SUCCESS) return OrderKey(integer);
  if (value.is_number() && value.get_double().get(number) == simdjson::SUCCESS) return OrderKey(number);
  if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (const auto time = codec::parseLooseTimestamp(text)) return OrderKey(codec::microsecondsOf(*time));
  }
  refuse(fmt::format("`start_from` is a number or a time such as 2014-01-01T00:00:00Z, not {}", simdjson::minify(value)));
}

std::optional<OrderKey> orderKeyOf(element value, IndexKind kind) {
  std::optional<OrderKey> key;
  double number = 0;
  std::string_view text;
  if (kind == IndexKind::integer) {
    if (const auto integer = indexedInteger(value)) key.emplace(*integer);
  } else if (kind == IndexKind::floating) {
    if (value.is_number() && value.get_double().get(number) == simdjson::SUCCESS) key.emplace(number);
  } else if (kind == IndexKind::datetime && value.get_string().get(text) == simdjson::SUCCESS) {
    if (const auto time = codec::parseLooseTimestamp(text)) key.emplace(codec::microsecondsOf(*time));
  }
  return key;
}

}  // namespace

std::string OrderKey::text() const {
  std::string out;
  if (const auto* integer = std::get_if<std::int64_t>(&value_)) {
    codec::appendInteger(out, *integer);
  } else {
    codec::appendDouble(out, std::get<double>(value_));
  }
  return out;
}

std::strong_ordering OrderKey::operator<=>(const OrderKey& other) const noexcept {
  const auto* a = std::get_if<std::int64_t>(&value_);
  const auto* b = std::get_if<std::int64_t>(&other.value_);
  if (a != nullptr && b != nullptr) return *a <=> *b;
  if (a != nullptr) return compare(*a, *std::get_if<double>(&other.value_));
  if (b != nullptr) return 0 <=> compare(*b, *std::get_if<double>(&value_));
  return compare(*std::get_if<double>(&value_), *std::get_if<double>(&other.value_));
}

bool OrderBy::includes(const OrderKey& value) const noexcept { return !startFrom || !before(value, *startFrom); }

OrderBy parseOrderBy(element value) {
  simdjson::dom::object members;
  if (value.get_object().get(members) != simdjson::SUCCESS) {
    if (!value.is_string()) refuse("it is a key, or an object with `key`, `direction` and `start_from`");
    PayloadPath path = pathOf(value);
    std::string key = path.text();
    return {std::move(path), std::move(key)};
  }
  const auto key = memberOf(members, "key");
  if (!key) refuse("it lacks its `key`");
  OrderBy result{pathOf(*key)};
  result.key = result.path.text();
  for (const auto member : members) {
    if (member.key == "key" || member.value.is_null()) continue;
    if (member.key == "direction") {
      result.descending = isDescending(member.value);
    } else if (member.key == "start_from") {
      result.startFrom = startOf(member.value);
    } else {
      refuse(fmt::format("unknown member `{}`, it has `key`, `direction` and `start_from`", member.key));
    }
  }
  return result;
}

bool ordersPoints(IndexKind kind) noexcept {
  return kind == IndexKind::integer || kind == IndexKind::floating || kind == IndexKind::datetime;
}

std::vector<OrderKey> orderKeys(simdjson::dom::object payload, const OrderBy& orderBy, IndexKind kind) {
  std::vector<OrderKey> keys;
  for (const element value : indexedValues(payload, orderBy.path)) {
    const auto key = orderKeyOf(value, kind);
    if (key && orderBy.includes(*key)) keys.push_back(*key);
  }
  return keys;
}

RequestError noRangeIndex(const OrderBy& orderBy) {
  return inputRefusal(
      fmt::format("points cannot be ordered by `{}`: create a payload index of the kind integer, float or datetime on it", orderBy.key),
      fmt::format(
          "No range index for `order_by` key: `{}`. Please create one to use `order_by`. Check "
          "https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Range conditions",
          orderBy.key));
}

RequestError offsetWithOrderBy() {
  return inputRefusal(
      "`offset` and `order_by` exclude each other: continue with `order_by.start_from`, and leave out by a filter the ids of "
      "that value which were shown",
      "Cannot use an `offset` when using `order_by`. The alternative for paging is to use `order_by.start_from` and a filter "
      "to exclude the IDs that you've already seen for the `order_by.start_from` value");
}

}  // namespace qbatch::local
