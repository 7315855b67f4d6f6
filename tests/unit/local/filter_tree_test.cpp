#include "local/filter_tree.hpp"

#include <simdjson.h>

#include <fstream>

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

bool passes(std::string_view filter, std::string_view payload, PointId id = 1) {
  PayloadReader reader;
  return FilterTree::parse(filter).passes(id, payload, reader);
}
bool field(const std::string& rest, std::string_view payload) { return passes(R"({"must":{"key":"f",)" + rest + "}}", payload); }

}  // namespace

TEST_CASE("match value knows strings, integers and booleans apart") {
  CHECK(field(R"("match":{"value":"a"})", R"({"f":"a"})"));
  CHECK_FALSE(field(R"("match":{"value":"a"})", R"({"f":"A"})"));
  CHECK(field(R"("match":{"value":1})", R"({"f":1})"));
  CHECK_FALSE(field(R"("match":{"value":1})", R"({"f":1.0})"));
  CHECK_FALSE(field(R"("match":{"value":1})", R"({"f":"1"})"));
  CHECK_FALSE(field(R"("match":{"value":1})", R"({"f":true})"));
  CHECK(field(R"("match":{"value":true})", R"({"f":true})"));
  CHECK_FALSE(field(R"("match":{"value":false})", R"({"f":0})"));
  CHECK_FALSE(field(R"("match":{"value":"a"})", R"({})"));
  CHECK_FALSE(field(R"("match":{"value":"a"})", R"({"f":null})"));
  CHECK(field(R"("match":{"value":"a"})", R"({"f":["b","a"]})"));
  CHECK_FALSE(field(R"("match":{"value":"a"})", R"({"f":[["a"]]})"));
  CHECK(field(R"("match":{"value":-9223372036854775808})", R"({"f":-9223372036854775808})"));
}

TEST_CASE("match any and except") {
  CHECK(field(R"("match":{"any":["a","b"]})", R"({"f":"b"})"));
  CHECK(field(R"("match":{"any":[1,2]})", R"({"f":[5,2]})"));
  CHECK_FALSE(field(R"("match":{"any":[]})", R"({"f":"b"})"));
  CHECK_FALSE(field(R"("match":{"except":["a"]})", R"({"f":"a"})"));
  CHECK(field(R"("match":{"except":["a"]})", R"({"f":"b"})"));
  CHECK(field(R"("match":{"except":["a"]})", R"({"f":["a","b"]})"));
  CHECK(field(R"("match":{"except":["a"]})", R"({"f":7})"));
  CHECK(field(R"("match":{"except":[7]})", R"({"f":7.5})"));
  CHECK_FALSE(field(R"("match":{"except":[7]})", R"({"f":7})"));
  CHECK_FALSE(field(R"("match":{"except":["a"]})", R"({"f":null})"));
  CHECK_FALSE(field(R"("match":{"except":["a"]})", R"({})"));
  CHECK_FALSE(field(R"("match":{"except":["a"]})", R"({"f":[]})"));
}

TEST_CASE("match text looks for the text inside") {
  CHECK(field(R"("match":{"text":"b c"})", R"({"f":"a b c"})"));
  CHECK_FALSE(field(R"("match":{"text":"c b"})", R"({"f":"a b c"})"));
  CHECK(field(R"("match":{"text":"x"})", R"({"f":["a","xy"]})"));
  CHECK_FALSE(field(R"("match":{"text":"1"})", R"({"f":1})"));
}

TEST_CASE("range compares integers and floats") {
  CHECK(field(R"("range":{"gte":1,"lt":2})", R"({"f":1})"));
  CHECK(field(R"("range":{"gte":1,"lt":2})", R"({"f":1.99})"));
  CHECK_FALSE(field(R"("range":{"gte":1,"lt":2})", R"({"f":2})"));
  CHECK(field(R"("range":{"gt":1.5,"lte":2})", R"({"f":2})"));
  CHECK_FALSE(field(R"("range":{"gt":2})", R"({"f":2})"));
  CHECK(field(R"("range":{"gt":null,"lte":2})", R"({"f":-7})"));
  CHECK(field(R"("range":{"lt":0})", R"({"f":[1,-1]})"));
  CHECK_FALSE(field(R"("range":{"lt":0})", R"({"f":"-1"})"));
  CHECK(field(R"("range":{"gt":18446744073709551614})", R"({"f":18446744073709551615})") == false);  // both are 2^64 as doubles
  CHECK(field(R"("range":{"gte":18446744073709551614})", R"({"f":18446744073709551615})"));
}

TEST_CASE("match and range in one condition: one of them is enough") {
  constexpr const char* both = R"("match":{"value":"a"},"range":{"gt":5})";
  CHECK(field(both, R"({"f":"a"})"));
  CHECK(field(both, R"({"f":6})"));
  CHECK_FALSE(field(both, R"({"f":"b"})"));
}

TEST_CASE("values_count counts") {
  CHECK(field(R"("values_count":{"gte":2})", R"({"f":[1,2]})"));
  CHECK_FALSE(field(R"("values_count":{"gte":2})", R"({"f":"text"})"));
  CHECK(field(R"("values_count":{"lt":1})", R"({"f":null})"));
  CHECK(field(R"("values_count":{"lt":1})", R"({"f":[]})"));
  CHECK_FALSE(field(R"("values_count":{"lt":1})", R"({})"));
}

TEST_CASE("is_empty and is_null, as conditions and beside a key") {
  constexpr std::string_view isEmpty = R"({"must":{"is_empty":{"key":"f"}}})", isNull = R"({"must":{"is_null":{"key":"f"}}})";
  for (const auto* payload : {"{}", R"({"f":null})", R"({"f":[]})"}) CHECK(passes(isEmpty, payload));
  for (const auto* payload : {R"({"f":""})", R"({"f":[null]})", R"({"f":{}})", R"({"f":0})"}) CHECK_FALSE(passes(isEmpty, payload));
  CHECK(passes(isNull, R"({"f":null})"));
  for (const auto* payload : {"{}", R"({"f":[]})", R"({"f":[null]})"}) CHECK_FALSE(passes(isNull, payload));
  CHECK(passes(R"({"must":{"is_null":{"key":"f[].g"}}})", R"({"f":[{"g":1},{"g":null}]})"));
  CHECK(field(R"("is_empty":true)", "{}"));
  CHECK_FALSE(field(R"("is_empty":false)", "{}"));
  CHECK(field(R"("is_null":false)", "{}"));
  CHECK(field(R"("is_null":true)", R"({"f":[1,null]})"));
}

TEST_CASE("has_id takes numbers and UUIDs and needs no payload") {
  const auto tree = FilterTree::parse(R"({"must":[{"has_id":[3,"00000000-0000-4000-8000-000000000001"]}]})");
  CHECK_FALSE(tree.needsPayload());
  PayloadReader reader;
  CHECK(tree.passes(3, "not even JSON", reader));
  CHECK(tree.passes(PointId::parse("00000000000040008000000000000001"), "", reader));
  CHECK_FALSE(tree.passes(4, "", reader));
}

TEST_CASE("clauses: all, one of, none of, at least some of") {
  constexpr std::string_view payload = R"({"a":1,"b":2})";
  const std::string a = R"({"key":"a","match":{"value":1}})", b = R"({"key":"b","match":{"value":2}})",
                    c = R"({"key":"c","match":{"value":3}})";
  CHECK(passes(R"({"must":[)" + a + "," + b + "]}", payload));
  CHECK_FALSE(passes(R"({"must":[)" + a + "," + c + "]}", payload));
  CHECK(passes(R"({"should":[)" + c + "," + b + "]}", payload));
  CHECK_FALSE(passes(R"({"should":[)" + c + "]}", payload));
  CHECK_FALSE(passes(R"({"must_not":[)" + c + "," + b + "]}", payload));
  CHECK(passes(R"({"must_not":)" + c + "}", payload));
  CHECK(passes(R"({"min_should":{"conditions":[)" + a + "," + b + "," + c + R"(],"min_count":2}})", payload));
  CHECK_FALSE(passes(R"({"min_should":{"conditions":[)" + a + "," + b + "," + c + R"(],"min_count":3}})", payload));
  CHECK(passes(R"({"must":{"should":[)" + c + R"(,{"must_not":)" + c + "}]}}", payload));
  CHECK_FALSE(passes(R"({"must":[)" + a + R"(],"must_not":[{"must":[)" + a + "," + b + "]}]}", payload));
}

TEST_CASE("filters that ask for nothing let every point through") {
  for (const auto* text : {"", "{}", R"({"must":[]})", R"({"must":null,"should":null,"must_not":[],"min_should":null})"}) {
    CAPTURE(text);
    CHECK(FilterTree::parse(text).empty());
    CHECK(passes(text, "{}"));
  }
}

TEST_CASE("numbers and texts that a payload may hold can be read by filters") {
  PayloadReader reader;
  for (const auto* value : {"-0", "1e-400", "1.7976931348623157e308", "18446744073709551615", "-9223372036854775808", "4.9e-324",
                            "\"\\u0000\"", "\"\\ud83d\\ude00\""}) {
    CAPTURE(value);
    CHECK_FALSE(reader.problem(std::string(R"({"a":)") + value + "}"));
  }
  CHECK(reader.problem(""));
  CHECK(reader.problem("[]"));
  CHECK(reader.problem("{"));
}

TEST_CASE("filters are answered as a real server answered them") {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  REQUIRE(parser.load(std::string(QBATCH_TEST_DATA) + "/filter_answers.json").get(root) == simdjson::SUCCESS);
  std::size_t compared = 0, refused = 0;
  for (const auto step : root["steps"].get_array()) {
    const std::string filter = simdjson::minify(step["filter"]);
    CAPTURE(filter);
    if (std::string_view(step["kind"]) != "answered") {
      ++refused;
      const auto wanted = std::string_view(step["kind"]) == "refused" ? Errc::refused : Errc::unsupported;
      try {
        static_cast<void>(FilterTree::parse(filter));
        FAIL_CHECK("it was not refused");
      } catch (const RequestError& error) {
        CHECK(error.error().code() == make_error_code(wanted));
      }
      continue;
    }
    ++compared;
    std::vector<std::string> wanted, found;
    for (const auto id : step["ids"].get_array()) wanted.emplace_back(std::string_view(id));
    const auto tree = FilterTree::parse(filter);
    PayloadReader reader;
    for (const auto point : root["points"].get_array()) {
      const auto id = PointId::parse(std::string_view(point["id"]));
      if (tree.passes(id, simdjson::minify(point["payload"]), reader)) found.push_back(id.toString());
    }
    CHECK(found == wanted);
  }
  CHECK(compared >= 24);
  CHECK(refused >= 5);
}
