#include "support/openapi_check.hpp"

#include <set>

#include "support/catch.hpp"
#include "support/conformance_replay.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::test;

namespace {

/// What is wrong; "" for nothing.
std::string problem(const std::string& line, const std::string& body = {}) {
  const auto exchange = parseHead(line + " HTTP/1.1\r\n\r\n").value();
  return OpenApiCheck::qdrant().problem(exchange.method, exchange.path, exchange.query, body).value_or("");
}

const std::string upsert = "PUT /collections/c/points?wait=true";
const std::string scroll = "POST /collections/c/points/scroll";

/// What the description does not forbid, although the server refused it, because the server checks more than the form.
const std::set<std::string> formIsRight{"collections 1",  // exists already
                                        "collections 7",  // name
                                        "upsert 4",           "upsert 5",           "upsert 12",
                                        "upsert 21",          "upsert 22",  // dimension, empty, collection, vector name
                                        "named vectors 2",    "named vectors 3",    "named vectors 6",
                                        "query 11",           "query 14",           "query 17",
                                        "query 20",           "query 22",           "payload 7",
                                        "payload 8",          "payload 9",  // no selection is form enough for the description
                                        "batch of updates 4", "batch of updates 7", "delete, count, scroll 12",
                                        "filters 58",         "filters 59",         "aliases 10",
                                        "aliases 12",         "service 3",          "upsert 29",
                                        "upsert 31"};

}  // namespace

TEST_CASE("what a real server accepted fits its description, and what it called ill-formed does not") {
  for (const auto& step : loadRecordedSteps(QBATCH_TEST_DATA "/conformance.jsonl")) {
    const auto& request = step.request;
    const auto wrong = OpenApiCheck::qdrant().problem(request.method, request.path, request.query, request.body);
    INFO(step.name << ": " << wrong.value_or("nothing found") << "\n" << request.body.substr(0, 300) << "\n" << step.response);
    CHECK(wrong.has_value() == (step.status != 200 && !formIsRight.contains(step.name)));
  }
}

TEST_CASE("an operation is found by method and path") {
  CHECK(problem("GET /collections").empty());
  CHECK(problem("GET /collections/c/points/17").empty());
  CHECK_THAT(problem("GET /collection"), contains("no such operation"));
  CHECK_THAT(problem("PATCH /collections"), contains("no such operation"));
  CHECK_THAT(problem("GET /collections//points/17"), contains("no such operation"));
  // The literal path goes before the one with a name in it.
  CHECK_THAT(problem("POST /collections/aliases", R"({"action":[]})"), contains("/action "));
}

TEST_CASE("query parameters are checked") {
  const std::string body = R"({"points":[]})";
  CHECK(problem("PUT /collections/c/points?wait=true&ordering=strong&timeout=5", body).empty());
  CHECK_THAT(problem("PUT /collections/c/points?wait=yes", body), contains("wait does not take yes"));
  CHECK_THAT(problem("PUT /collections/c/points?ordering=strongest", body), contains("ordering"));
  CHECK_THAT(problem("PUT /collections/c/points?timeout=0", body), contains("timeout"));
  CHECK_THAT(problem("PUT /collections/c/points?timeout=x", body), contains("timeout"));
  CHECK_THAT(problem("PUT /collections/c/points?consistency=1", body), contains("unknown query parameter consistency"));
  CHECK(problem(scroll + "?consistency=2", "{}").empty());
  CHECK(problem(scroll + "?consistency=majority", "{}").empty());
  CHECK_THAT(problem(scroll + "?consistency=most", "{}"), contains("consistency"));
}

TEST_CASE("a body where none belongs, and none where one belongs") {
  CHECK_THAT(problem("GET /collections", "{}"), contains("takes no body"));
  CHECK_THAT(problem(upsert), contains("needs a body"));
  CHECK_THAT(problem(upsert, "{"), contains("no JSON"));
  CHECK_THAT(problem(upsert, "[]"), contains("the body must be of the type object"));
}

TEST_CASE("bodies are checked member by member") {
  CHECK(problem(upsert, R"({"points":[{"id":1,"vector":[1,2.5],"payload":{"any":{"thing":[]}}}]})").empty());
  CHECK(problem(upsert, R"({"points":[{"id":"00000000-0000-4000-8000-000000000000","vector":{"code":[1]},"payload":null}]})").empty());
  CHECK_THAT(problem(upsert, R"({"points":[{"id":1,"vector":[1]},{"id":2,"vectr":[1]}]})"), contains("/points/1/vectr is no member"));
  CHECK_THAT(problem(upsert, R"({"points":[{"id":1}]})"), contains("/points/0/vector is missing"));
  CHECK_THAT(problem(upsert, R"({"points":[{"id":-1,"vector":[1]}]})"), contains("/points/0/id"));
  CHECK_THAT(problem(upsert, R"({"points":[{"id":1.5,"vector":[1]}]})"), contains("/points/0/id"));
  CHECK_THAT(problem(upsert, R"({"points":[{"id":"no-uuid","vector":[1]}]})"), contains("/points/0/id"));
  CHECK_THAT(problem(upsert, R"({"points":[{"id":1,"vector":["x"]}]})"), contains("/points/0/vector/0"));
  CHECK_THAT(problem(upsert, R"({"points":[],"update_mode":"insert"})"), contains("/update_mode"));
  CHECK_THAT(problem(upsert, R"({"points":[],"points":[]})"), contains("/points stands twice"));
}

TEST_CASE("misspelt parts of filters are found") {
  CHECK(
      problem(scroll, R"({"filter":{"must":[{"has_id":[1]},{"key":"a","range":{"gte":1}}],"must_not":{"is_empty":{"key":"b"}}}})").empty());
  CHECK_FALSE(problem(scroll, R"({"filter":{"must":[{"hasid":[1]}]}})").empty());
  CHECK_FALSE(problem(scroll, R"({"filter":{"must":[{"key":"a","range":{"greater":1}}]}})").empty());
  CHECK_FALSE(problem(scroll, R"({"filter":{"must":[{"key":"a","match":{"value":[1]}}]}})").empty());
  CHECK_THAT(problem(scroll, R"({"filter":{"mustnot":[]}})"), contains("/filter/mustnot"));
  CHECK_THAT(problem(scroll, R"({"limit":0})"), contains("/limit 0 is below the minimum"));
}

TEST_CASE("collections, queries, batches and aliases are checked") {
  CHECK(problem("PUT /collections/c", R"({"vectors":{"size":4,"distance":"Cosine"},"metadata":{"x":1}})").empty());
  CHECK(problem("PUT /collections/c", R"({"vectors":{"code":{"size":4,"distance":"Cosine"}}})").empty());
  CHECK_THAT(problem("PUT /collections/c", R"({"vectors":{"size":4,"distance":"cosine"}})"), contains("/vectors/distance"));
  CHECK(problem(
            "POST /collections/c/points/query/batch",
            R"({"searches":[{"query":[1,2],"limit":3,"with_payload":true,"using":"code","score_threshold":0.5,"params":{"exact":true}}]})")
            .empty());
  CHECK_THAT(problem("POST /collections/c/points/query/batch", R"({"searches":[{"query":[1],"limt":3}]})"), contains("/searches/0/limt"));
  CHECK(problem("POST /collections/c/points/batch",
                R"({"operations":[{"set_payload":{"payload":{"a":1},"filter":{}}},{"delete_payload":{"keys":["a"],"points":[1]}}]})")
            .empty());
  CHECK_FALSE(problem("POST /collections/c/points/batch", R"({"operations":[{"set_payload":{"payload":{"a":1},"filters":{}}}]})").empty());
  CHECK(problem("POST /collections/aliases", R"({"actions":[{"delete_alias":{"alias_name":"a"}}]})").empty());
  CHECK_FALSE(problem("POST /collections/aliases", R"({"actions":[{"delete_alias":{"alias":"a"}}]})").empty());
}

TEST_CASE("a file that is no description is refused") {
  CHECK_THROWS_AS(OpenApiCheck(QBATCH_TEST_DATA "/no_such_file.json"), std::runtime_error);
  CHECK_THROWS_AS(OpenApiCheck(QBATCH_TEST_DATA "/filter_answers.json"), std::runtime_error);
}
