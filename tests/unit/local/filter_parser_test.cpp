#include "local/filter_parser.hpp"

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/mutation.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
Error errorOf(std::string_view filter) {
  try {
    static_cast<void>(FilterTree::parse(filter, {{}, "scroll_request.filter"}));
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}
}  // namespace

TEST_CASE("what the engine cannot do is refused by name") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"must":[{"key":"a","geo_radius":{"center":{"lon":1,"lat":2},"radius":3}}]})", "geo_radius"},
      {R"({"should":{"must":[{"key":"a","geo_polygon":{}}]}})", "geo_polygon"},
      {R"({"must":[{"nested":{"key":"a","filter":{"must":{"key":"a","geo_bounding_box":{}}}}}]})", "geo_bounding_box"}};
  for (const auto& [filter, name] : cases) {
    CAPTURE(filter);
    const Error error = errorOf(filter);
    CHECK(error.code() == make_error_code(Errc::unsupported));
    CHECK(error.httpStatus() == 400);
    CHECK(error.message().find(name) != std::string::npos);
    CHECK(error.serverMessage().find(name) != std::string::npos);
  }
}

TEST_CASE("malformed filters are refused with the part that is wrong") {
  const std::pair<const char*, const char*> cases[] = {{"{", "JSON"},
                                                       {"[]", "object"},
                                                       {R"({"nope":[]})", "nope"},
                                                       {R"({"must":5})", "must"},
                                                       {R"({"must":["a"]})", "condition"},
                                                       {R"({"must":[{"key":"a","match":{}}]})", "match"},
                                                       {R"({"must":[{"key":"a","match":{"value":1.5}}]})", "1.5"},
                                                       {R"({"must":[{"key":"a","match":{"value":[1]}}]})", "match.value"},
                                                       {R"({"must":[{"key":"a","match":{"any":[1,"a"]}}]})", "match.any"},
                                                       {R"({"must":[{"key":"a","match":{"any":"a"}}]})", "match.any"},
                                                       {R"({"must":[{"key":"a","match":{"valeu":"a"}}]})", "valeu"},
                                                       {R"({"must":[{"key":"a","match":{"value":1,"any":[1]}}]})", "one of"},
                                                       {R"({"must":[{"key":"a","range":{"above":1}}]})", "above"},
                                                       {R"({"must":[{"key":"a","range":{"gt":true}}]})", "number"},
                                                       {R"({"must":[{"key":"a","values_count":{"gt":-1}}]})", "values_count"},
                                                       {R"({"must":[{"key":"a b","match":{"value":1}}]})", "a b"},
                                                       {R"({"must":[{"key":7,"match":{"value":1}}]})", "key"},
                                                       {R"({"must":[{"key":"a","rnage":{},"is_null":true}]})", "rnage"},
                                                       {R"({"must":[{"is_empty":{}}]})", "key"},
                                                       {R"({"must":[{"is_empty":{"key":"a","b":1}}]})", "`b`"},
                                                       {R"({"must":[{"is_null":"a"}]})", "is_null"},
                                                       {R"({"must":[{"has_id":5}]})", "has_id"},
                                                       {R"({"must":[{"has_id":["12"]}]})", "valid point ID"},
                                                       {R"({"must":[{"has_id":["x"]}]})", "x"},
                                                       {R"({"must":[{"has_id":[-1]}]})", "valid point ID"},
                                                       {R"({"must":[{"has_id":[1],"must":[]}]})", "alone"},
                                                       {R"({"min_should":{"conditions":[]}})", "min_count"},
                                                       {R"({"min_should":{"conditions":[],"min_count":-1}})", "min_count"},
                                                       {R"({"min_should":[]})", "min_should"},
                                                       {R"({"must":[],"must":[]})", "duplicate"},
                                                       {R"({"must":[{"nested":{"key":"a"}}]})", "filter"},
                                                       {R"({"must":[{"nested":{"filter":{}}}]})", "key"},
                                                       {R"({"must":[{"nested":{"key":"a","filter":{},"x":1}}]})", "`x`"},
                                                       {R"({"must":[{"nested":{"key":"a","filter":{"nope":1}}}]})", "nope"},
                                                       {R"({"must":[{"has_vector":5}]})", "has_vector"},
                                                       {R"({"must":[{"key":"a","match":{"phrase":1}}]})", "match.phrase"},
                                                       {R"({"must":[{"key":"a","range":{"gt":1,"lt":"2020"}}]})", "range"},
                                                       {R"({"must":[{"key":"a","range":{"lt":"2020-01-32"}}]})", "2020-01-32"}};
  for (const auto& [filter, part] : cases) {
    CAPTURE(filter);
    const Error error = errorOf(filter);
    CHECK(error.code() == make_error_code(Errc::refused));
    CHECK(error.httpStatus() == 400);
    CAPTURE(error.message());
    CHECK(error.message().find(part) != std::string::npos);
  }
}

TEST_CASE("refusals say what a real server says") {
  const std::string match = "data did not match any variant of untagged enum MatchInterface";
  const std::string some = "Expected some form of condition";
  const std::pair<const char*, std::string> cases[] = {
      {"5", "invalid type: integer `5`, expected struct Filter"},
      {R"({"nope":[]})", "unknown field `nope`, expected one of `should`, `min_should`, `must`, `must_not`"},
      {R"({"must":5})", "invalid type: integer `5`, expected null, array, or map"},
      {R"({"must":[5]})", some},
      {R"({"must":[{"valeu":1}]})", some},
      {R"({"must":[{"has_id":["x"]}]})", some},
      {R"({"must":[{"must":[{"key":"a","match":{"value":1.5}}]}]})", some},
      {R"({"must":[{"nested":{"key":"a","filter":{"must":[{"key":"b","match":{}}]}}}]})", some},
      {R"({"must":[{"key":"a","match":{"value":1.5}}]})", match},
      {R"({"must":[{"key":"a","match":{"any":[1,"a"]}}]})", match},
      {R"({"min_should":{"conditions":[{"key":"a","match":{"text":1}}],"min_count":1}})", match},
      {R"({"must":[{"key":7,"match":{"value":1}}]})", "Invalid type integer `7`. Expected a string"},
      {R"({"must":[{"key":"a b","match":{"value":1}}]})", "Invalid json path: 'a b'"},
      {R"({"must":[{"key":"a","values_count":{"gt":-1}}]})", "Invalid value integer `-1`. Expected usize"},
      {R"({"must":[{"key":"a","is_null":1}]})", "Invalid type integer `1`. Expected a boolean"},
      {R"({"must":[{"key":"a","range":{"gt":true}}]})", "data did not match any variant of untagged enum RangeInterfaceUntagged"},
      {R"({"must":[{"key":"a","range":{"gt":"x"}}]})",
       "'x' does not match accepted datetime format (RFC3339). Example: 2014-01-01T00:00:00Z"},
      {R"({"must":[{"key":"a","range":{"gt":"2020-01-01","lt":5}}]})", "invalid type: integer `5`, expected a string"},
      {R"({"min_should":{"conditions":[]}})", "missing field `min_count`"},
      {R"({"min_should":{"conditions":[],"min_count":-1}})", "invalid value: integer `-1`, expected usize"},
      {R"({"min_should":{"conditions":{},"min_count":1}})", "invalid type: map, expected a sequence"}};
  for (const auto& [filter, words] : cases) {
    const Error error = errorOf(filter);
    CAPTURE(filter, error.serverMessage());
    CHECK(error.serverMessage().rfind("Format error in JSON body: " + words, 0) == 0);
    CHECK(error.httpStatus() == 400);
  }
}

TEST_CASE("conditions that ask for nothing are refused with their places") {
  const std::string rest = ".__all__: Validation error: At least one field condition must be specified [{}]";
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {R"({"must":[{"key":"a"}]})", {"must[0]"}},
      {R"({"must":{"key":"a","match":null}})", {"must[0]"}},
      {R"({"must":[{"has_id":[1]},{"key":"a","rnage":{}}]})", {"must[1]"}},
      {R"({"should":[{"must_not":[{"key":"a","is_empty":true},{"key":"a"}]}]})", {"should[0].must_not[1]"}},
      {R"({"must":[{"nested":{"key":"a","filter":{"must":[{"key":"b"}]}}}]})", {"must[0].nested.filter.must[0]"}},
      {R"({"must":[{"nested":{"key":"a","filter":{"must":[{"nested":{"key":"b","filter":{"must":{"should":[{"key":"c"}]}}}}]}}}]})",
       {"must[0].nested.filter.must[0].nested.filter.must[0].should[0]"}},
      {R"({"min_should":{"conditions":[{"key":"a"}],"min_count":1},"must":[{"key":"b"}]})", {"min_should.conditions[0]", "must[0]"}}};
  for (const auto& [filter, places] : cases) {
    std::string wanted;
    for (const auto& place : places) wanted += (wanted.empty() ? "" : "; ") + ("scroll_request.filter." + place + rest);
    const Error error = errorOf(filter);
    CHECK(error.serverMessage() == "Validation error in JSON body: [" + wanted + "]");
    CHECK(error.httpStatus() == 422);
    CHECK(error.message().find("At least one") != std::string::npos);
  }
  // What cannot be read at all comes first.
  CHECK(errorOf(R"({"must":[{"key":"a"},{"key":"b","match":{}}]})").httpStatus() == 400);
}

TEST_CASE("filters nested without end are refused, not followed") {
  const auto nestedIn = [](const std::string& front, const std::string& back, std::size_t count) {
    std::string filter;
    for (std::size_t i = 0; i < count; ++i) filter += front;
    filter += "{}";
    for (std::size_t i = 0; i < count; ++i) filter += back;
    return filter;
  };
  const std::pair<const char*, const char*> forms[] = {
      {R"({"must":)", "}"}, {R"({"must_not":[)", "]}"}, {R"({"must":{"nested":{"key":"a","filter":)", "}}}"}};
  for (const auto& [front, back] : forms) {
    CHECK_FALSE(errorOf(nestedIn(front, back, 64)));
    for (const std::size_t count : {65U, 400U, 1'000'000U}) {
      const Error error = errorOf(nestedIn(front, back, count));
      CHECK(error.code() == make_error_code(Errc::refused));
      CHECK(error.httpStatus() == 400);
    }
  }
}

TEST_CASE("damaged filters are read or refused, and then asked") {
  const auto seed = test::seed();
  INFO("seed " << seed);
  test::Random random(seed);
  const std::string whole = R"({"must":[{"key":"a[].b","match":{"any":["x","y"]},"values_count":{"gte":1}},{"has_id":[1,2]}],
    "should":{"nested":{"key":"a","filter":{"min_should":{"conditions":[{"key":"b","range":{"gt":1.5}},{"key":"b","range":{"lt":"2020-01-01"}},
    {"key":"b","match":{"text":"x y"}},{"is_null":{"key":"c"}}],"min_count":1}}}},"must_not":[{"has_vector":"v"},{"should":[]}]})";
  const std::string payload = R"({"a":[{"b":["x",1,2.5,"2019-06-01"],"c":null},{"b":"x y"},[],null],"t":true})";
  PayloadReader reader;
  REQUIRE_FALSE(errorOf(whole));
  std::size_t read = 0;
  for (std::size_t round = 0; round < test::campaignSize(2000); ++round) {
    const std::string filter = test::mutated(whole, random);
    CAPTURE(filter);
    try {
      const auto tree = FilterTree::parse(filter, {{{"a[].b", {}}}, "filter"});
      static_cast<void>(tree.passes(1, payload, reader));
      static_cast<void>(tree.requiredValues());
      ++read;
    } catch (const RequestError& error) {
      CHECK_FALSE(error.error().serverMessage().empty());
      CHECK((error.error().httpStatus() == 400 || error.error().httpStatus() == 422));
    }
  }
  CHECK(read > 0);
}
