#include "serve/query_request.hpp"

#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using qbatch::test::contains;
using qbatch::test::refused;

namespace {

QueryRequest query(const std::string& json) {
  const Body body(json);
  return readQuery(body.root(), {}, "internal");
}
QueryRequest search(const std::string& json) {
  const Body body(json);
  return readSearch(body.root(), {}, "search_request");
}
std::string refusal(const std::string& json) {
  return refused([&] { static_cast<void>(query(json)); });
}
std::string searchRefusal(const std::string& json) {
  return refused([&] { static_cast<void>(search(json)); });
}

}  // namespace

TEST_CASE("a query has the usual values where nothing is said") {
  const QueryRequest read = query("{}");
  CHECK(read.limit == 10);
  CHECK(read.offset == 0);
  CHECK(read.vectorName.empty());
  CHECK(read.filter.empty());
  CHECK_FALSE(read.minScore);
  CHECK(std::holds_alternative<std::monostate>(read.target));
}

TEST_CASE("a query's parts are read") {
  const QueryRequest read = query(
      R"({"query":[1],"using":"d","limit":3,"offset":4,"score_threshold":0.5,"filter":{"must":{"has_id":[1]}},"params":{"exact":true}})");
  CHECK(read.limit == 3);
  CHECK(read.offset == 4);
  CHECK(read.vectorName == "d");
  CHECK(read.minScore == 0.5F);
  CHECK_FALSE(read.filter.empty());
  CHECK_FALSE(std::holds_alternative<std::monostate>(read.target));
  CHECK(std::holds_alternative<local::OrderBy>(query(R"({"query":{"order_by":{"key":"n"}}})").target));
  for (const char* target : {"7", R"("550e8400-e29b-41d4-a716-446655440000")", R"({"nearest":7})", R"({"nearest":[1,2]})"})
    CHECK(refusal(R"({"query":)" + std::string(target) + "}") == "not refused");
  CHECK(std::holds_alternative<std::monostate>(query(R"({"query":null,"prefetch":[]})").target));
}

TEST_CASE("a query that makes no sense is refused") {
  CHECK(refusal(R"({"limit":0})") == "422 Validation error in JSON body: [internal.limit: value 0 invalid, must be 1 or larger]");
  CHECK_THAT(refusal(R"({"query":[]})"), contains("422 Validation error in JSON body: [internal.query"));
  for (const char* bad : {R"({"query":"x"})", R"({"query":-1})", R"({"query":1.5})", R"({"query":{"other":1}})", R"({"query":true})",
                          R"({"offset":-1})", R"({"score_threshold":"1"})", R"({"using":1})", R"({"params":1})", "[]"}) {
    CAPTURE(bad);
    CHECK_THAT(refusal(bad), contains("400 Format error in JSON body"));
  }
}

TEST_CASE("queries that need a Qdrant server are refused by their names") {
  for (const char* kind : {"discover", "context", "fusion", "formula", "sample"}) {
    const std::string of = R"({"query":{")" + std::string(kind) + R"(":{}}})";
    CHECK_THAT(refusal(of), contains("does not support `" + std::string(kind) + "` queries"));
  }
  CHECK_THAT(refusal(R"({"query":[1],"prefetch":[{"query":[1]}]})"), contains("`prefetch`"));
  CHECK_THAT(refusal(R"({"query":[1],"lookup_from":{"collection":"x"}})"), contains("`lookup_from`"));
  CHECK_THAT(refusal(R"({"query":{"nearest":[1],"mmr":{}}})"), contains("`mmr`"));
  CHECK_THAT(refusal(R"({"query":{"text":"a","model":"b"}})"), contains("inference"));
  CHECK_THAT(refusal(R"({"query":{"indices":[1],"values":[1]}})"), contains("sparse"));
}

TEST_CASE("an older search has a vector, a limit and perhaps a name") {
  const QueryRequest named = search(R"({"vector":{"name":"d","vector":[1,2]},"limit":3,"offset":1,"score_threshold":2})");
  CHECK(named.vectorName == "d");
  CHECK(named.limit == 3);
  CHECK(named.offset == 1);
  CHECK(named.minScore == 2.0F);
  CHECK(search(R"({"vector":[1],"limit":1})").vectorName.empty());
  CHECK_THAT(searchRefusal(R"({"limit":1})"), contains("missing field `vector`"));
  CHECK_THAT(searchRefusal(R"({"vector":[1]})"), contains("missing field `limit`"));
  CHECK(searchRefusal(R"({"vector":[1],"limit":0})").starts_with("422 Validation error in JSON body: [search_request.limit"));
  for (const char* bad : {R"({"name":"d"})", R"({"vector":[1]})", "5", R"({"name":5,"vector":[1]})"})
    CHECK_THAT(searchRefusal(R"({"limit":1,"vector":)" + std::string(bad) + "}"), contains("400 Format error"));
}
