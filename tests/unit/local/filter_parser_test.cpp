#include "local/filter_parser.hpp"

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
Error errorOf(std::string_view filter) {
  try {
    static_cast<void>(parseFilter(filter));
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}
}  // namespace

TEST_CASE("what the engine cannot do is refused by name") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"must":[{"nested":{"key":"a","filter":{}}}]})", "nested"},
      {R"({"must":[{"has_vector":"x"}]})", "has_vector"},
      {R"({"must":[{"key":"a","geo_radius":{"center":{"lon":1,"lat":2},"radius":3}}]})", "geo_radius"},
      {R"({"must":[{"key":"a","geo_bounding_box":{}}]})", "geo_bounding_box"},
      {R"({"must":[{"key":"a","range":{"gte":"2025-01-13T00:00:00Z"}}]})", "times"},
      {R"({"must":[{"key":"a","match":{"phrase":"x"}}]})", "match.phrase"},
      {R"({"must":[{"key":"a","match":{"text_any":"x"}}]})", "match.text_any"}};
  for (const auto& [filter, name] : cases) {
    CAPTURE(filter);
    const Error error = errorOf(filter);
    CHECK(error.code() == make_error_code(Errc::unsupported));
    CHECK(error.message().find(name) != std::string::npos);
  }
}

TEST_CASE("malformed filters are refused with the part that is wrong") {
  const std::pair<const char*, const char*> cases[] = {{"{", "JSON"},
                                                       {"[]", "object"},
                                                       {R"({"nope":[]})", "nope"},
                                                       {R"({"must":5})", "condition"},
                                                       {R"({"must":["a"]})", "condition"},
                                                       {R"({"must":[{"key":"a"}]})", "At least one"},
                                                       {R"({"must":[{"key":"a","match":null}]})", "At least one"},
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
                                                       {R"({"must":[{"key":"a","rnage":{}}]})", "rnage"},
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
                                                       {R"({"min_should":[]})", "min_should"}};
  for (const auto& [filter, part] : cases) {
    CAPTURE(filter);
    const Error error = errorOf(filter);
    CHECK(error.code() == make_error_code(Errc::refused));
    CHECK(error.httpStatus() == 400);
    CAPTURE(error.message());
    CHECK(error.message().find(part) != std::string::npos);
  }
}

TEST_CASE("filters nested without end are refused, not followed") {
  std::string filter;
  for (int i = 0; i < 400; ++i) filter += R"({"must":)";
  filter += "{}" + std::string(400, '}');
  CHECK(errorOf(filter).code() == make_error_code(Errc::refused));
}
