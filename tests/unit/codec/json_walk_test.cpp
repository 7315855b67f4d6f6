#include "codec/json_walk.hpp"

#include <string>
#include <vector>

#include "codec/json_writer.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

TEST_CASE("an object's members come in order, with their places") {
  const std::string_view text = R"( { "a" : 1 , "b\"}" : {"x":[1,"]"],"y":"\\"} ,"":"s, }", "n":null } tail)";
  JsonWalk walk(text);
  const auto first = walk.next();
  REQUIRE(first);
  CHECK(first->name == "a");
  CHECK(first->value == "1");
  CHECK(first->begin == 3);
  CHECK(first->end == 10);
  const auto second = walk.next();
  REQUIRE(second);
  CHECK(second->name == R"(b\"})");
  CHECK(second->value == R"({"x":[1,"]"],"y":"\\"})");
  const auto third = walk.next();
  REQUIRE(third);
  CHECK(third->name.empty());
  CHECK(third->value == R"("s, }")");
  const auto fourth = walk.next();
  REQUIRE(fourth);
  CHECK(fourth->name == "n");
  CHECK(fourth->value == "null");
  CHECK_FALSE(walk.next());
  CHECK_FALSE(walk.next());
}

TEST_CASE("an array's elements come in order") {
  std::vector<std::string> found;
  JsonWalk walk("[1, -2.5e3 ,\"a,b\",[[],{}],{\"k\":[1,2]},true]");
  while (const auto element = walk.next()) {
    CHECK(element->name.empty());
    found.emplace_back(element->value);
  }
  CHECK(found == std::vector<std::string>{"1", "-2.5e3", "\"a,b\"", "[[],{}]", "{\"k\":[1,2]}", "true"});
}

TEST_CASE("empty containers have no entries") {
  for (const char* text : {"{}", "[]", " { } ", "", "[", "{"}) {
    CAPTURE(text);
    JsonWalk walk(text);
    CHECK_FALSE(walk.next());
  }
}

TEST_CASE("escapes are resolved") {
  CHECK(unescape("") == "");
  CHECK(unescape("plain ü") == "plain ü");
  CHECK(unescape(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(unescape(R"(\u0041\u00fC\u20ac\ud83c\uDF0D!)") == "Aü€🌍!");
  CHECK(unescape(R"(\u0000)") == std::string(1, '\0'));
  CHECK(unescape(R"(a\\nb)") == "a\\nb");
}

TEST_CASE("a name means a key however it is escaped") {
  CHECK(nameIs("key", "key"));
  CHECK(nameIs(R"(\u006bey)", "key"));
  CHECK_FALSE(nameIs(R"(\u006bey)", R"(\u006bey)"));
  CHECK_FALSE(nameIs("key", "ke"));
}

TEST_CASE("strings end where they were ended, and escaping is undone, at any length") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  for (std::size_t round = qbatch::test::campaignSize(2000); round > 0; --round) {
    std::string text(random.below(random.chance(80) ? 100 : 3000), ' '), json = "[";
    for (char& c : text) c = "\"\\\n\x01/x"[random.below(random.chance(20) ? 6 : 2)];
    appendString(json, text);
    const auto end = json.size();
    json += ",\"\"]";
    JsonWalk walk(json);
    const auto entry = walk.next();
    REQUIRE(entry);
    REQUIRE(entry->end == end);
    REQUIRE(unescape(entry->value.substr(1, entry->value.size() - 2)) == text);
  }
  CHECK(unescape("a\\") == "a\\");  // no string's body, but no reason to stumble
}
