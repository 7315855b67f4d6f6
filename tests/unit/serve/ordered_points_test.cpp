#include "serve/ordered_points.hpp"

#include "support/catch.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using qbatch::test::contains;
using qbatch::test::ServeAsked;

namespace {

/// Points with whole numbers, decimals and times, whose indexes are named as the kinds.
struct Ordered : ServeAsked {
  Ordered() {
    makeCollection();
    store(R"([{"id":1,"vector":{},"payload":{"integer":3,"float":0.5,"datetime":"2024-01-01T00:00:00Z"}},
              {"id":2,"vector":{},"payload":{"integer":[1,5],"float":-1,"datetime":"2023-01-01T00:00:00Z"}},
              {"id":3,"vector":{},"payload":{"integer":3,"float":2.25}},{"id":4,"vector":{},"payload":{"integer":"no","float":null}},
              {"id":5,"vector":{},"payload":{"integer":-7,"float":[1,9]}}])");
    for (const char* kind : {"integer", "float", "datetime"}) {
      const std::string name = kind;
      if ((*this)("PUT /collections/c/index?wait=true", R"({"field_name":")" + name + R"(","field_schema":")" + name + "\"}") != 200)
        throw std::runtime_error(body);
    }
  }
  std::string by(const std::string& order, const std::string& more = {}) {
    return ids("POST /collections/c/points/scroll", R"({"order_by":)" + order + more + "}");
  }
};

}  // namespace

TEST_CASE("points are ordered by their values, of equal ones by id, once for each value") {
  Ordered asked;
  CHECK(asked.by(R"("integer")") == "5,2,1,3,2");
  CHECK(asked.by(R"({"key":"integer","direction":"desc"})") == "2,1,3,2,5");
  CHECK(asked.by(R"({"key":"float","direction":"asc"})") == "2,1,5,3,5");
  CHECK(asked.by(R"("datetime")") == "2,1");
  CHECK(asked.by(R"("integer")", R"(,"limit":2)") == "5,2");
  CHECK(asked.by(R"("integer")", R"(,"filter":{"must_not":{"has_id":[2,5]}})") == "1,3");
}

TEST_CASE("a value that stands twice in a payload is one place in the order") {
  Ordered asked;
  asked.store(R"([{"id":6,"vector":{},"payload":{"integer":[7,7,8]}}])");
  CHECK(asked.by(R"({"key":"integer","start_from":6})") == "6,6");
}

TEST_CASE("ordering starts from a value, which belongs to it") {
  Ordered asked;
  CHECK(asked.by(R"({"key":"integer","start_from":3})") == "1,3,2");
  CHECK(asked.by(R"({"key":"integer","direction":"desc","start_from":3})") == "1,3,2,5");
  CHECK(asked.by(R"({"key":"datetime","start_from":"2023-06-01T00:00:00Z"})") == "1");
  CHECK(asked.by(R"({"key":"integer","start_from":100})").empty());
}

TEST_CASE("what points were ordered by is shown, and there is no next page") {
  Ordered asked;
  CHECK(asked.answer("POST /collections/c/points/scroll", R"({"order_by":"integer","limit":2,"with_payload":false})") ==
        R"({"points":[{"id":5,"order_value":-7},{"id":2,"order_value":1}],"next_page_offset":null})");
  CHECK_THAT(asked.answer("POST /collections/c/points/scroll", R"({"order_by":"float"})"), contains(R"("order_value":2.25)"));
}

TEST_CASE("ordering needs an index that knows orders") {
  Ordered asked;
  CHECK(asked.by(R"("none")").starts_with("400"));
  CHECK_THAT(asked.by(R"("none")"), contains("none"));
  asked("PUT /collections/c/index?wait=true", R"({"field_name":"k","field_schema":"keyword"})");
  CHECK(asked.by(R"("k")").starts_with("400"));
  CHECK(asked.by(R"("integer")", R"(,"offset":1)").starts_with("400"));
  CHECK(asked.by(R"({"key":"integer","direction":"up"})").starts_with("400"));
  CHECK(asked.by("5").starts_with("400"));
  asked("DELETE /collections/c/index/integer?wait=true");
  CHECK(asked.by(R"("integer")").starts_with("400"));
}

TEST_CASE("a query orders, too, with an offset") {
  Ordered asked;
  const auto query = [&](const std::string& more) {
    return asked.ids("POST /collections/c/points/query", R"({"query":{"order_by":"integer"})" + more + "}");
  };
  CHECK(query("") == "5,2,1,3,2");
  CHECK(query(R"(,"offset":2,"limit":2)") == "1,3");
  CHECK(query(R"(,"offset":9)").empty());
  CHECK(query(R"(,"offset":1,"limit":18446744073709551615)") == "2,1,3,2");
}
