#include "serve/point_query.hpp"

#include "support/catch.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using qbatch::test::contains;
using qbatch::test::ServeAsked;

namespace {

/// Points 1 to 4 with `d` (Dot) [1,0] to [4,0], points 1 and 2 with `e` (Euclid) [1] and [2], point 5 with a sparse `s` alone.
struct Named : ServeAsked {
  Named() {
    makeCollection(R"({"d":{"size":2,"distance":"Dot"},"e":{"size":1,"distance":"Euclid"}})", R"(,"sparse_vectors":{"s":{}})");
    store(R"([{"id":1,"vector":{"d":[1,0],"e":[1]},"payload":{"n":1}},{"id":2,"vector":{"d":[2,0],"e":[2]},"payload":{"n":2}},
              {"id":3,"vector":{"d":[3,0]},"payload":{"n":3}},{"id":4,"vector":{"d":[4,0]},"payload":{"n":4}},
              {"id":5,"vector":{"s":{"indices":[1],"values":[1]}},"payload":{"n":5}}])");
  }
  std::string query(const std::string& sent) { return ids("POST /collections/c/points/query", sent); }
  std::string search(const std::string& sent) { return ids("POST /collections/c/points/search", sent); }
};

}  // namespace

TEST_CASE("points that have the vector are ranked by it") {
  Named asked;
  CHECK(asked.query(R"({"query":[1,0],"using":"d"})") == "4,3,2,1");
  CHECK(asked.query(R"({"query":[-1,0],"using":"d","limit":2})") == "1,2");
  CHECK(asked.query(R"({"query":{"nearest":[5]},"using":"e"})") == "2,1");
  CHECK(asked.query(R"({"query":[1,0],"using":"d","offset":1,"limit":2})") == "3,2");
  CHECK(asked.query(R"({"query":[1,0],"using":"d","offset":9})").empty());
  CHECK(asked.query(R"({"query":[1,0],"using":"d","offset":3,"limit":18446744073709551615})") == "1");
  CHECK(asked.query(R"({"query":[1,0],"using":"d","filter":{"must":{"key":"n","range":{"lte":2}}}})") == "2,1");
}

TEST_CASE("the threshold of a score is the least of likenesses and the most of distances") {
  Named asked;
  CHECK(asked.query(R"({"query":[1,0],"using":"d","score_threshold":3})") == "4,3");
  CHECK(asked.query(R"({"query":[0],"using":"e","score_threshold":1.5})") == "1");
  CHECK(asked.search(R"({"vector":{"name":"d","vector":[1,0]},"limit":9,"score_threshold":2.5})") == "4,3");
  CHECK(asked.query(R"({"query":[1,0],"using":"d","score_threshold":"x"})").starts_with("400"));
}

TEST_CASE("hits show version, score and what was asked for") {
  Named asked;
  CHECK(asked.answer("POST /collections/c/points/query", R"({"query":[1,0],"using":"d","limit":1})") ==
        R"({"points":[{"id":4,"version":1,"score":4.0}]})");
  CHECK(
      asked.answer("POST /collections/c/points/query", R"({"query":[3],"using":"e","limit":1,"with_payload":["n"],"with_vector":["e"]})") ==
      R"({"points":[{"id":2,"version":1,"score":1.0,"payload":{"n":2},"vector":{"e":[2.0]}}]})");
  CHECK(asked.answer("POST /collections/c/points/search", R"({"vector":{"name":"d","vector":[1,1]},"limit":1,"with_payload":true})") ==
        R"([{"id":4,"version":1,"score":4.0,"payload":{"n":4}}])");
  CHECK(asked.query(R"({"query":[1,0],"using":"d","with_vector":["x"]})") == "400 Wrong input: Not existing vector name error: x");
}

TEST_CASE("a point may be the example, and is then no hit") {
  Named asked;
  CHECK(asked.query(R"({"query":3,"using":"d"})") == "4,2,1");
  CHECK(asked.query(R"({"query":{"nearest":1},"using":"e"})") == "2");
  CHECK(asked.query(R"({"query":99,"using":"d"})") == "404 Not found: No point with id 99 found");
  CHECK_THAT(asked.query(R"({"query":3,"using":"e"})"), contains("404 Not found: Vector with name e not found for point 3"));
  CHECK_THAT(asked.query(R"({"query":"550e8400-e29b-41d4-a716-446655440000","using":"d"})"),
             contains("404 Not found: No point with id 550e"));
}

TEST_CASE("without a query points come by id") {
  Named asked;
  CHECK(asked.query("{}") == "1,2,3,4,5");
  CHECK(asked.query(R"({"offset":1,"limit":2})") == "2,3");
  CHECK(asked.query(R"({"offset":3,"limit":18446744073709551615})") == "4,5");
  CHECK(asked.query(R"({"filter":{"must":{"has_vector":"e"}}})") == "1,2");
}

TEST_CASE("what cannot be compared is refused") {
  Named asked;
  CHECK(asked.query(R"({"query":[1,0]})") == "400 Wrong input: Not existing vector name error: ");
  CHECK(asked.query(R"({"query":[1,0],"using":"x"})") == "400 Wrong input: Not existing vector name error: x");
  CHECK(asked.query(R"({"query":[1],"using":"d"})") == "400 Wrong input: Vector dimension error: expected dim: 2, got 1");
  CHECK_THAT(asked.query(R"({"query":{"indices":[1],"values":[1]},"using":"s"})"), contains("sparse"));
  CHECK_THAT(asked.query(R"({"query":[1],"using":"s"})"), contains("sparse"));
  CHECK(asked.answer("POST /collections/none/points/query", R"({"query":[1,0]})") == "404 Not found: Collection `none` doesn't exist!");
}

TEST_CASE("the older search takes one vector, with a name or without") {
  Named asked;
  CHECK(asked.search(R"({"vector":{"name":"e","vector":[0]},"limit":5,"offset":1})") == "2");
  CHECK(asked.search(R"({"vector":[1,0],"limit":5})") == "400 Wrong input: Not existing vector name error: ");
  CHECK(asked.search(R"({"vector":{"name":"d"},"limit":5})").starts_with("400"));
  CHECK_THAT(asked.search(R"({"vector":{"name":"d","vector":[1,0]}})"), contains("missing field `limit`"));
  ServeAsked unnamed;
  unnamed.makeCollection();
  unnamed.store(R"([{"id":1,"vector":[1,0]},{"id":2,"vector":[2,0]}])");
  CHECK(unnamed.ids("POST /collections/c/points/search", R"({"vector":[1,0],"limit":5})") == "2,1");
  CHECK(unnamed.ids("POST /collections/c/points/query", R"({"query":[1,0],"using":""})") == "2,1");
}

TEST_CASE("a batch answers each of its queries") {
  Named asked;
  const std::string line = "POST /collections/c/points/query/batch";
  CHECK(asked.answer(line, R"({"searches":[{"query":[1,0],"using":"d","limit":1},{"limit":1},{"query":[0],"using":"e","limit":1}]})") ==
        R"([{"points":[{"id":4,"version":1,"score":4.0}]},{"points":[{"id":1,"version":0,"score":1.0}]},)"
        R"({"points":[{"id":1,"version":1,"score":1.0}]}])");
  CHECK(asked.answer(line, R"({"searches":[]})") == "[]");
  CHECK(asked.answer("POST /collections/c/points/search/batch",
                     R"({"searches":[{"vector":{"name":"d","vector":[1,0]},"limit":1},{"vector":{"name":"e","vector":[0]},"limit":1}]})") ==
        R"([[{"id":4,"version":1,"score":4.0}],[{"id":1,"version":1,"score":1.0}]])");
}

TEST_CASE("a bad query in a batch makes the batch fail, and is named") {
  Named asked;
  const auto batch = [&](const std::string& second) {
    return asked.answer("POST /collections/c/points/query/batch", R"({"searches":[{"query":[1,0],"using":"d"},)" + second + "]}");
  };
  CHECK(batch(R"({"query":[1],"using":"d"})") == "400 Wrong input: Vector dimension error: expected dim: 2, got 1");
  CHECK(batch(R"({"query":[1,0],"using":"x"})") == "400 Wrong input: Not existing vector name error: x");
  CHECK_THAT(batch(R"({"limit":0})"), contains("422 Validation error in JSON body: [searches[1].internal.limit: value 0"));
  CHECK_THAT(batch(R"({"filter":{"must":[{"key":"a"}]}})"), contains("[searches[1].internal.filter.must[0].__all__"));
  CHECK(batch("5").starts_with("400"));
  CHECK(asked.answer("POST /collections/c/points/query/batch", "[]").starts_with("400"));
  CHECK_THAT(asked.answer("POST /collections/c/points/search/batch", R"({"searches":[{"vector":[1,0],"limit":0}]})"),
             contains("[searches[0].search_request.limit"));
}
