#include <map>

#include "qbatch/http_server.hpp"
#include "served.hpp"
#include "support/catch.hpp"
#include "support/text_matchers.hpp"

// What goes in and out beside bodies: headers, ids, clients, statuses without bodies.
using namespace qbatch;
using namespace qbatch::test;
using Headers = std::vector<std::pair<std::string, std::string>>;

namespace {

/// Says the headers that it was sent.
void echoHeaders(const HttpRequest& request, const Respond& respond) {
  std::string body;
  for (const auto& [name, value] : request.headers) body += name + "=" + value + "\n";
  respond({.contentType = "text/plain", .body = body});
}

/// Says the request's id.
void echoId(const HttpRequest& request, const Respond& respond) { respond({.contentType = "text/plain", .body = request.id}); }

HttpHandler answering(HttpResponse response) {
  return [response = std::move(response)](const HttpRequest&, const Respond& respond) { respond(response); };
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("http server: the handler sees all headers, repeated ones too", "[serve]") {
  const Served served({}, echoHeaders);
  const auto answer = served.client().ask(
      rawRequest("GET", "/", "", "Accept: a\r\nX-Many: 1\r\nX-Other:\t y \t\r\nx-many: 2\r\nX-MANY:\r\nX-Bytes: \xc3\xa4\r\n"));
  REQUIRE(answer);
  CHECK_THAT(answer->body, contains("host=localhost\n") && contains("accept=a\n") && contains("x-other=y\n") &&
                               contains("x-bytes=\xc3\xa4\n") && contains("x-many=1\nx-many=2\nx-many=\n"));
}

TEST_CASE("http server: a header by its name", "[serve]") {
  const HttpRequest request{.headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}}};
  REQUIRE(request.header("a") != nullptr);
  CHECK(*request.header("a") == "1");
  CHECK(*request.header("b") == "2");
  CHECK(request.header("A") == nullptr);
  CHECK(HttpRequest{}.header("a") == nullptr);
}

TEST_CASE("http server: trailers are no headers", "[serve]") {
  const Served served({}, echoHeaders);
  auto client = served.client();
  const std::string head = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto answer = client.ask(head + "1\r\nx\r\n0\r\nX-Late: 1\r\nHost: evil.example\r\n\r\n");
  REQUIRE(answer);
  CHECK(answer->body == "host=localhost\ntransfer-encoding=chunked\n");
}

TEST_CASE("http server: folded headers are refused", "[serve]") {
  const Served served;
  for (const std::string fold :
       {"X: a\r\n b\r\n", "X: a\r\n\tb\r\n", "X:\r\n a\r\n", "X: \r\n \r\n", "X: a\r\n \r\n", "Content-Length:\r\n 5\r\n"}) {
    CAPTURE(fold);
    auto client = served.client();
    CHECK(client.ask("GET / HTTP/1.1\r\nHost: localhost\r\n" + fold + "\r\n").value().status == 400);
    CHECK(client.closedByServer());
  }
  for (const std::string plain : {"X:a\r\n", "X: \t a\t \r\n", "X:\r\n", "X: \r\n", "X: a  b\r\n"}) {
    CAPTURE(plain);
    CHECK(served.client().ask(rawRequest("GET", "/", "", plain)).value().status == 200);
  }
}

TEST_CASE("http server: the handler knows its client", "[serve]") {
  const Served served({}, [](const HttpRequest& request, const Respond& respond) { respond({.body = request.client}); });
  auto client = served.client(), other = served.client();
  const auto first = client.ask(rawRequest("GET", "/")).value().body;
  CHECK(first.starts_with("127.0.0.1:"));
  CHECK(std::stoi(first.substr(10)) > 0);
  CHECK(client.ask(rawRequest("GET", "/")).value().body == first);
  CHECK(other.ask(rawRequest("GET", "/")).value().body != first);
}

TEST_CASE("http server: an answer's own headers", "[serve]") {
  const Served served({}, answering({.status = 429, .body = "{}", .headers = {{"Retry-After", "7"}, {"x-two", "1"}, {"x-two", "2"}}}));
  const auto answer = served.client().ask(rawRequest("GET", "/"));
  REQUIRE(answer);
  CHECK(answer->head.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  CHECK(answer->header("retry-after") == "7");
  CHECK_THAT(answer->head, contains("x-two: 1\r\nx-two: 2\r\n"));
}

TEST_CASE("http server: no header can end an answer's head, or frame its body anew", "[serve]") {
  const std::string evil = "x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
  const Headers headers{{"x-a", evil},
                        {evil, "v"},
                        {"x-b\r\nx-evil", "v"},
                        {"x-c", "1\nx-evil: 1"},
                        {"x-d", std::string("1\0", 2)},
                        {"", "v"},
                        {"x evil", "v"},
                        {"content-length", "1"},
                        {"Transfer-Encoding", "chunked"},
                        {"x-good", "v"},
                        {"Connection", "upgrade"},
                        {"Content-Type", "text/html"}};
  const Served served({}, answering({.contentType = "text/plain\r\nx-evil: 1", .body = "body", .headers = headers}));
  auto client = served.client();
  for (int round = 0; round < 2; ++round) {
    const auto answer = client.ask(rawRequest("GET", "/"));
    REQUIRE(answer);
    CHECK(answer->head == "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-good: v\r\n\r\n");
    CHECK(answer->body == "body");
  }
}

TEST_CASE("http server: answers without a body, on one connection", "[serve]") {
  const Served served({}, [](const HttpRequest& request, const Respond& respond) {
    respond({.status = std::stoi(request.path.substr(1)), .body = "{}", .headers = {{"etag", "\"1\""}}});
  });
  auto client = served.client();
  for (const std::string path : {"/204", "/304"}) {
    const auto answer = client.ask(rawRequest("GET", path));
    REQUIRE(answer);
    CHECK(std::to_string(answer->status) == path.substr(1));
    CHECK(answer->header("content-length").empty());
    CHECK(answer->header("content-type").empty());
    CHECK(answer->header("etag") == "\"1\"");
  }
  const auto head = client.ask(rawRequest("HEAD", "/200"));
  REQUIRE(head);
  CHECK(head->header("content-length") == "2");
  CHECK(head->header("content-type") == "application/json");
  CHECK(client.ask(rawRequest("GET", "/404")).value().body == "{}");
  // A status that no answer may have, twice: nothing of the first is left on the connection.
  for (const std::string path : {"/100", "/0", "/1000"}) CHECK(client.ask(rawRequest("GET", path)).value().status == 500);
}

TEST_CASE("http server: ids are taken where they can be, made where not, and said in every answer", "[serve]") {
  const Served served({.idHeader = "X-Request-Id"}, echoId);
  auto client = served.client();
  const auto idOf = [&](const std::string& headers) {
    const auto answer = client.ask(rawRequest("GET", "/", "", headers));
    REQUIRE(answer);
    CHECK(answer->header("x-request-id") == answer->body);
    CHECK(count(answer->head, "x-request-id: ") == 1);
    CHECK_FALSE(answer->body.empty());
    return answer->body;
  };
  CHECK(idOf("X-REQUEST-ID: a.B_9-\r\n") == "a.B_9-");
  CHECK(idOf("X-Request-Id: " + std::string(128, 'i') + "\r\n") == std::string(128, 'i'));
  std::map<std::string, int> made;
  for (const std::string bad : {"", "X-Request-Id: \r\n", "X-Request-Id: a b\r\n", "X-Request-Id: <x>\r\n", "X-Request-Id: \xc3\xa4\r\n",
                                "X-Request-Id: one\r\nX-Request-Id: two\r\n"}) {
    ++made[idOf(bad)];
  }
  ++made[idOf("X-Request-Id: " + std::string(129, 'i') + "\r\n")];
  CHECK(made.size() == 7);
}

TEST_CASE("http server: refusals say ids, too", "[serve]") {
  const Served served({.apiKey = "k", .maxBodyBytes = 10, .requestTimeout = std::chrono::milliseconds(50), .idHeader = "x-request-id"},
                      echoId);
  const auto id = [&](const std::string& bytes, int status) {
    const auto answer = served.client().ask(bytes);
    REQUIRE(answer);
    CHECK(answer->status == status);
    CHECK_FALSE(answer->header("x-request-id").empty());
    return answer->header("x-request-id");
  };
  CHECK(id(rawRequest("GET", "/", "", "x-request-id: mine\r\n"), 401) == "mine");
  CHECK(id(rawRequest("PUT", "/", "12345678901", "api-key: k\r\nx-request-id: mine\r\n"), 400) == "mine");
  CHECK(id(rawRequest("PUT", "/", "no gzip", "api-key: k\r\nContent-Encoding: gzip\r\nx-request-id: mine\r\n"), 400) == "mine");
  CHECK(id("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\napi-key: k\r\nx-request-id: mine\r\n\r\nx", 408) == "mine");
  id("nonsense\r\n\r\n", 400);
  id("GET / HT", 408);
  // Without the option the header is one like any other.
  const Served without({}, echoId);
  const auto plain = without.client().ask(rawRequest("GET", "/", "", "x-request-id: mine\r\n"));
  REQUIRE(plain);
  CHECK(plain->body.empty());
  CHECK(plain->header("x-request-id").empty());
}
