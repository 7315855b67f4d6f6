#include "local/indexed_values.hpp"

#include <cmath>
#include <limits>

namespace qbatch::local {

using simdjson::dom::element;

std::vector<element> indexedValues(simdjson::dom::object payload, const PayloadPath& path) {
  std::vector<element> ends, values;
  path.collect(payload, ends);
  for (const element end : ends) {
    simdjson::dom::array array;
    if (end.get_array().get(array) != simdjson::SUCCESS) {
      values.push_back(end);
    } else {
      for (const element item : array) values.push_back(item);
    }
  }
  return values;
}

std::optional<std::int64_t> indexedInteger(element value) {
  constexpr double twoTo63 = 9223372036854775808.0;
  std::int64_t integer = 0;
  double number = 0;
  if (value.is_int64() && value.get_int64().get(integer) == simdjson::SUCCESS) return integer;
  if (!value.is_number() || value.get_double().get(number) != simdjson::SUCCESS) return std::nullopt;
  if (number == twoTo63) return std::numeric_limits<std::int64_t>::max();  // as the server rounds
  if (number < -twoTo63 || number > twoTo63 || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace qbatch::local
