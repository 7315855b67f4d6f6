#include "http/transport.hpp"

#include "support/catch.hpp"

using namespace qbatch;

TEST_CASE("a header is found without regard to case") {
  http::Response response;
  response.headers = {{"Content-Type", "text/html"}, {"RETRY-AFTER", "3"}, {"Retry-After", "4"}, {"X", ""}};
  CHECK(headerOf(response, "content-type") == "text/html");
  CHECK(headerOf(response, "Retry-after") == "3");  // the first
  CHECK(headerOf(response, "x").empty());
  CHECK(headerOf(response, "content-typ").empty());
  CHECK(headerOf(response, "content-type2").empty());
  CHECK(headerOf(response, "").empty());
  CHECK(http::headerOf({}, "x").empty());
}
