#include "metrics/counter_value.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "codec/json_object.hpp"

namespace qbatch::metrics {
namespace {

constexpr std::size_t longestName = 48;

bool isPlain(std::string_view name) noexcept {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

bool isCounterName(std::string_view name) noexcept { return isPlain(name) && name.size() <= longestName && !name.starts_with("_qbatch"); }

// `_qbatch_last` is the stamp, `_qbatch_counter_…` notes a counter.
bool isWriterName(std::string_view name) noexcept { return isPlain(name) && name != "last" && !name.starts_with("counter_"); }

CounterValue counterValue(std::string_view name, const std::string* rawJson) {
  if (rawJson == nullptr || *rawJson == "null") return {};
  const auto whole = codec::integerValue(*rawJson);
  if (whole) return {whole};
  const auto kind = codec::kindName(*rawJson);
  throw CounterProblem(fmt::format("`{}` holds {}, which cannot be counted up: set it to a whole number first", name,
                                   kind == "number" ? fmt::format("the number {}", *rawJson) : fmt::format("a value of kind {}", kind)));
}

std::int64_t counterSum(std::string_view name, CounterValue value, std::int64_t by) {
  const auto count = value.number.value_or(0);
  std::int64_t sum = 0;
  if (__builtin_add_overflow(count, by, &sum) || sum > largestCount || sum < -largestCount) {
    throw CounterProblem(
        fmt::format("`{}` would leave the range of exact counts (2^53): it is {}, and {} was to be added", name, count, by));
  }
  return sum;
}

}  // namespace qbatch::metrics
