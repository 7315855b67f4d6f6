#include "serve/http_answers.hpp"

#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::serve;
using qbatch::test::contains;

TEST_CASE("http answers: errors as Qdrant words them", "[serve]") {
  const auto error = errorAnswer(404, "no \"x\"\n\xff");
  CHECK(error.status == 404);
  CHECK(error.contentType == "application/json");
  CHECK_THAT(error.body, contains(R"({"status":{"error":"no \"x\"\n)") && contains(R"("},"time":0.0})"));
  CHECK(error.body.find('\xff') == std::string::npos);
  CHECK(
      announcedTooLarge(33554433, 33554432).body ==
      R"({"status":{"error":"Payload error: JSON payload (33554433 bytes) is larger than allowed (limit: 33554432 bytes)."},"time":0.0})");
  CHECK(grownTooLarge(33554432).body ==
        R"({"status":{"error":"Payload error: JSON payload has exceeded limit (33554432 bytes)."},"time":0.0})");
  CHECK(grownTooLarge(1).status == 400);
  CHECK(textAnswer(401, "x").contentType == "text/plain; charset=utf-8");
}

TEST_CASE("http answers: heads", "[serve]") {
  CHECK(answerHead({.body = "{}"}, {}) == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n");
  CHECK(answerHead({.status = 404}, {}) == "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  CHECK_THAT(answerHead({.status = 500}, {.keepAlive = false}), contains("connection: close\r\n"));
  CHECK_THAT(answerHead({}, {.oldProtocol = true}), contains("connection: keep-alive\r\n"));
  CHECK_THAT(answerHead({.body = "x"}, {.gzipped = true}), contains("content-encoding: gzip\r\n") && contains("vary: accept-encoding\r\n"));
  for (const int status : {202, 400, 401, 403, 405, 408, 409, 415, 417, 422, 431, 501, 503, 507, 299}) {
    CHECK_THAT(answerHead({.status = status}, {}), contains("HTTP/1.1 " + std::to_string(status) + " "));
  }
}
