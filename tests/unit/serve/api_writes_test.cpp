#include "serve/api_writes.hpp"

#include "support/catch.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using qbatch::test::contains;
using qbatch::test::ServeAsked;

namespace {

struct OnePoint : ServeAsked {
  OnePoint() {
    makeCollection();
    store(R"([{"id":1,"vector":[1,2],"payload":{"n":1}}])");
  }
  std::string batch(const std::string& operations, const std::string& query = "?wait=true") {
    return answer("POST /collections/c/points/batch" + query, R"({"operations":[)" + operations + "]}");
  }
  std::string points() { return answer("POST /collections/c/points/scroll", R"({"with_vector":true})"); }
};
std::string pointsOf(const std::string& list) { return R"({"points":[)" + list + R"(],"next_page_offset":null})"; }
const std::string setMissing = R"({"set_payload":{"payload":{"a":1},"points":[99]}})";

}  // namespace

TEST_CASE("a batch carries out operations of all kinds one after the other") {
  OnePoint asked;
  const std::string operations = R"(
    {"upsert":{"points":[{"id":2,"vector":[2,0],"payload":{"n":2}},{"id":3,"vector":[3,0],"payload":{"n":3}},{"id":4,"vector":[4,0]}]}},
    {"set_payload":{"payload":{"a":{"b":1}},"points":[2,3]}},
    {"set_payload":{"payload":{"c":1},"key":"a","filter":{"must":{"key":"n","match":{"value":3}}}}},
    {"delete_payload":{"keys":["a.b"],"filter":{"must":{"key":"a.c","match":{"value":1}}}}},
    {"overwrite_payload":{"payload":{"z":1},"points":[2]}},
    {"clear_payload":{"points":[1]}},
    {"update_vectors":{"points":[{"id":2,"vector":[5,5]}]}},
    {"delete_vectors":{"vector":[""],"points":[3]}},
    {"delete":{"points":[4]}})";
  std::string acknowledged;
  for (int number = 2; number <= 10; ++number)
    acknowledged += std::string(number > 2 ? "," : "") + R"({"operation_id":)" + std::to_string(number) + R"(,"status":"completed"})";
  CHECK(asked.batch(operations) == "[" + acknowledged + "]");
  CHECK(asked.points() == pointsOf(R"({"id":1,"payload":{},"vector":[1.0,2.0]},{"id":2,"payload":{"z":1},"vector":[5.0,5.0]},)"
                                   R"({"id":3,"payload":{"n":3,"a":{"c":1}},"vector":{}})"));
}

TEST_CASE("a batch stops at its first error: what came before it stays") {
  OnePoint asked;
  CHECK(asked.batch(R"({"set_payload":{"payload":{"n":2},"points":[1]}},)" + setMissing + R"(,{"clear_payload":{"points":[1]}})") ==
        "404 Not found: No point with id 99 found");
  CHECK(asked.points() == pointsOf(R"({"id":1,"payload":{"n":2},"vector":[1.0,2.0]})"));
  CHECK(asked.batch(R"({"delete":{"points":[1]}},{"upsert":{"points":[{"id":5,"vector":[1]}]}})") ==
        "400 Wrong input: Vector dimension error: expected dim: 2, got 1");
  CHECK(asked.points() == pointsOf(""));
  CHECK(asked.batch("") == "[]");
}

TEST_CASE("a batch that cannot be read changes nothing") {
  OnePoint asked;
  const std::string before = asked.points();
  for (const char* bad : {R"({"unknown":{}})", R"({"delete":{}})", R"({"upsert":{"points":[{"id":-1,"vector":[1,2]}]}})",
                          R"({"set_payload":{"payload":{},"filter":{"must":[{"key":"a"}]}}})", "5"}) {
    CAPTURE(bad);
    CHECK(asked.batch(R"({"delete":{"points":[1]}},)" + std::string(bad)).substr(0, 1) == "4");
    CHECK(asked.points() == before);
  }
}

TEST_CASE("who does not wait is told of what is wrong with the request, not of what is missing") {
  OnePoint asked;
  for (const char* query : {"", "?wait=false", "?wait=false&ordering=strong&timeout=5"}) {
    CAPTURE(query);
    CHECK_THAT(asked.batch(setMissing + R"(,{"set_payload":{"payload":{"late":1},"points":[1]}})", query), contains("acknowledged"));
    CHECK_THAT(asked.points(), contains(R"("late":1)"));
    CHECK_THAT(asked.batch(R"({"clear_payload":{"points":[1]}})", query), contains("acknowledged"));
    const std::string end = std::string("/points") + query;
    CHECK(asked.answer("PUT /collections/c" + end, R"({"points":[{"id":5,"vector":[1]}]})").starts_with("400 Wrong input: Vector dim"));
    CHECK(asked.answer("PUT /collections/c" + end, R"({"points":[]})") == "400 Bad request: Empty update request");
    CHECK(asked.answer("PUT /collections/none" + end, R"({"points":[{"id":5,"vector":[1]}]})").starts_with("404"));
  }
}

TEST_CASE("parameters that cannot be are refused before anything is changed") {
  OnePoint asked;
  const std::string before = asked.points();
  for (const char* query : {"?wait=1", "?wait=true&ordering=best", "?wait=true&timeout=0", "?timeout=x"}) {
    CAPTURE(query);
    for (const char* line : {"POST /collections/c/points/delete", "POST /collections/c/points/payload/clear"})
      CHECK(asked.answer(std::string(line) + query, R"({"points":[1]})").substr(0, 1) == "4");
    CHECK(asked.batch(R"({"delete":{"points":[1]}})", query).substr(0, 1) == "4");
    CHECK(asked.answer(std::string("PUT /collections/c/index") + query, R"({"field_name":"n","field_schema":"integer"})").substr(0, 1) ==
          "4");
    CHECK(asked.answer(std::string("PUT /collections/d") + query, "{}").substr(0, 1) == "4");
  }
  CHECK(asked.points() == before);
  CHECK(asked.answer("GET /collections") == R"({"collections":[{"name":"c"}]})");
}

TEST_CASE("making and dropping indexes are operations with numbers") {
  OnePoint asked;
  CHECK(asked.answer("PUT /collections/c/index?wait=true", R"({"field_name":"n","field_schema":"integer"})") ==
        R"({"operation_id":2,"status":"completed"})");
  CHECK(asked.answer("DELETE /collections/c/index/n") == R"({"operation_id":3,"status":"acknowledged"})");
  CHECK_THAT(asked.batch(R"({"clear_payload":{"points":[1]}})"), contains(R"("operation_id":4)"));
}

TEST_CASE("writes of many requests at once are all there") {
  ServeAsked asked;
  asked.makeCollection();
  std::vector<std::future<int>> statuses;
  for (int id = 0; id < 200; ++id) {
    auto promise = std::make_shared<std::promise<int>>();
    statuses.push_back(promise->get_future());
    const std::string body = R"({"points":[{"id":)" + std::to_string(id) + R"(,"vector":[1,2]}]})";
    asked.api.handle({"PUT", "/collections/c/points", "wait=true", body},
                     [promise](qbatch::HttpResponse response) { promise->set_value(response.status); });
  }
  for (auto& status : statuses) CHECK(status.get() == 200);
  CHECK(asked.answer("POST /collections/c/points/count", "{}") == R"({"count":200})");
}
