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

TEST_CASE("times are compared as instants") {
  CHECK(field(R"("range":{"gte":"2025-01-13T00:00:00Z"})", R"({"f":"2025-01-13T01:00:00+01:00"})"));
  CHECK_FALSE(field(R"("range":{"gt":"2025-01-13T00:00:00Z"})", R"({"f":"2025-01-13T01:00:00+01:00"})"));
  CHECK(field(R"("range":{"gt":"2025-01-13","lte":"2025-01-13 12:00"})", R"({"f":["no time","2025-01-13T11:59:59.9"]})"));
  CHECK_FALSE(field(R"("range":{"gte":"2025-01-13"})", R"({"f":1900000000})"));
  CHECK_FALSE(field(R"("range":{"gte":1})", R"({"f":"2025-01-13"})"));
  CHECK(field(R"("range":{})", R"({"f":3})"));
  CHECK_FALSE(field(R"("range":{})", R"({"f":"3"})"));
}

TEST_CASE("nested filters ask one element at a time") {
  const auto nested = [](std::string_view key, std::string_view filter, std::string_view payload) {
    return passes(R"({"must":[{"nested":{"key":")" + std::string(key) + R"(","filter":)" + std::string(filter) + "}}]}", payload);
  };
  constexpr std::string_view cities = R"({"c":[{"n":"a","p":9,"s":[1,2]},{"n":"b","p":3,"s":[1,2,3]},7]})";
  constexpr std::string_view large = R"({"must":[{"key":"p","range":{"gte":9}}]})";
  constexpr std::string_view largeAndMany = R"({"must":[{"key":"p","range":{"gte":9}},{"key":"s","values_count":{"gt":2}}]})";
  CHECK(nested("c", large, cities));
  CHECK(nested("c[]", large, cities));
  CHECK(nested("c[0]", large, R"({"c":[[{"p":9}],{"p":1}]})"));
  CHECK_FALSE(nested("c", largeAndMany, cities));
  CHECK(passes(R"({"must":[{"key":"c[].p","range":{"gte":9}},{"key":"c[].s","values_count":{"gt":2}}]})", cities));
  CHECK(nested("c", R"({"must_not":[{"key":"p","range":{"lt":9}}]})", cities));
  CHECK_FALSE(nested("c", large, R"({"c":{"p":9}})"));  // no array
  CHECK_FALSE(nested("c", "{}", "{}"));
  CHECK_FALSE(nested("c", "{}", R"({"c":[1,null,[]]})"));
  CHECK(nested("c", "{}", R"({"c":[{}]})"));
  CHECK(nested("c", R"({"must":[{"is_empty":{"key":"x"}},{"is_null":{"key":"y"}}]})", R"({"c":[{"y":null}]})"));
  constexpr std::string_view deep = R"({"a":[{"b":[{"x":1,"y":2}]},{"b":[{"x":3,"y":4},{"x":5,"y":6}]}]})";
  const auto inner = [](int x, int y) {
    return R"({"must":{"nested":{"key":"b","filter":{"must":[{"key":"x","match":{"value":)" + std::to_string(x) +
           R"(}},{"key":"y","match":{"value":)" + std::to_string(y) + "}}]}}}}";
  };
  CHECK(nested("a", inner(5, 6), deep));
  CHECK_FALSE(nested("a", inner(3, 6), deep));
  CHECK(nested("a[].b", R"({"must":{"key":"y","match":{"value":6}}})", deep));
}

TEST_CASE("inside an element there are neither ids nor vectors, and one of nothing is asked for") {
  const auto nested = [](std::string_view filter) {
    return passes(R"({"must":[{"nested":{"key":"c","filter":)" + std::string(filter) + "}}]}", R"({"c":[{"p":1}]})");
  };
  CHECK_FALSE(nested(R"({"must":[{"has_id":[1]}]})"));
  CHECK(nested(R"({"must_not":[{"has_id":[1]}]})"));
  CHECK_FALSE(nested(R"({"must":[{"has_vector":""}]})"));
  CHECK_FALSE(nested(R"({"should":[]})"));
  CHECK_FALSE(nested(R"({"min_should":{"conditions":[],"min_count":1}})"));
  CHECK(nested(R"({"min_should":{"conditions":[],"min_count":0},"must":[],"must_not":[]})"));
  CHECK(passes(R"({"should":[],"min_should":{"conditions":[],"min_count":1}})", "{}"));
}

TEST_CASE("has_vector asks what the point has") {
  struct Held final : HeldVectors {
    [[nodiscard]] bool holds(std::string_view name) const override { return name == "text"; }
  };
  const Held held;
  const PointId id(1);
  PayloadReader reader;
  const auto tree = FilterTree::parse(R"({"must":{"has_vector":"text"}})");
  CHECK(tree.needsVectors());
  CHECK_FALSE(tree.needsPayload());
  CHECK(tree.passes(FilterSubject{id, "", &held}, reader));
  CHECK_FALSE(tree.passes(FilterSubject{id, ""}, reader));
  CHECK_FALSE(FilterTree::parse(R"({"must":{"has_vector":"image"}})").passes(FilterSubject{id, "", &held}, reader));
  CHECK_FALSE(FilterTree::parse(R"({"must":{"has_id":[1]}})").needsVectors());
}

TEST_CASE("a full-text index changes what match.text means") {
  PayloadReader reader;
  const FilterContext context{{{"f", {}}, {"c[].t", {}}}, "filter"};
  const auto passesWith = [&](std::string_view filter, std::string_view payload) {
    return FilterTree::parse(filter, context).passes(1, payload, reader);
  };
  constexpr std::string_view text = R"({"must":{"key":"f","match":{"text":"FOX quick"}}})";
  CHECK(passesWith(text, R"({"f":"the quick, brown fox"})"));
  CHECK_FALSE(passes(text, R"({"f":"the quick, brown fox"})"));
  CHECK(passesWith(R"({"must":{"nested":{"key":"c","filter":{"must":{"key":"t","match":{"text_any":"good cheap"}}}}}})",
                   R"({"c":[{"t":"Cheap hardware"}]})"));
  CHECK_FALSE(passesWith(R"({"must":{"nested":{"key":"c","filter":{"must":{"key":"t","match":{"text_any":"good cheap"}}}}}})",
                         R"({"c":[{"t":"goodness"}]})"));
  CHECK(passesWith(R"({"must":{"key":"t","match":{"text_any":"good cheap"}}})", R"({"t":"goodness"})"));
}

TEST_CASE("a filter names the ids and values without which nothing passes") {
  const auto only = [](std::string_view filter) {
    const auto tree = FilterTree::parse(filter);
    return tree.onlyIds() ? std::optional(*tree.onlyIds()) : std::nullopt;
  };
  using Ids = std::set<PointId>;
  CHECK_FALSE(only("{}"));
  CHECK_FALSE(only(R"({"should":[{"has_id":[1]}],"must_not":[{"has_id":[2]}],"must":[{"must":[{"has_id":[3]}]}]})"));
  CHECK(only(R"({"must":[{"has_id":[1,2,3]},{"key":"a","is_null":true},{"has_id":[3,2,9]}]})") == Ids{2, 3});
  CHECK(only(R"({"must":{"has_id":[]}})") == Ids{});
  const auto required = FilterTree::parse(R"({"must":[{"key":"a.\"b\"","match":{"value":"x"}},{"key":"n","match":{"value":5}},
    {"key":"f","match":{"value":false}},{"key":"one","match":{"any":["y"]}},{"key":"two","match":{"any":["y","z"]}},
    {"key":"none","match":{"except":["y"]}},{"key":"or","match":{"value":1},"range":{"gt":1}},{"key":"t","match":{"text":"x"}}],
    "should":[{"key":"s","match":{"value":1}}]})")
                            .requiredValues();
  REQUIRE(required.size() == 4);
  CHECK(required[0].key == "a.b");
  CHECK(std::get<std::string>(required[0].value) == "x");
  CHECK(std::get<std::int64_t>(required[1].value) == 5);
  CHECK(std::get<bool>(required[2].value) == false);
  CHECK(required[3].key == "one");
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
      try {
        static_cast<void>(FilterTree::parse(filter));
        FAIL_CHECK("it was not refused");
      } catch (const RequestError& error) {
        CHECK(error.error().code() == make_error_code(Errc::refused));
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
  CHECK(compared >= 26);
  CHECK(refused >= 3);
}
