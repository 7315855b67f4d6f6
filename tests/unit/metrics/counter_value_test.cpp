#include "metrics/counter_value.hpp"

#include "support/catch.hpp"

using namespace qbatch::metrics;
using Catch::Matchers::Equals;

namespace {
constexpr std::int64_t largest = std::int64_t{1} << 53;

CounterValue valueOf(const std::string& raw) { return counterValue("n", &raw); }
}  // namespace

TEST_CASE("a count is a whole number, and what is absent or null counts as 0", "[metrics]") {
  CHECK(valueOf("7").number == 7);
  CHECK(valueOf("-7").number == -7);
  CHECK(valueOf("0").number == 0);
  CHECK_FALSE(valueOf("null").number);
  CHECK_FALSE(counterValue("n", nullptr).number);
  CHECK(counterSum("n", {}, 3) == 3);
  CHECK(counterSum("n", {4}, -6) == -2);
}

TEST_CASE("anything else that a counter holds is refused by its kind", "[metrics]") {
  const auto words = [](const std::string& what) {
    return "`n` holds " + what + ", which cannot be counted up: set it to a whole number first";
  };
  CHECK_THROWS_WITH(valueOf("1.0"), Equals(words("the number 1.0")));
  CHECK_THROWS_WITH(valueOf("1e3"), Equals(words("the number 1e3")));
  CHECK_THROWS_WITH(valueOf("9223372036854775808"), Equals(words("the number 9223372036854775808")));
  CHECK_THROWS_WITH(valueOf("\"1\""), Equals(words("a value of kind string")));
  CHECK_THROWS_WITH(valueOf("true"), Equals(words("a value of kind boolean")));
  CHECK_THROWS_WITH(valueOf("[]"), Equals(words("a value of kind array")));
  CHECK_THROWS_WITH(valueOf("{}"), Equals(words("a value of kind object")));
}

TEST_CASE("a sum may reach 2^53 either way and not pass it", "[metrics]") {
  CHECK(counterSum("n", {largest - 1}, 1) == largest);
  CHECK(counterSum("n", {1 - largest}, -1) == -largest);
  CHECK_THROWS_WITH(counterSum("n", {largest}, 1),
                    Equals("`n` would leave the range of exact counts (2^53): it is 9007199254740992, and 1 was to be added"));
  CHECK_THROWS_AS(counterSum("n", {-largest}, -1), CounterProblem);
  CHECK_THROWS_AS(counterSum("n", {INT64_MAX}, largest), CounterProblem);
  CHECK_THROWS_AS(counterSum("n", {INT64_MIN}, -largest), CounterProblem);
}

TEST_CASE("counters' names are 1 to 48 letters, digits and underscores, not qbatch's own", "[metrics]") {
  CHECK(isCounterName("usage_count"));
  CHECK(isCounterName("9"));
  CHECK(isCounterName(std::string(48, 'a')));
  CHECK_FALSE(isCounterName(std::string(49, 'a')));
  for (const auto* name : {"", "a.b", "a-b", "a b", "\xC3\xA4", "_qbatch", "_qbatch_x", "a[]"}) CHECK_FALSE(isCounterName(name));
}
