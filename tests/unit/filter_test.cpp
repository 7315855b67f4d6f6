#include "qbatch/filter.hpp"

#include <limits>
#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;

TEST_CASE("conditions are Qdrant's JSON") {
  CHECK(match("language", "python").json() == R"({"key":"language","match":{"value":"python"}})");
  CHECK(match("meta.stars", std::int64_t{-5}).json() == R"({"key":"meta.stars","match":{"value":-5}})");
  CHECK(match("ok", true).json() == R"({"key":"ok","match":{"value":true}})");
  CHECK(match("ok", false).json() == R"({"key":"ok","match":{"value":false}})");
  CHECK(match("q\"", "line\n").json() == R"({"key":"q\"","match":{"value":"line\n"}})");
  CHECK(matchAny("language", {"c", "cpp"}).json() == R"({"key":"language","match":{"any":["c","cpp"]}})");
  CHECK(matchAny("n", {std::int64_t{1}, std::int64_t{2}}).json() == R"({"key":"n","match":{"any":[1,2]}})");
  CHECK(matchAny("n", {}).json() == R"({"key":"n","match":{"any":[]}})");
  CHECK(range("success_rate", 0.9, std::nullopt).json() == R"({"key":"success_rate","range":{"gte":0.9}})");
  CHECK(range("success_rate", std::nullopt, 2).json() == R"({"key":"success_rate","range":{"lt":2.0}})");
  CHECK(range("success_rate", -1, 1).json() == R"({"key":"success_rate","range":{"gte":-1.0,"lt":1.0}})");
  CHECK(hasId({PointId(7), PointId::parse("123e4567-e89b-12d3-a456-426614174000")}).json() ==
        R"({"has_id":[7,"123e4567-e89b-12d3-a456-426614174000"]})");
  CHECK(hasId({}).json() == R"({"has_id":[]})");
  CHECK(isEmpty("last_used").json() == R"({"is_empty":{"key":"last_used"}})");
}

TEST_CASE("conditions that cannot work are refused") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(match("a", nullptr), ConfigError);
  CHECK_THROWS_AS(match("a", 1.5), ConfigError);
  CHECK_THROWS_AS(match("a", "\xFF"), ConfigError);
  CHECK_THROWS_AS(match("", "x"), ConfigError);
  CHECK_THROWS_AS(match("\xFF", "x"), ConfigError);
  CHECK_THROWS_AS(matchAny("a", {"x", std::int64_t{1}}), ConfigError);
  CHECK_THROWS_AS(matchAny("a", {true}), ConfigError);
  CHECK_THROWS_AS(matchAny("a", {nullptr}), ConfigError);
  CHECK_THROWS_AS(matchAny("a", {1.5}), ConfigError);
  CHECK_THROWS_AS(range("a", std::nullopt, std::nullopt), ConfigError);
  CHECK_THROWS_AS(range("a", infinity, std::nullopt), ConfigError);
  CHECK_THROWS_AS(range("a", std::nullopt, std::numeric_limits<double>::quiet_NaN()), ConfigError);
  CHECK_THROWS_AS(isEmpty(""), ConfigError);
  try {
    (void)match("rate", 0.5);
    FAIL("accepted");
  } catch (const ConfigError& error) {
    CHECK(std::string(error.what()) == "filter, match of \"rate\": floating-point numbers are never matched; use range");
  }
}

TEST_CASE("a filter is built of clauses") {
  Filter filter;
  CHECK(filter.empty());
  CHECK(filter.json() == "{}");
  filter.mustNot(isEmpty("a"));
  CHECK_FALSE(filter.empty());
  CHECK(filter.json() == R"({"must_not":[{"is_empty":{"key":"a"}}]})");
  filter.must(match("l", "c")).must(match("k", true)).should(hasId({PointId(1)}));
  CHECK(filter.json() == R"({"must":[{"key":"l","match":{"value":"c"}},{"key":"k","match":{"value":true}}],)"
                         R"("should":[{"has_id":[1]}],"must_not":[{"is_empty":{"key":"a"}}]})");
}

TEST_CASE("a filter is read in Qdrant's forms") {
  CHECK(Filter::json("{}").empty());
  CHECK(Filter::json(R"({"must":null,"should":[],"must_not":[],"min_should":null})").empty());
  CHECK(Filter::json(R"({ "must" : { "key" : "a" , "match" : { "value" : 1 } } })").json() ==
        R"({"must":[{"key":"a","match":{"value":1}}]})");
  CHECK(Filter::json(R"({"must_not":[{"a":1}, {"b":[2, 3]}],"should":[{"must":[{"c":1}]}]})").json() ==
        R"({"should":[{"must":[{"c":1}]}],"must_not":[{"a":1},{"b":[2,3]}]})");
  const auto filter = Filter::json(R"({"min_should":{"conditions":[{"a":1}], "min_count":1}})");
  CHECK_FALSE(filter.empty());
  CHECK(filter.json() == R"({"min_should":{"conditions":[{"a":1}],"min_count":1}})");
  CHECK(Filter::json(R"({"m\u0075st":[{"a":1}]})").json() == R"({"must":[{"a":1}]})");
}

TEST_CASE("a filter that was read takes further conditions") {
  auto filter = Filter::json(R"({"must":{"a":1},"min_should":{"conditions":[],"min_count":0}})");
  filter.must(match("b", "x"));
  CHECK(filter.json() == R"({"must":[{"a":1},{"key":"b","match":{"value":"x"}}],"min_should":{"conditions":[],"min_count":0}})");
  CHECK(Filter::json(filter.json()).json() == filter.json());
}

TEST_CASE("what is no filter is refused with what and where") {
  struct Bad {
    const char* text;
    std::size_t offset;
    const char* says;
  };
  const std::vector<Bad> cases = {
      {" []", 1, "must be a JSON object, this is of the kind array"},
      {"{\"must\":[}", 9, "expected a value"},
      {R"({"must":[], "mustnot":[]})", 12, "unknown member 'mustnot'; known are must, should, must_not and min_should"},
      {R"({"key":"a","match":{"value":1}})", 1, "unknown member 'key'"},
      {R"({"must": "a"})", 9, "must must hold conditions, which are JSON objects; this is of the kind string"},
      {R"({"should":[{"a":1}, 5]})", 20, "kind number"},
      {R"({"must_not":[[{"a":1}]]})", 13, "kind array"},
      {R"({"min_should": [1]})", 15, "min_should must be an object"},
      {R"({"must":[],"must":[{"a":1}]})", 11, "'must' stands twice"},
      {"", 0, "empty"},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.text);
    try {
      (void)Filter::json(bad.text);
      FAIL("accepted");
    } catch (const ParseError& error) {
      CAPTURE(error.what());
      CHECK(error.offset() == bad.offset);
      CHECK(std::string(error.what()).find(bad.says) != std::string::npos);
    }
  }
}
