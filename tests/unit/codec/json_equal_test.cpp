#include "codec/json_equal.hpp"

#include <string>

#include "support/catch.hpp"

using qbatch::codec::jsonEqual;

namespace {

/// Equality has no side.
bool same(std::string_view a, std::string_view b) {
  const bool result = jsonEqual(a, b);
  CHECK(jsonEqual(b, a) == result);
  CHECK(jsonEqual(a, a));
  return result;
}

}  // namespace

TEST_CASE("json_equal: values of every kind are equal to themselves, however they are written", "[codec]") {
  for (const auto* value : {"null", "true", "false", "0", "-7", "1.5", R"("")", R"("größe")", "[]", "{}", R"([1,"a",null,{"b":[]}])"}) {
    CAPTURE(value);
    CHECK(same(value, value));
    CHECK(same(value, ' ' + std::string(value) + "\n"));
  }
  CHECK(same(R"("a\u00e9\n")", "\"aé\\u000a\""));
  CHECK(same(R"({"a":[1,{"b":2}]})", R"({ "a" : [ 1 , { "b" : 2 } ] })"));
}

TEST_CASE("json_equal: values of different kinds differ, even where they look alike", "[codec]") {
  const char* values[] = {"null", "true", "false", "0", "1", R"("")", R"("1")", R"("null")", "[]", "[1]", "{}", R"({"a":1})"};
  for (const auto* a : values) {
    for (const auto* b : values) {
      CAPTURE(a, b);
      CHECK(same(a, b) == (a == b));
    }
  }
}

TEST_CASE("json_equal: members in any order, elements in theirs", "[codec]") {
  CHECK(same(R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"d":3,"c":2},"a":1})"));
  CHECK_FALSE(same(R"({"a":1,"b":2})", R"({"a":2,"b":1})"));
  CHECK_FALSE(same(R"({"a":1})", R"({"A":1})"));
  CHECK_FALSE(same(R"({"a":1})", R"({"a":1,"b":2})"));
  CHECK_FALSE(same("[1,2]", "[2,1]"));
  CHECK_FALSE(same("[1,2]", "[1,2,3]"));
  CHECK_FALSE(same(R"([{"a":1}])", R"([{"a":2}])"));
}

TEST_CASE("json_equal: a null member is like an absent one, a null element is not", "[codec]") {
  CHECK(same(R"({"a":1,"b":null})", R"({"a":1})"));
  CHECK(same(R"({"a":{"b":null}})", R"({"a":{}})"));
  CHECK_FALSE(same(R"({"a":null})", R"({"a":0})"));
  CHECK_FALSE(same(R"({"a":{}})", "{}"));
  CHECK_FALSE(same("[1,null]", "[1]"));
  CHECK_FALSE(same("null", "{}"));
}

TEST_CASE("json_equal: where a key stands twice the last counts", "[codec]") {
  CHECK(same(R"({"a":1,"a":2})", R"({"a":2})"));
  CHECK_FALSE(same(R"({"a":1,"a":2})", R"({"a":1})"));
  CHECK(same(R"({"a":1,"a":null})", "{}"));
}

TEST_CASE("json_equal: numbers are equal within a few last places", "[codec]") {
  CHECK(same("0.1", "0.10000000000000001"));
  CHECK(same("0.3", "0.30000000000000004"));  // one place off, as a server may read it
  CHECK(same("1e2", "100"));
  CHECK(same("1.0", "1"));
  CHECK(same("0", "-0.0"));
  CHECK(same("-2.5", "-2.50"));
  CHECK(same("1e300", "1.0000000000000001e300"));
  CHECK_FALSE(same("0.3", "0.30000000000001"));
  CHECK_FALSE(same("1.5", "-1.5"));
  CHECK_FALSE(same("0", "1e-300"));
  CHECK_FALSE(same("1e-300", "2e-300"));
}

TEST_CASE("json_equal: whole numbers are equal exactly", "[codec]") {
  CHECK_FALSE(same("9007199254740992", "9007199254740993"));  // the same double
  CHECK_FALSE(same("9223372036854775807", "9223372036854775806"));
  CHECK_FALSE(same("9223372036854775807", "9223372036854775808"));
  CHECK_FALSE(same("18446744073709551615", "18446744073709551614"));
  CHECK(same("18446744073709551615", "18446744073709551615 "));
  CHECK(same("18446744073709551615", "1.8446744073709552e19"));
  CHECK_FALSE(same("-1", "18446744073709551615"));
}

TEST_CASE("json_equal: what is no JSON is equal to itself alone", "[codec]") {
  CHECK(same("", ""));
  CHECK(same("nonsense", "nonsense"));
  CHECK_FALSE(same("nonsense", "nonsense "));
  CHECK_FALSE(same("", "{}"));
  CHECK_FALSE(same("{\"a\":1", R"({"a":1})"));
  CHECK_FALSE(same(R"({"a":1}x)", R"({"a":1})"));
}
