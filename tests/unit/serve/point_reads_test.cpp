#include "serve/point_reads.hpp"

#include "support/catch.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using qbatch::test::contains;
using qbatch::test::ServeAsked;

namespace {

constexpr const char* uuid = "550e8400-e29b-41d4-a716-446655440000";
/// Points 1 to 5 and a UUID with payloads {"n": …}.
struct SixPoints : ServeAsked {
  SixPoints() {
    makeCollection(R"({"":{"size":1,"distance":"Dot"},"e":{"size":1,"distance":"Dot"}})");
    store(R"([{"id":1,"vector":[1],"payload":{"n":5}},{"id":2,"vector":{"e":[1]},"payload":{"n":4}},{"id":3,"vector":{},"payload":{"n":3}},
              {"id":4,"vector":{},"payload":{"n":2}},{"id":5,"vector":{},"payload":{"n":1}},
              {"id":")" +
          std::string(uuid) + R"(","vector":{}}])");
  }
  std::string retrieve(const std::string& sent) { return answer("POST /collections/c/points", sent); }
  std::string scroll(const std::string& sent) { return answer("POST /collections/c/points/scroll", sent); }
  std::string scrolled(const std::string& sent) { return ids("POST /collections/c/points/scroll", sent); }
  std::string count(const std::string& sent) { return answer("POST /collections/c/points/count", sent); }
};

}  // namespace

TEST_CASE("points are retrieved in the order asked for, each once, with their payload") {
  SixPoints asked;
  CHECK(asked.retrieve(R"({"ids":[3,99,1,3]})") == R"([{"id":3,"payload":{"n":3}},{"id":1,"payload":{"n":5}}])");
  CHECK(asked.retrieve(R"({"ids":[2],"with_payload":false,"with_vector":["e"]})") == R"([{"id":2,"vector":{"e":[1.0]}}])");
  CHECK(asked.retrieve(R"({"ids":["550E8400E29B41D4A716446655440000"]})") == "[{\"id\":\"" + std::string(uuid) + R"(","payload":{}}])");
  CHECK(asked.retrieve(R"({"ids":[]})") == "[]");
  CHECK(asked.retrieve(R"({"ids":[1],"with_vector":["x"]})") == "400 Wrong input: Not existing vector name error: x");
  CHECK_THAT(asked.retrieve("{}"), contains("missing field `ids`"));
  CHECK_THAT(asked.retrieve(R"({"ids":["x"]})"), contains("value x is not a valid point ID"));
}

TEST_CASE("one point is retrieved whole by its path") {
  SixPoints asked;
  CHECK(asked.answer("GET /collections/c/points/1") == R"({"id":1,"payload":{"n":5},"vector":[1.0]})");
  CHECK(asked.answer("GET /collections/c/points/" + std::string(uuid)) ==
        "{\"id\":\"" + std::string(uuid) + R"(","payload":{},"vector":{}})");
  CHECK(asked.answer("GET /collections/c/points/99") == "404 Not found: Point with id 99 does not exists!");
  for (const char* bad : {"x", "-1", "1.5", "99999999999999999999"})
    CHECK(asked.answer(std::string("GET /collections/c/points/") + bad).starts_with("400 Wrong input: Can not recognize"));
  CHECK(asked.answer("GET /collections/none/points/1").starts_with("404"));
}

TEST_CASE("scrolling goes by id and says where the next page begins") {
  SixPoints asked;
  CHECK(asked.scroll(R"({"limit":2,"with_payload":false})") == R"({"points":[{"id":1},{"id":2}],"next_page_offset":3})");
  CHECK(asked.scroll(R"({"limit":2,"offset":4,"with_payload":false})") ==
        R"({"points":[{"id":4},{"id":5}],"next_page_offset":")" + std::string(uuid) + "\"}");
  CHECK(asked.scroll(R"({"limit":2,"offset":")" + std::string(uuid) + R"(","with_payload":false})") ==
        R"({"points":[{"id":")" + std::string(uuid) + R"("}],"next_page_offset":null})");
  CHECK(asked.scroll(R"({"limit":6,"with_payload":false})").ends_with(R"("next_page_offset":null})"));
  CHECK(asked.scrolled(R"({"limit":18446744073709551615,"offset":5})") == "5,\"" + std::string(uuid) + "\"");
  CHECK_THAT(asked.scroll(R"({"limit":0})"), contains("422 Validation error in JSON body: [scroll_request.limit: value 0 invalid"));
  CHECK(asked.scroll(R"({"offset":"x"})").starts_with("400"));
}

TEST_CASE("pages of a filter join up") {
  SixPoints asked;
  const std::string odd = R"("filter":{"should":[{"key":"n","match":{"any":[1,3,5]}}]})";
  CHECK(asked.scroll("{" + odd + R"(,"limit":2,"with_payload":false})") == R"({"points":[{"id":1},{"id":3}],"next_page_offset":5})");
  CHECK(asked.scroll("{" + odd + R"(,"limit":2,"offset":5,"with_payload":false})") == R"({"points":[{"id":5}],"next_page_offset":null})");
  CHECK(asked.scroll(R"({"filter":{"must":[{"key":"n"}]}})")
            .starts_with("422 Validation error in JSON body: [scroll_request.filter.must[0]"));
}

TEST_CASE("points are counted, with a filter or without") {
  SixPoints asked;
  CHECK(asked.count("{}") == R"({"count":6})");
  CHECK(asked.count(R"({"exact":false,"filter":{"must":{"key":"n","range":{"gt":2}}}})") == R"({"count":3})");
  CHECK(asked.count(R"({"filter":{"must":{"has_vector":"e"}}})") == R"({"count":1})");
  CHECK(asked.count(R"({"filter":{"must":{"has_vector":""}}})") == R"({"count":1})");
  CHECK(asked.count(R"({"filter":{"must":{"has_id":[1,2,99]}}})") == R"({"count":2})");
  CHECK(asked.count(R"({"exact":1})").starts_with("400"));
  CHECK(
      asked.count(R"({"filter":{"must":[{"key":"n"}]}})").starts_with("422 Validation error in JSON body: [count_request.filter.must[0]"));
}
