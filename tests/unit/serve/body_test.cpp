#include "serve/body.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using qbatch::test::contains;
using qbatch::test::refused;

namespace {

/// Reads one JSON value; what is refused about it where it is.
template <typename Read>
std::string refusal(const Read& read, const std::string& json) {
  const Body body(json);
  return refused([&] { static_cast<void>(read(body.root())); });
}
template <typename Read>
auto value(const Read& read, const std::string& json) {
  const Body body(json);
  return read(body.root());
}

}  // namespace

TEST_CASE("a body is parsed once, and refused where it is no JSON") {
  const Body body(R"({"a":[1,2]})");
  CHECK(arrayOf(needed(objectOf(body.root()), "a")).size() == 2);
  CHECK(arrayOf(needed(objectOf(body.root()), "a")).size() == 2);
  CHECK(refused([] { static_cast<void>(Body("").root()); }) ==
        "400 Format error in JSON body: EOF while parsing a value at line 1 column 0");
  for (const char* bad : {" ", "{", "[1,]", "nul", "1 2", "\"\xFF\""}) {
    CAPTURE(bad);
    CHECK_THAT(refused([&] { static_cast<void>(Body(bad).root()); }), contains("400 Format error in JSON body"));
  }
  const Body bad("{");
  for (int i = 0; i < 2; ++i) CHECK_THAT(refused([&] { static_cast<void>(bad.root()); }), contains("400"));
}

TEST_CASE("members that are null are absent, and of equal names the last counts") {
  const Body body(R"({"a":1,"b":null,"a":2})");
  const Object object = objectOf(body.root());
  CHECK(sizeOf(*member(object, "a")) == 2);
  CHECK_FALSE(member(object, "b"));
  CHECK_FALSE(member(object, "c"));
  CHECK(refused([&] { static_cast<void>(needed(object, "b")); }) == "400 Format error in JSON body: missing field `b`");
}

TEST_CASE("values of another type are refused with what they are") {
  CHECK_THAT(refusal(objectOf, "[]"), contains("invalid type: sequence, expected a map"));
  CHECK_THAT(refusal(arrayOf, "{}"), contains("invalid type: map, expected a sequence"));
  CHECK_THAT(refusal(stringOf, "1"), contains("invalid type: integer `1`, expected a string"));
  CHECK_THAT(refusal(boolOf, "\"x\""), contains(R"(invalid type: string "x", expected a boolean)"));
  CHECK_THAT(refusal(boolOf, "null"), contains("400 Format error in JSON body: invalid type: null"));
  CHECK(value(boolOf, "true"));
  CHECK(value(stringOf, R"("a\u0000b")").size() == 3);
}

TEST_CASE("sizes are whole and not negative") {
  CHECK(value(sizeOf, "0") == 0);
  CHECK(value(sizeOf, "18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK_THAT(refusal(sizeOf, "-1"), contains("invalid value: integer `-1`, expected usize"));
  for (const char* bad : {"1.0", "1e3", "\"1\"", "true"}) CHECK_THAT(refusal(sizeOf, bad), contains("expected usize"));
}

TEST_CASE("floats take any number, and are infinite beyond their range") {
  CHECK(value(floatOf, "1") == 1.0F);
  CHECK(value(floatOf, "-2.5e-1") == -0.25F);
  CHECK(value(floatOf, "18446744073709551615") == 18446744073709551616.0F);
  CHECK(value(floatOf, "3.4028234e38") == std::numeric_limits<float>::max());
  CHECK(value(floatOf, "1e39") == std::numeric_limits<float>::infinity());
  CHECK(value(floatOf, "-1e39") == -std::numeric_limits<float>::infinity());
  CHECK(value(floatOf, "1e-60") == 0);
  CHECK_THAT(refusal(floatOf, "\"1\""), contains("expected f32"));
  CHECK_THAT(refusal(floatOf, "false"), contains("expected f32"));
}

TEST_CASE("ids are numbers of 64 bits or UUIDs in any form") {
  const PointId uuid = PointId::parse("550e8400-e29b-41d4-a716-446655440000");
  CHECK(value(idOf, "18446744073709551615") == PointId(std::numeric_limits<std::uint64_t>::max()));
  for (const char* text : {"550e8400-e29b-41d4-a716-446655440000", "550E8400E29B41D4A716446655440000"})
    CHECK(value(idOf, '"' + std::string(text) + '"') == uuid);
  CHECK_THAT(refusal(idOf, "-1"), contains("value -1 is not a valid point ID"));
  CHECK_THAT(refusal(idOf, "1.5"), contains("value 1.5 is not a valid point ID"));
  CHECK_THAT(refusal(idOf, "\"7\""), contains("value 7 is not a valid point ID"));
  for (const char* bad : {"\"\"", "null", "[1]", "{}", "18446744073709551616", R"("550e8400-e29b-41d4-a716-44665544000")"})
    CHECK_THAT(refusal(idOf, bad), contains("400 Format error"));
  CHECK(value(idsOf, R"([2,1,2])") == std::vector<PointId>{2, 1, 2});
  CHECK_THAT(refusal(idsOf, "[1,\"x\"]"), contains("value x is not"));
  std::string out;
  appendId(out, 7);
  appendId(out, uuid);
  CHECK(out == R"(7"550e8400-e29b-41d4-a716-446655440000")");
}

TEST_CASE("paths and payloads") {
  CHECK(value(pathOf, R"("a.b[0].c[]")").text() == "a.b[0].c[]");
  CHECK(refusal(pathOf, R"("a..b")") == "400 Format error in JSON body: Invalid json path: 'a..b'");
  CHECK(value(payloadOf, R"({ "a" : [1, 2.50] , "b" : {} })") == R"({"a":[1,2.5],"b":{}})");
  CHECK(value(payloadOf, R"({"a":1,"a":2})") == R"({"a":2})");
  CHECK_THAT(refusal(payloadOf, "[]"), contains("expected a map"));
}

TEST_CASE("a limit is ten where none is given, and never nothing") {
  const auto limit = [](Element body) { return limitOf(objectOf(body), "scroll_request"); };
  CHECK(value(limit, "{}") == 10);
  CHECK(value(limit, R"({"limit":null})") == 10);
  CHECK(value(limit, R"({"limit":3})") == 3);
  CHECK(refusal(limit, R"({"limit":0})") ==
        "422 Validation error in JSON body: [scroll_request.limit: value 0 invalid, must be 1 or larger]");
  CHECK_THAT(refusal(limit, R"({"limit":-3})"), contains("400"));
}
