#include "qbatch/payload.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>

#include "codec/json_object.hpp"
#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using qbatch::ParseError;
using qbatch::Payload;
using Value = Payload::Value;

TEST_CASE("the empty payload is the empty object, however it came about") {
  CHECK(Payload().empty());
  CHECK(Payload().json() == "{}");
  CHECK(Payload::parse(" { } ").empty());
  CHECK(Payload::parse("{}") == Payload());
  CHECK_FALSE(Payload{{"a", 1}}.empty());
}

TEST_CASE("members of every kind are written as JSON") {
  const Payload payload{{"text", "a\"ü"}, {"whole", std::int64_t{-3}}, {"real", 2.0}, {"yes", true},
                        {"no", false},    {"none", nullptr},           {"", "empty"}, {"big", std::numeric_limits<std::int64_t>::min()},
                        {"tiny", 1e-300}};
  CHECK(payload.json() ==
        R"({"text":"a\"ü","whole":-3,"real":2.0,"yes":true,"no":false,"none":null,"":"empty","big":-9223372036854775808,"tiny":1e-300})");
}

TEST_CASE("set takes what callers have at hand") {
  Payload payload;
  const std::string text = "t";
  payload.set("literal", "x").set("string", text).set("view", std::string_view("v")).set("moved", std::string("m"));
  payload.set("int", 1).set("unsigned", 2u).set("size", std::size_t{3}).set("char", static_cast<signed char>(-4)).set("flag", true);
  payload.set("double", 0.5).set("float", 0.25F).set("null", nullptr).set("value", Value(std::int64_t{5}));
  CHECK(payload.json() ==
        R"({"literal":"x","string":"t","view":"v","moved":"m","int":1,"unsigned":2,"size":3,"char":-4,"flag":true,"double":0.5,)"
        R"("float":0.25,"null":null,"value":5})");
}

TEST_CASE("a key that is set again takes the new value at its old place") {
  Payload payload{{"a", 1}, {"b", "two"}, {"c", 3}};
  payload.set("b", 2.5).setJson("a", " [ 1 , 2 ] ").set("c", "");
  CHECK(payload.json() == R"({"a":[1,2],"b":2.5,"c":""})");
  payload = Payload::parse(R"({"\u0061":1,"b":{"a":2}})");
  payload.set("a", 9);
  CHECK(payload.json() == R"({"\u0061":9,"b":{"a":2}})");
}

TEST_CASE("integers outside 64 signed bits are refused, not wrapped") {
  Payload payload;
  CHECK_THROWS_AS(payload.set("n", std::numeric_limits<std::uint64_t>::max()), std::out_of_range);
  CHECK(payload.empty());
  payload.set("n", static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  CHECK(payload.json() == R"({"n":9223372036854775807})");
}

TEST_CASE("what JSON cannot hold is refused and changes nothing") {
  Payload payload{{"a", 1}};
  const Payload before = payload;
  CHECK_THROWS_AS(payload.set("a", std::numeric_limits<double>::quiet_NaN()), ParseError);
  CHECK_THROWS_AS(payload.set("a", -std::numeric_limits<double>::infinity()), ParseError);
  CHECK_THROWS_AS(payload.set("k\xFF", 1), ParseError);
  CHECK_THROWS_AS(payload.setJson("k\xFF", "1"), ParseError);
  CHECK_THROWS_AS(payload.setJson("a", "{"), ParseError);
  CHECK_THROWS_AS(payload.setJson("a", ""), ParseError);
  try {
    payload.set("name", "ab\xFF");
    FAIL("accepted");
  } catch (const ParseError& error) {
    CHECK(error.offset() == 2);
    CHECK(std::string(error.what()).find("'name'") != std::string::npos);
  }
  CHECK(payload == before);
}

TEST_CASE("a payload is taken over from JSON text, compact and with the last of repeated keys") {
  CHECK(Payload::parse("{ \"a\" : { \"b\" : [ 1 , 2 ] } , \"t\" : \" x \" }").json() == R"({"a":{"b":[1,2]},"t":" x "})");
  CHECK(Payload::parse(R"({"a":1,"b":2,"a":{"c":1,"c":2}})").json() == R"({"b":2,"a":{"c":2}})");
}

TEST_CASE("text that is no JSON object is refused with what and where") {
  try {
    (void)Payload::parse(" [1]");
    FAIL("accepted");
  } catch (const ParseError& error) {
    CHECK(error.offset() == 1);
    CHECK(std::string(error.what()).find("must be a JSON object, this is of the kind array") != std::string::npos);
  }
  for (const char* text :
       {"", "null", "\"a\"", "1", "{\"a\":1", "{\"a\":NaN}", "{\"a\":1} {}", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "{'a':1}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Payload::parse(text), ParseError);
  }
}

TEST_CASE("127 levels count from the payload itself, also for members that are set") {
  const std::string deepest = std::string(126, '[') + std::string(126, ']');
  Payload payload;
  payload.setJson("a", deepest);
  CHECK(Payload::parse(payload.json()) == payload);
  CHECK_THROWS_AS(payload.setJson("a", "[" + deepest + "]"), ParseError);
  CHECK_THROWS_AS(Payload::parse("{\"a\":[" + deepest + "]}"), ParseError);
}

TEST_CASE("top-level members are read back as values") {
  const auto payload = Payload::parse(
      R"({"null":null,"yes":true,"no":false,"int":-5,"real":1.0,"exp":1e2,"huge":18446744073709551615,"text":"\u00fc\n","list":[1],"map":{"x":1}})");
  CHECK(payload.get("null") == Value(nullptr));
  CHECK(payload.get("yes") == Value(true));
  CHECK(payload.get("no") == Value(false));
  CHECK(payload.get("int") == Value(std::int64_t{-5}));
  CHECK(payload.get("real") == Value(1.0));
  CHECK(payload.get("exp") == Value(100.0));
  CHECK(payload.get("huge") == Value(18446744073709551616.0));
  CHECK(payload.get("text") == Value(std::string("ü\n")));
  CHECK(payload.get("list") == std::nullopt);
  CHECK(payload.get("map") == std::nullopt);
  CHECK(payload.get("x") == std::nullopt);
  CHECK(payload.get("map.x") == std::nullopt);
  CHECK(Payload().get("a") == std::nullopt);
}

TEST_CASE("getJson follows paths, and a key that itself has dots goes first") {
  const auto payload = Payload::parse(R"({"a":{"b":{"c":[1,2]},"x.y":7,"d":"text"},"a.b":"literal","":{"":0}})");
  CHECK(payload.getJson("a.b") == "\"literal\"");
  CHECK(payload.getJson("a.b.c") == "[1,2]");
  CHECK(payload.getJson("a.d") == "\"text\"");
  CHECK(payload.getJson("a.x.y") == "7");
  CHECK(payload.getJson("a") == R"({"b":{"c":[1,2]},"x.y":7,"d":"text"})");
  CHECK(payload.getJson("") == R"({"":0})");
  CHECK(payload.getJson(".") == "0");
  CHECK(payload.getJson("a.d.e") == std::nullopt);
  CHECK(payload.getJson("a.b.c.0") == std::nullopt);
  CHECK(payload.getJson("b") == std::nullopt);
  CHECK(payload.getJson("a.") == std::nullopt);
  CHECK(Payload().getJson("a") == std::nullopt);
}

TEST_CASE("payloads are equal by text") {
  CHECK(Payload{{"a", 1}, {"b", 2}} == Payload::parse(R"({ "a": 1, "b": 2 })"));
  CHECK_FALSE(Payload{{"a", 1}, {"b", 2}} == Payload{{"b", 2}, {"a", 1}});
}

TEST_CASE("any sequence of sets holds what was set last") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<std::string> keys = {"a", "b", "", "k\"", "ü.x", "back\\slash", "line\n"};
  const std::vector<std::string> values = {"1", "\"}\"", "[{\"a\":1},\"]\"]", "{\"b\":\"\\\\\"}", "null", "-2.5"};
  for (int round = 0; round < 300; ++round) {
    Payload payload;
    std::map<std::string, std::string> model;
    for (std::uint64_t i = random() % 12; i > 0; --i) {
      const std::string& key = keys[random() % keys.size()];
      const std::string& value = values[random() % values.size()];
      payload.setJson(key, value);
      model[key] = value;
    }
    CAPTURE(std::string(payload.json()));
    const auto object = qbatch::codec::JsonObject::parse(payload.json());
    const std::map<std::string, std::string> found(object.members().begin(), object.members().end());
    REQUIRE(found == model);
    REQUIRE(object.members().size() == model.size());
    for (const auto& [key, value] : model) {
      if (key.find('.') == std::string::npos) REQUIRE(payload.getJson(key) == value);
    }
  }
}
