#include "local/indexed_values.hpp"

#include "support/catch.hpp"

using namespace qbatch::local;

TEST_CASE("an index looks at values, and at the elements of an array one level down") {
  simdjson::dom::parser parser;
  const auto values = [&](std::string_view path, const std::string& payload) {
    std::string text;
    for (const auto value : indexedValues(parser.parse(payload).get_object().value(), *PayloadPath::parse(path))) {
      text += simdjson::minify(value) + ' ';
    }
    return text;
  };
  CHECK(values("a", R"({"a":1})") == "1 ");
  CHECK(values("a", R"({"a":[1,"x",[2],null]})") == "1 \"x\" [2] null ");
  CHECK(values("a[]", R"({"a":[1,[2,3]]})") == "1 2 3 ");
  CHECK(values("a[].b", R"({"a":[{"b":1},{"b":[2,3]},{}]})") == "1 2 3 ");
  CHECK(values("b", R"({"a":1})").empty());
}

TEST_CASE("an index of whole numbers takes floats without a fraction") {
  simdjson::dom::parser parser;
  const auto integer = [&](const char* json) { return indexedInteger(parser.parse(std::string(json))); };
  CHECK(integer("7") == 7);
  CHECK(integer("-0.0") == 0);
  CHECK(integer("7.0") == 7);
  CHECK(integer("-9223372036854775808") == INT64_MIN);
  CHECK(integer("-9223372036854775808.0") == INT64_MIN);
  CHECK(integer("9223372036854775808") == INT64_MAX);
  for (const auto* none : {"7.5", "\"7\"", "true", "null", "[7]", "1e300", "-1e300", "18446744073709551615"}) CHECK_FALSE(integer(none));
}
