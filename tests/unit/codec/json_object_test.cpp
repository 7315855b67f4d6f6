#include "codec/json_object.hpp"

#include <limits>
#include <string>

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::codec;

TEST_CASE("an object is read into members in order, names unescaped and values raw") {
  const auto object = JsonObject::parse(R"( {"b": [1, 2], "\u0061\n": "x\u0041", "": null} )");
  REQUIRE(object.members().size() == 3);
  CHECK(object.members()[0].first == "b");
  CHECK(object.members()[1].first == "a\n");
  CHECK(*object.find("b") == "[1,2]");
  CHECK(*object.find("a\n") == R"("x\u0041")");
  CHECK(*object.find("") == "null");
  CHECK(object.find("c") == nullptr);
  CHECK(object.text() == R"({"b":[1,2],"a\n":"x\u0041","":null})");
}

TEST_CASE("of members of one name the last counts") {
  const auto object = JsonObject::parse(R"({"a":1,"b":2,"\u0061":3})");
  CHECK(object.members().size() == 2);
  CHECK(*object.find("a") == "3");
}

TEST_CASE("the empty object is empty") {
  CHECK(JsonObject().empty());
  CHECK(JsonObject().text() == "{}");
  CHECK(JsonObject::parse(" { } ").empty());
  CHECK_FALSE(JsonObject::parse(R"({"a":1})").empty());
}

TEST_CASE("what is valid JSON but no object is refused with its kind and place") {
  try {
    (void)JsonObject::parse("  [1]");
    FAIL("accepted");
  } catch (const ParseError& error) {
    CHECK(std::string(error.what()).find("array") != std::string::npos);
    CHECK(error.offset() == 2);
  }
  CHECK_THROWS_AS(JsonObject::parse("{\"a\":1}}"), ParseError);
  CHECK_THROWS_AS(JsonObject::parse(""), ParseError);
}

TEST_CASE("members are set, replaced in place and erased") {
  JsonObject object;
  object.set("a", "1");
  object.set("quote\"", "\"x\"");
  object.set("c", "[]");
  object.set("a", "{\"n\":2}");
  CHECK(object.text() == R"({"a":{"n":2},"quote\"":"x","c":[]})");
  CHECK(object.erase("quote\""));
  CHECK_FALSE(object.erase("quote\""));
  CHECK(object.text() == R"({"a":{"n":2},"c":[]})");
}

TEST_CASE("checkedJson gives compact text or throws") {
  CHECK(checkedJson(" [ 1 ] ") == "[1]");
  CHECK_THROWS_AS(checkedJson("[1"), ParseError);
}

TEST_CASE("raw values are read by kind") {
  CHECK(stringValue(R"("a\u00fc\n")") == "aü\n");
  CHECK(stringValue("\"\"") == "");
  CHECK(stringValue("1") == std::nullopt);
  CHECK(stringValue("null") == std::nullopt);

  CHECK(integerValue("0") == 0);
  CHECK(integerValue("-0") == 0);
  CHECK(integerValue(" 12 ") == 12);
  CHECK(integerValue("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(integerValue("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"9223372036854775808", "1.0", "1e3", "\"1\"", "true", "null", "", "[1]"}) {
    CAPTURE(text);
    CHECK(integerValue(text) == std::nullopt);
  }

  CHECK(numberValue("1.5") == 1.5);
  CHECK(numberValue("-2") == -2.0);
  CHECK(numberValue("18446744073709551615") == 18446744073709551616.0);
  for (const char* text : {"\"1\"", "true", "null", "[1]", "{}"}) {
    CAPTURE(text);
    CHECK(numberValue(text) == std::nullopt);
  }
}

TEST_CASE("kinds have their names") {
  CHECK(kindName("null") == "null");
  CHECK(kindName("true") == "boolean");
  CHECK(kindName("false") == "boolean");
  CHECK(kindName("-1.5") == "number");
  CHECK(kindName("0") == "number");
  CHECK(kindName("\"\"") == "string");
  CHECK(kindName(" [1]") == "array");
  CHECK(kindName("{}") == "object");
}

TEST_CASE("the empty text of a payload means no members, any other is parsed") {
  CHECK(JsonObject::ofPayload("").empty());
  CHECK(JsonObject::ofPayload(R"({"a":1})").members().size() == 1);
  CHECK_THROWS_AS(JsonObject::ofPayload("[]"), ParseError);
}
