#include "codec/json_equal.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

namespace qbatch::codec {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

bool equal(const element& a, const element& b);

bool isWhole(const element& value) { return value.type() == element_type::INT64 || value.type() == element_type::UINT64; }
bool isNumber(const element& value) { return isWhole(value) || value.type() == element_type::DOUBLE; }

bool equalNumbers(const element& a, const element& b) {
  // simdjson calls a number UINT64 only where no INT64 can hold it.
  if (isWhole(a) && isWhole(b)) {
    if (a.type() != b.type()) return false;
    return a.type() == element_type::INT64 ? int64_t(a) == int64_t(b) : uint64_t(a) == uint64_t(b);
  }
  const auto asDouble = [](const element& value) {
    if (value.type() == element_type::INT64) return static_cast<double>(int64_t(value));
    return value.type() == element_type::UINT64 ? static_cast<double>(uint64_t(value)) : double(value);
  };
  const double x = asDouble(a), y = asDouble(b);
  constexpr double lastPlaces = 1e-15;
  return x == y || std::abs(x - y) <= lastPlaces * std::max(std::abs(x), std::abs(y));
}

bool equalArrays(const simdjson::dom::array& a, const simdjson::dom::array& b) {
  if (a.size() != b.size()) return false;
  auto other = b.begin();
  return std::all_of(a.begin(), a.end(), [&](const element& value) {
    const element beside = *other;
    ++other;
    return equal(value, beside);
  });
}

// Where a key stands twice the last counts.
std::map<std::string_view, element> membersOf(const simdjson::dom::object& object) {
  std::map<std::string_view, element> members;
  for (const auto& [key, value] : object) members.insert_or_assign(key, value);
  std::erase_if(members, [](const auto& member) { return member.second.is_null(); });
  return members;
}

bool equalObjects(const simdjson::dom::object& a, const simdjson::dom::object& b) {
  const auto one = membersOf(a), other = membersOf(b);
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](const auto& x, const auto& y) { return x.first == y.first && equal(x.second, y.second); });
}

bool equal(const element& a, const element& b) {
  if (isNumber(a) && isNumber(b)) return equalNumbers(a, b);
  if (a.type() != b.type()) return false;
  switch (a.type()) {
    case element_type::OBJECT:
      return equalObjects(a, b);
    case element_type::ARRAY:
      return equalArrays(a, b);
    case element_type::STRING:
      return std::string_view(a) == std::string_view(b);
    case element_type::BOOL:
      return bool(a) == bool(b);
    default:
      return true;  // null
  }
}

}  // namespace

bool jsonEqual(std::string_view a, std::string_view b) {
  if (a == b) return true;
  simdjson::dom::parser one, other;
  element first, second;
  if (one.parse(a.data(), a.size()).get(first) != simdjson::SUCCESS) return false;
  if (other.parse(b.data(), b.size()).get(second) != simdjson::SUCCESS) return false;
  return equal(first, second);
}

}  // namespace qbatch::codec
