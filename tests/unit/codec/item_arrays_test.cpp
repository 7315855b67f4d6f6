#include "codec/item_arrays.hpp"

#include <random>
#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/mutation.hpp"
#include "support/seed.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::codec;
using qbatch::test::contains;

TEST_CASE("an array of patterns is read in order") {
  const auto parsed = readPatterns(R"( [ {"description":"a","vector":[1,2]} , {"code":"b","id":7,"metadata":{"k":[1]}} ] )", anyNumber);
  REQUIRE(parsed.items.size() == 2);
  CHECK(parsed.refused.empty());
  CHECK(parsed.size() == 2);
  CHECK(parsed.items[0].vector == std::vector<float>{1, 2});
  CHECK(parsed.items[1].metadata.json() == R"({"k":[1]})");
  CHECK(parsed.items[1].id == PointId(7));
  CHECK(readPatterns("[]", anyNumber).size() == 0);
}

TEST_CASE("what is no item is put aside as it was given, and does not block the others") {
  const auto parsed =
      readPatterns(R"([{"description":"a"},{"description":5},17,{"unknown":[1,"]"]},{"description":"b"}, null])", anyNumber);
  REQUIRE(parsed.items.size() == 2);
  CHECK(parsed.items[1].description == "b");
  REQUIRE(parsed.refused.size() == 4);
  CHECK(parsed.refused[0].index == 1);
  CHECK(parsed.refused[0].json == R"({"description":5})");
  CHECK(parsed.refused[0].reason == "\"description\" must be a string, and is a number");
  CHECK(parsed.refused[1].index == 2);
  CHECK(parsed.refused[1].json == "17");
  CHECK(parsed.refused[2].json == R"({"unknown":[1,"]"]})");
  CHECK(parsed.refused[3].index == 5);
  CHECK(parsed.size() == 6);
}

TEST_CASE("updates and queries are read, and a query may be a text alone") {
  const auto updates = readMetricUpdates(R"([{"id":1,"increment_usage":true},{"success_rate":1}])", anyNumber);
  REQUIRE(updates.items.size() == 1);
  CHECK(updates.items[0].incrementUsage == 1);
  CHECK_THAT(updates.refused.at(0).reason, contains("\"id\" is missing"));
  const auto queries = readQueries(R"(["one \"1\" \u00e4",{"text":"two"},{"vector":[1]}])", anyNumber);
  REQUIRE(queries.items.size() == 3);
  CHECK(queries.items[0].text == "one \"1\" \u00e4");
  CHECK(queries.items[1].text == "two");
  CHECK(queries.items[2].vector == std::vector<float>{1});
  const auto some = readQueries(R"(["one \"1\" \u00e4",["two"],"three"])", anyNumber);
  REQUIRE(some.items.size() == 2);
  CHECK(some.items[0].text == "one \"1\" \u00e4");
  CHECK(some.items[1].text == "three");
  CHECK(some.refused.at(0).index == 1);
}

TEST_CASE("what is no JSON array is refused with the place") {
  for (const std::string text : {"", " ", "{}", "null", "\"[]\"", "[1", "[{}]]", "[{}] x", "[{\"description\":\"a\"},]", "[\"\\q\"]"}) {
    INFO(text);
    CHECK_THROWS_AS(readPatterns(text, anyNumber), ParseError);
    CHECK_THROWS_AS(readQueries(text, anyNumber), ParseError);
    CHECK_THROWS_AS(readMetricUpdates(text, anyNumber), ParseError);
  }
  try {
    (void)readPatterns(R"([{"description":"a"} {}])", anyNumber);
    FAIL("accepted");
  } catch (const ParseError& error) {
    CHECK(error.offset() == 21);
  }
  CHECK_THROWS_AS(readPatterns(std::string(200, '[') + std::string(200, ']'), anyNumber), ParseError);
}

// The quick way and the way item by item must say the same.
TEST_CASE("one bad element changes nothing for the others") {
  const auto seed = test::seed();
  CAPTURE(seed);
  test::Random random(seed);
  const std::vector<std::string> good = {R"({"description":"a"})", R"({"code":"x","vector":[1,2.5]})", R"({"metadata":{"a":"]"},"id":3})"};
  for (int round = 0; round < 200; ++round) {
    std::string array = "[", withBad = "[";
    const auto count = 1 + random.below(6);
    const auto bad = random.below(count + 1);
    for (std::size_t i = 0; i <= count; ++i) {
      if (i == bad) {
        withBad += withBad.back() == '[' ? "[]" : ",[]";
        continue;
      }
      const auto& element = good[random.below(good.size())];
      array += (array.back() == '[' ? "" : ",") + element;
      withBad += (withBad.back() == '[' ? "" : ",") + element;
    }
    const auto all = readPatterns(array + "]", anyNumber), some = readPatterns(withBad + "]", anyNumber);
    REQUIRE(some.items.size() == all.items.size());
    REQUIRE(some.refused.size() == 1);
    CHECK(some.refused[0].index == bad);
    for (std::size_t i = 0; i < all.items.size(); ++i) {
      CHECK(some.items[i].description == all.items[i].description);
      CHECK(some.items[i].vector == all.items[i].vector);
      CHECK(some.items[i].metadata.json() == all.items[i].metadata.json());
    }
  }
}

TEST_CASE("more elements than allowed are counted and refused, whether they are good or not") {
  CHECK(readPatterns("[{},{}]", 2).size() == 2);
  CHECK(readPatterns("[{},7]", 2).size() == 2);
  for (const std::string text : {"[{},{},{}]", "[7,{},{}]", "[{},{},7]"}) {
    try {
      (void)readPatterns(text, 2);
      FAIL("accepted");
    } catch (const TooManyItems& error) {
      CHECK(error.count() == 3);
    }
  }
  CHECK_THROWS_AS(readQueries("[\"a\"]", 0), TooManyItems);
  CHECK_THROWS_AS(readMetricUpdates("[{},{}", 1), ParseError);
}

namespace {

ParsedRequest<Pattern> patternsIn(std::string object, std::size_t most = anyNumber) { return readPatternsIn(object, "patterns", most); }

}  // namespace

TEST_CASE("a request's items are read, and its other members are left as they stand") {
  std::string object = R"( {"collection" : "c", "patterns": [ {"description":"a"} , {"id":7} ], "\u0066ilter": {"must":[]} , "n":1 } )";
  const auto request = readPatternsIn(object, "patterns", anyNumber);
  REQUIRE(request.items);
  CHECK(request.items->items.size() == 2);
  CHECK(request.items->refused.empty());
  REQUIRE(request.others.size() == 3);
  CHECK(request.others[0].name == "collection");
  CHECK(request.others[0].json == "\"c\"");
  CHECK(object.substr(request.others[0].offset, 3) == "\"c\"");
  CHECK(request.others[1].name == "filter");
  CHECK(request.others[1].json == R"({"must":[]})");
  CHECK(request.others[2].json == "1");
  CHECK_FALSE(patternsIn(R"({"pattern":[]})").items);
}

TEST_CASE("items at fault do not change the rest of a request") {
  const std::string before = R"({"a":[1,"x"],"patterns":[{"description":"a"})", after = R"(,{"code":"b"}],"z":{"y":null}})";
  const auto good = patternsIn(before + after), some = patternsIn(before + ",[]" + after);
  CHECK(some.items->items.size() == 2);
  REQUIRE(some.items->refused.size() == 1);
  CHECK(some.items->refused[0].index == 1);
  REQUIRE(some.others.size() == good.others.size());
  for (std::size_t i = 0; i < some.others.size(); ++i) CHECK(some.others[i].name == good.others[i].name);
  std::string updates = R"({"updates":[{"id":1},{}]})", queries = R"({"queries":["a",{"vector":[1]},5]})";
  CHECK(readMetricUpdatesIn(updates, "updates", 9).items->refused.size() == 1);
  CHECK(readQueriesIn(queries, "queries", 9).items->items.size() == 2);
}

TEST_CASE("what is no request is refused with the place") {
  for (const std::string text : {"",
                                 " ",
                                 "[]",
                                 "7",
                                 "{",
                                 R"({"patterns":7})",
                                 R"({"patterns":{}})",
                                 R"({"patterns":[]]})",
                                 R"({"patterns":[]} {})",
                                 R"({"patterns":[],"patterns":[]})",
                                 R"({"a":1,"a":2})",
                                 R"({"a":1,"patterns":[5],"a":2})",
                                 R"({"patterns":[5],"patterns":[]})",
                                 R"({"patterns":[],"c":"c":"c"}})",
                                 R"({"c":1},"patterns":[]})",
                                 R"({"patterns":[],"c":["a":["b"]})",
                                 R"({"patterns":[],"c":[1}})",
                                 R"({"patterns":[],"c":tru})",
                                 R"({"patterns":[],"c":01})",
                                 R"({"patterns":[],"c":"\q"})",
                                 "{\"patterns\":[],\"c\":4\x01}",
                                 "{\"patterns\":[],\"c\":0.5\x01,\"d\":1}",
                                 R"({"patterns":[],"c":nul})",
                                 R"({"patterns":[{"description":tru}]})",
                                 R"({"patterns":[{"a":1}],"b":tru})"}) {
    INFO(text);
    CHECK_THROWS_AS(patternsIn(text), ParseError);
  }
  try {
    (void)patternsIn(R"({"patterns": 7})");
    FAIL("accepted");
  } catch (const ParseError& error) {
    CHECK(error.offset() == 13);
  }
  CHECK(patternsIn(R"({"patterns":[{},{}]})", 2).items->size() == 2);
  CHECK_THROWS_AS(patternsIn(R"({"patterns":[{},{},{}]})", 2), TooManyItems);
  CHECK_THROWS_AS(patternsIn(R"({"patterns":[7,{},{}]})", 2), TooManyItems);
}

// The quick way is to take nothing that the strict check of Payload refuses.
TEST_CASE("what is taken as a request is JSON") {
  const auto seed = test::seed();
  CAPTURE(seed);
  test::Random random(seed);
  const std::vector<std::string> parts = {"{",    "}",    "[",    "]",          ":", ",",  "\"a\"", "\"patterns\"", "1",
                                          "-0.5", "true", "null", "{\"id\":7}", " ", "\"", "\x01",  "tru"};
  const std::string good = R"({"c":"x","patterns":[{"id":1},{"description":"d"}],"n":[1,{"m":null}],"b":true})";
  std::size_t taken = 0;
  for (std::size_t round = 0; round < test::campaignSize(20000); ++round) {
    std::string text = good;
    for (auto changes = random.between(0, 3); changes > 0; --changes) {
      const auto at = random.below(text.size());
      text.replace(at, random.below(3), parts[random.below(parts.size())]);
    }
    const auto given = text;
    try {
      (void)readPatternsIn(text, "patterns", anyNumber);
      ++taken;
    } catch (const ParseError&) {
      continue;
    }
    INFO(given);
    CHECK_NOTHROW(Payload::parse(given));
  }
  CHECK(taken > 1000);
}

TEST_CASE("too many members are refused soon") {
  std::string many = "{\"patterns\":[]", few = many;
  for (int i = 0; i < 200000; ++i) many += ",\"n" + std::to_string(i) + "\":1";
  for (int i = 0; i < 900; ++i) few += ",\"n" + std::to_string(i) + "\":1";
  CHECK_THROWS_WITH(patternsIn(many + "}"), contains("too many members"));
  CHECK(patternsIn(few + "}").others.size() == 900);
  // The limit is the request's alone.
  CHECK(readMembers(many + "}", anyNumber).size() == 200001);
}

TEST_CASE("members and elements are taken apart") {
  const std::string object = R"( {"a" : 1 , "\u0062":[ "x" ] , "c":{"d":null}} )";
  const auto members = readMembers(object, 3);
  REQUIRE(members.size() == 3);
  CHECK(members[0].name == "a");
  CHECK(members[0].json == "1");
  CHECK(members[1].name == "b");
  CHECK(members[1].json == "[ \"x\" ]");
  CHECK(object.substr(members[2].offset, members[2].json.size()) == R"({"d":null})");
  CHECK_THROWS_AS(readMembers(object, 2), TooManyItems);
  CHECK(readMembers("{}", 0).empty());
  for (const std::string text : {"", "[]", "7", R"({"a":1,"a":2})", R"({"a":1}})", R"({"a":tru})"})
    CHECK_THROWS_AS(readMembers(text, 9), ParseError);
  const auto elements = readElements(" [1, {\"a\":[]} ,\"x\"]", 3);
  REQUIRE(elements.size() == 3);
  CHECK(elements[1].json == "{\"a\":[]}");
  CHECK(elements[1].offset == 5);
  CHECK(elements[2].name.empty());
  CHECK_THROWS_AS(readElements("[1,2]", 1), TooManyItems);
  for (const std::string text : {"", "{}", "[1,]", "[1]]"}) CHECK_THROWS_AS(readElements(text, 9), ParseError);
}
