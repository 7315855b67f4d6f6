#include "serve/api_reads.hpp"

#include "support/catch.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::serve;
using qbatch::test::contains;
using qbatch::test::ServeAsked;

namespace {

const std::vector<std::string> reads{"POST /collections/c/points",        "POST /collections/c/points/scroll",
                                     "POST /collections/c/points/count",  "POST /collections/c/facet",
                                     "POST /collections/c/points/query",  "POST /collections/c/points/query/batch",
                                     "POST /collections/c/points/search", "POST /collections/c/points/search/batch"};
const std::string everything = R"({"ids":[1],"key":"k","searches":[],"vector":[1,2],"limit":1})";

}  // namespace

TEST_CASE("every read of points finds its route, its collection and its body") {
  ServeAsked asked;
  asked.makeCollection();
  asked.answer("PUT /collections/c/index?wait=true", R"({"field_name":"k","field_schema":"keyword"})");
  asked.store(R"([{"id":1,"vector":[1,2],"payload":{"k":"a"}}])");
  for (const std::string& read : reads) {
    CAPTURE(read);
    CHECK(asked(read, everything) == 200);
    CHECK_THAT(asked.body, contains(R"("status":"ok")"));
    CHECK(asked(read + "?timeout=5&consistency=1", everything) == 200);
    CHECK(asked(read + "?timeout=0", everything) == 422);
    CHECK(asked(read, "") == 400);
    CHECK(asked(read, "[") == 400);
    std::string other = read;
    other.replace(other.find("/c/"), 3, "/d/");
    CHECK(asked.answer(other, everything) == "404 Not found: Collection `d` doesn't exist!");
    other.replace(other.find("/d/"), 3, "/" + std::string(256, 'x') + "/");
    CHECK(asked(other, everything) == 422);
  }
}

TEST_CASE("reads of collections need no body") {
  ServeAsked asked;
  asked.makeCollection();
  for (const char* read : {"GET /collections", "GET /collections/", "GET /aliases", "GET /collections/c", "GET /collections/c/exists",
                           "GET /collections/c/aliases"}) {
    CAPTURE(read);
    CHECK(asked(read, "no JSON") == 200);
  }
  CHECK(asked("GET /collections/" + std::string(256, 'x')) == 422);
}

TEST_CASE("what is no read has no result") {
  const qbatch::local::Names names;
  const Body body("{}");
  const auto result = [&](const std::string& method, const std::string& path) {
    return readResult(ApiCall::of({method, path, "", ""}).value(), body, names);
  };
  CHECK(result("GET", "/collections") == R"({"collections":[]})");
  CHECK_FALSE(result("GET", "/"));
  CHECK_FALSE(result("GET", "/other/c"));
  CHECK_FALSE(result("POST", "/collections/c"));
  CHECK_FALSE(result("GET", "/collections/c/points"));
  CHECK_FALSE(result("POST", "/collections/c/points/none"));
}
