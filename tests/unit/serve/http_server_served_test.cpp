#include "qbatch/http_server.hpp"
#include "served.hpp"
#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/text_matchers.hpp"

// What a server says in its own words, what it lets through without a key, and what it tells of its requests.
using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;

namespace {

/// What HttpServerOptions::served was told.
class Told {
 public:
  std::function<void(const HttpExchange&)> listener() {
    return [this](const HttpExchange& exchange) {
      const std::lock_guard lock(mutex_);
      told_.push_back(exchange);
      changed_.notify_all();
    };
  }
  /// The exchange of this place, once it was told.
  HttpExchange at(std::size_t place) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, RawClient::bound, [&] { return told_.size() > place; })) throw std::runtime_error("nothing was told");
    return told_.at(place);
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return told_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpExchange> told_;
};

/// Says the status that it was given, and the words.
HttpResponse plainWords(int status, std::string_view message) {
  return {.status = status,
          .contentType = "application/problem+json",
          .body = std::to_string(status) + " " + std::string(message),
          .headers = {{"x-refused", "yes"}}};
}

}  // namespace

TEST_CASE("http server: refusals in the server's own words", "[serve]") {
  const Served served({.apiKey = "k", .maxBodyBytes = 1000, .maxHeadBytes = 3000, .requestTimeout = 100ms, .refusal = plainWords},
                      [](const HttpRequest& request, const Respond& respond) {
                        if (request.path == "/throws") throw std::runtime_error("oops");
                        if (request.path == "/answers") respond({});
                      });
  const std::string key = "api-key: k\r\n", host = "Host: localhost\r\n";
  const auto refused = [&](int status, const std::string& bytes, const std::string& words) {
    CAPTURE(bytes.substr(0, 200));
    const auto answer = served.client().ask(bytes);
    REQUIRE(answer);
    CHECK(answer->status == status);
    CHECK_THAT(answer->body, contains(std::to_string(status) + " ") && contains(words));
    CHECK(answer->header("x-refused") == "yes");
    CHECK(answer->header("content-type") == "application/problem+json");
  };
  const std::string large(1001, 'x');
  refused(400, "nonsense\r\n\r\n", "Malformed request");
  refused(400, "GET / HTTP/1.1\r\n\r\n", "exactly one Host header");
  refused(401, rawRequest("GET", "/"), "Must provide an API key");
  refused(401, rawRequest("GET", "/", "", "api-key: x\r\n"), "Invalid API key");
  refused(403, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "DNS rebinding");
  refused(408, "GET / HTTP/1.1\r\n", "did not arrive in time");
  refused(413, rawRequest("PUT", "/", large, key), "JSON payload (1001 bytes) is larger than allowed (limit: 1000 bytes).");
  refused(413, "PUT / HTTP/1.1\r\n" + host + key + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + large, "has exceeded limit (1000 bytes)");
  refused(413, rawRequest("PUT", "/", gzipped(large), key + "Content-Encoding: gzip\r\n"), "has exceeded limit (1000 bytes)");
  refused(400, rawRequest("PUT", "/", "no gzip", key + "Content-Encoding: gzip\r\n"), "not whole gzip");
  refused(415, rawRequest("PUT", "/", "x", key + "Content-Encoding: br\r\n"), "Content-Encoding");
  refused(417, "PUT / HTTP/1.1\r\n" + host + key + "Expect: much\r\n\r\n", "Expect");
  refused(431, rawRequest("GET", "/", "", key + "x: " + std::string(4000, 'x') + "\r\n"), "its head is larger than 3000 bytes");
  refused(500, rawRequest("GET", "/throws", "", key), "oops");
  refused(500, rawRequest("GET", "/silent", "", key), "without an answer");
  refused(501, "PUT / HTTP/1.1\r\n" + host + key + "Transfer-Encoding: gzip\r\n\r\n", "chunked");
  CHECK(served.client().ask(rawRequest("GET", "/answers", "", key)).value().header("x-refused").empty());
}

TEST_CASE("http server: no request after one that was not understood", "[serve]") {
  Told told;
  const Served served({.served = told.listener()});
  for (const std::string head :
       {"PUT /1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "PUT /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "PUT /1 HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", "PUT 1 HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
    CAPTURE(head);
    auto client = served.client();
    const auto answer = client.ask(head + rawRequest("GET", "/smuggled"));
    REQUIRE(answer);
    CHECK((answer->status == 400 || answer->status == 501));
    CHECK(answer->header("connection") == "close");
    CHECK(client.closedByServer());
  }
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(told.at(i).target != "/smuggled");
}

TEST_CASE("http server: open paths need no key, and take one", "[serve]") {
  const Served served({.apiKey = "k", .openPaths = {"/healthz", "/open%20path"}});
  auto client = served.client();
  const auto status = [&](const std::string& target, const std::string& headers = "") {
    return client.ask(rawRequest("GET", target, "", headers)).value().status;
  };
  for (const std::string open : {"/healthz", "/healthz?x=y", "/open%20path"}) {
    CHECK(status(open) == 200);
    CHECK(status(open, "api-key: k\r\n") == 200);
    CHECK(status(open, "api-key: wrong\r\n") == 200);
  }
  for (const std::string closed : {"/", "/healthz/", "/HEALTHZ", "/%68ealthz", "//healthz", "/x?/healthz", "/livez"}) {
    CAPTURE(closed);
    CHECK(status(closed) == 401);
    CHECK(status(closed, "api-key: wrong\r\n") == 401);
    CHECK(status(closed, "Authorization: Bearer k\r\n") == 200);
  }
}

TEST_CASE("http server: each request is told of, with its bytes and time", "[serve]") {
  Told told;
  const Served served({.apiKey = "k", .idHeader = "x-request-id", .served = told.listener()});
  auto client = served.client();
  const auto good = client.ask(rawRequest("PUT", "/a?b", "hello", "api-key: k\r\nx-request-id: one\r\n"));
  REQUIRE(good);
  const auto first = told.at(0);
  CHECK(first.client.starts_with("127.0.0.1:"));
  CHECK(first.method == "PUT");
  CHECK(first.target == "/a?b");
  CHECK(first.id == "one");
  CHECK(first.status == 200);
  CHECK(first.bytesReceived == 5);
  CHECK(first.bytesSent == good->body.size());
  CHECK((first.time > 0ns && first.time < RawClient::bound));
  CHECK_FALSE(first.cut);

  client.ask(rawRequest("GET", "/refused"));
  const auto second = told.at(1);
  CHECK(second.target == "/refused");
  CHECK(second.status == 401);
  CHECK(second.bytesReceived == 0);
  CHECK(second.bytesSent > 0);
  CHECK_FALSE(second.cut);
  CHECK(second.client == first.client);

  client.ask(rawRequest("HEAD", "/h", "", "api-key: k\r\n"));
  CHECK(told.at(2).bytesSent == 0);
  const auto packed = gzipped(std::string(1000, 'g'));
  client.ask(rawRequest("PUT", "/g", packed, "api-key: k\r\nContent-Encoding: gzip\r\n"));
  CHECK(told.at(3).bytesReceived == packed.size());
  client.ask("nonsense\r\n\r\n");
  const auto unread = told.at(4);
  CHECK(unread.status == 400);
  CHECK((unread.method.empty() && unread.target.empty()));
  CHECK_FALSE(unread.id.empty());
  CHECK(told.size() == 5);
}

TEST_CASE("http server: requests whose connection ends are told of, silent connections are not", "[serve]") {
  Told told;
  HeldRequests held;
  Served served({.requestTimeout = 200ms, .idleTimeout = 50ms, .grace = 10ms, .served = told.listener()}, held.keeping());
  CHECK(served.client().closedByServer());
  auto half = served.client();
  half.send("PUT /half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
  half.finishSending();
  CHECK(half.answer().value().status == 400);
  CHECK(told.at(0).target == "/half");
  CHECK(told.at(0).status == 400);
  CHECK(told.at(0).bytesReceived == 3);
  CHECK_FALSE(told.at(0).cut);
  auto late = served.client();
  late.send("GET / HT");
  CHECK(late.answer().value().status == 408);
  CHECK(told.at(1).status == 408);
  // Without an answer when the server stops.
  auto never = served.client();
  never.send(rawRequest("GET", "/never", "12"));
  held.waitFor(1);
  served.server.stop();
  REQUIRE(told.size() == 3);
  CHECK(told.at(2).target == "/never");
  CHECK(told.at(2).status == 0);
  CHECK(told.at(2).bytesReceived == 2);
  CHECK(told.at(2).cut);
  held.release();
  CHECK(told.size() == 3);
}

TEST_CASE("http server: an answer that was cut has its status, and what was sent", "[serve]") {
  Told told;
  const std::size_t whole = 64u << 20;
  const Served served({.requestTimeout = 50ms, .served = told.listener()},
                      [&](const HttpRequest&, const Respond& respond) { respond({.body = std::string(whole, 'l')}); });
  auto greedy = served.client();
  greedy.send(rawRequest("GET", "/large"));
  const auto exchange = told.at(0);
  CHECK(exchange.status == 200);
  CHECK(exchange.cut);
  CHECK(exchange.bytesSent < whole);
  CHECK(exchange.time >= 50ms);
}

TEST_CASE("http server: its URL is for programs on this machine", "[serve]") {
  const HttpServer loopback({});
  CHECK(loopback.url() == "http://127.0.0.1:" + std::to_string(loopback.port()));
  const HttpServer all({.host = "0.0.0.0", .apiKey = "k"});
  CHECK(all.url() == "http://127.0.0.1:" + std::to_string(all.port()));
}
