#include "local/field_parser.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
simdjson::dom::parser parser;

std::optional<FieldCondition> parsed(const std::string& json, std::string* problem = nullptr) {
  std::string ignored;
  return parseField(parser.parse(json).get_object().value(), problem != nullptr ? *problem : ignored);
}
}  // namespace

TEST_CASE("the members of a condition on a field are read") {
  const auto field = parsed(R"({"key":"a[].b","match":{"any":["x","y"]},"range":{"gte":1,"lt":2.5,"gt":null},"geo_radius":null,
                                "values_count":{"lte":3},"is_empty":false,"is_null":true})");
  REQUIRE(field);
  CHECK(field->path.text() == "a[].b");
  REQUIRE(field->match);
  CHECK(field->match->kind == MatchCondition::Kind::any);
  CHECK(std::get<std::set<std::string, std::less<>>>(field->match->values).size() == 2);
  REQUIRE(field->range);
  CHECK(field->range->gte == 1);
  CHECK(field->range->lt == 2.5);
  CHECK_FALSE(field->range->gt);
  CHECK(field->valuesCount->lte == 3U);
  CHECK(field->isEmpty == false);
  CHECK(field->isNull == true);
  CHECK_FALSE(field->times);
}

TEST_CASE("a range with a text among its bounds is one over times") {
  const auto field = parsed(R"({"key":"a","range":{"gte":"2020-03-01","lt":null}})");
  REQUIRE(field->times);
  CHECK(field->times->gte == codec::Timestamp{1583020800, 0});
  CHECK_FALSE(field->range);
}

TEST_CASE("texts of match are looked for as they stand until words are asked for") {
  for (const auto* name : {"text", "text_any", "phrase"}) {
    const auto field = parsed(std::string(R"({"key":"a","match":{"value":null,")") + name + R"(":"b"}})");
    REQUIRE(field->text);
    CHECK_FALSE(field->text->usesWords());
    CHECK_FALSE(field->match);
  }
}

TEST_CASE("a condition that asks for nothing is told apart from a wrong one") {
  std::string problem;
  CHECK_FALSE(parsed(R"({"key":"a"})", &problem));
  CHECK(problem.find("At least one field condition") == 0);
  CHECK_FALSE(parsed(R"({"key":"a","rnage":{},"match":null})", &problem));
  CHECK(problem.find("`rnage`") != std::string::npos);
  CHECK_THROWS_AS(parsed(R"({"key":"a","rnage":{},"is_null":true})"), RequestError);
  CHECK_THROWS_AS(parsed(R"({"key":"a b","is_null":true})"), RequestError);
}
