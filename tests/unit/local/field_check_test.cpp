#include "local/field_check.hpp"

#include "support/catch.hpp"

using namespace qbatch::local;

namespace {

bool passes(const FieldCondition& field, std::string_view payload, bool nested = false) {
  PayloadReader reader;
  std::vector<simdjson::dom::element> values;
  field.path.collect(reader.read(payload).value(), values);
  return passesField(field, values, nested);
}

FieldCondition on(std::string_view path) { return FieldCondition{PayloadPath::parse(path).value()}; }

}  // namespace

TEST_CASE("what a path with several ends leads to passes where one of the ends does") {
  FieldCondition field = on("a[].b");
  field.range = Bounds<double>{5.0, {}, {}, {}};
  CHECK(passes(field, R"({"a":[{"b":1},{"b":[2,6]},7]})"));
  CHECK_FALSE(passes(field, R"({"a":[{"b":1},{"b":[2]},7]})"));
  CHECK_FALSE(passes(field, R"({"a":{"b":6}})"));
  CHECK_FALSE(passes(field, R"({"a":[[{"b":6}]]})"));
}

TEST_CASE("a count decides alone, then emptiness, then null") {
  FieldCondition field = on("a");
  field.match = MatchCondition{MatchCondition::Kind::any, std::set<std::int64_t>{1}};
  field.isNull = true;
  CHECK_FALSE(passes(field, R"({"a":1})"));
  field.isEmpty = true;
  CHECK(passes(field, R"({"a":[]})"));
  CHECK_FALSE(passes(field, R"({"a":[null]})"));
  field.valuesCount = Bounds<std::uint64_t>{{}, 2U, {}, {}};
  CHECK(passes(field, R"({"a":[null,null]})"));
  CHECK_FALSE(passes(field, R"({"a":[]})"));
  CHECK(passes(field, "{}"));  // nothing to count: emptiness is asked
}

TEST_CASE("an index over words takes the values of a point together, but not those inside an element") {
  FieldCondition field = on("a[]");
  field.text = TextQuery(TextQuery::Kind::all, "red blue");
  CHECK_FALSE(passes(field, R"({"a":["red","blue"]})"));
  field.text->useWords();
  CHECK(passes(field, R"({"a":["red","blue",7]})"));
  CHECK_FALSE(passes(field, R"({"a":["red","blue"]})", true));
  CHECK(passes(field, R"({"a":["x","Red/Blue"]})", true));
}

TEST_CASE("null and empty arrays are empty values") {
  simdjson::dom::parser parser;
  for (const auto* json : {"null", "[]"}) CHECK(emptyValue(parser.parse(std::string(json))));
  for (const auto* json : {"[null]", "{}", "\"\"", "0", "false"}) CHECK_FALSE(emptyValue(parser.parse(std::string(json))));
}
