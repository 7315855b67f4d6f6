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
  const std::pair<int, const char*> reasons[] = {
      {201, "Created"}, {413, "Content Too Large"}, {429, "Too Many Requests"}, {502, "Bad Gateway"}, {504, "Gateway Timeout"}};
  for (const auto& [status, reason] : reasons) CHECK_THAT(answerHead({.status = status}, {}), contains(reason));
}

TEST_CASE("http answers: without a body there is neither length nor type", "[serve]") {
  CHECK(answerHead({.status = 204, .body = "x"}, {}) == "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(answerHead({.status = 304, .body = "x", .headers = {{"etag", "\"1\""}}}, {}) == "HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\n\r\n");
  CHECK_FALSE((mayHaveBody(204) || mayHaveBody(304)));
  CHECK((mayHaveBody(200) && mayHaveBody(404)));
}

TEST_CASE("http answers: further headers are sent, but for those that would say something else", "[serve]") {
  const auto head = [](std::string name, std::string value) { return answerHead({.headers = {{std::move(name), std::move(value)}}}, {}); };
  const std::string plain = answerHead({}, {});
  CHECK(head("Retry-After", "5") == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nRetry-After: 5\r\n\r\n");
  CHECK_THAT(head("x", ""), contains("\r\nx: \r\n"));
  CHECK_THAT(head("x", "\xc3\xa4"), contains("\r\nx: \xc3\xa4\r\n"));
  for (const char* value : {"a\r\nb: c", "a\nb", "a\rb", "\n", "a\tb", "a\x7f", "\x01"}) CHECK(head("x", value) == plain);
  CHECK(head("x", std::string("a\0b", 3)) == plain);
  for (const char* name : {"", " ", "a b", "a:", "a\r\nb", "\xc3\xa4", "a\x7f", "(a)", "x\n"}) CHECK(head(name, "v") == plain);
  for (const char* name : {"Content-Length", "transfer-encoding", "CONNECTION", "Keep-Alive", "Trailer", "content-type"})
    CHECK(head(name, "v") == plain);
  CHECK(answerHead({.contentType = "text/plain\r\nx: y", .body = "b"}, {}) == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n");
}

TEST_CASE("http answers: a request's id, which no other header replaces", "[serve]") {
  const auto head = answerHead({.headers = {{"X-Request-Id", "other"}}}, {.idHeader = "x-request-id", .id = "one"});
  CHECK(head == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-request-id: one\r\n\r\n");
}
