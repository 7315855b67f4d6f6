#include "serve/http_session.hpp"

#include <thread>

#include "serve/gzip_body.hpp"
#include "served.hpp"
#include "support/catch.hpp"
#include "support/gzipped.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::test;
using namespace std::chrono_literals;

TEST_CASE("http session: many requests on one connection", "[serve]") {
  const Served served;
  auto client = served.client();
  for (int round = 0; round < 50; ++round) {
    const std::string body = "body " + std::to_string(round);
    const auto answer = client.ask(rawRequest(round % 2 ? "PUT" : "POST", "/a%20b?c=d&e", body));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == (round % 2 ? "PUT" : "POST") + std::string(" /a%20b?c=d&e ") + std::to_string(body.size()) + " " + body);
    CHECK(answer->header("content-type") == "text/plain");
    CHECK(answer->header("connection").empty());
  }
}

TEST_CASE("http session: pipelined requests are answered in their order", "[serve]") {
  const Served served;
  auto client = served.client();
  std::string all;
  for (int i = 0; i < 40; ++i) all += rawRequest("POST", "/" + std::to_string(i), std::string(static_cast<std::size_t>(i) * 700, 'x'));
  // Sending and receiving at once: neither side's buffers hold all.
  std::thread sender([&] { client.send(all); });
  for (int i = 0; i < 40; ++i) {
    const auto answer = client.answer();
    CHECK((answer && answer->body.starts_with("POST /" + std::to_string(i) + "? ")));
  }
  sender.join();
}

TEST_CASE("http session: requests that come byte by byte", "[serve]") {
  const Served served;
  auto client = served.client();
  for (const char byte : rawRequest("POST", "/slow", "abc") + rawRequest("GET", "/next")) REQUIRE(client.send({&byte, 1}));
  CHECK(client.answer().value().body == "POST /slow? 3 abc");
  CHECK(client.answer().value().body == "GET /next? 0 ");
}

TEST_CASE("http session: connections end when the client wants it", "[serve]") {
  const Served served;
  auto asked = served.client();
  const auto answer = asked.ask(rawRequest("GET", "/", "", "Connection: close\r\n"));
  REQUIRE(answer);
  CHECK(answer->header("connection") == "close");
  CHECK(asked.closedByServer());
  auto old = served.client();
  CHECK(old.ask("GET /old HTTP/1.0\r\n\r\n").value().body == "GET /old? 0 ");
  CHECK(old.closedByServer());
  auto kept = served.client();
  CHECK(kept.ask("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").value().header("connection") == "keep-alive");
  CHECK(kept.ask(rawRequest("GET", "/2")).value().body == "GET /2? 0 ");
  auto half = served.client();
  half.send(rawRequest("POST", "/half", "x"));
  half.finishSending();
  CHECK(half.answer().value().body == "POST /half? 1 x");
  CHECK(half.closedByServer());
}

TEST_CASE("http session: HEAD has no body, and other methods are the handler's matter", "[serve]") {
  const Served served;
  auto client = served.client();
  const auto head = client.ask(rawRequest("HEAD", "/x"));
  REQUIRE(head);
  CHECK(head->header("content-length") == "11");
  CHECK(client.ask(rawRequest("OPTIONS", "*")).value().body == "OPTIONS *? 0 ");
  CHECK(client.ask(rawRequest("BREW", "/pot")).value().body == "BREW /pot? 0 ");
  CHECK(client.ask("GET http://localhost/proxied?a HTTP/1.1\r\nHost: other\r\n\r\n").value().body == "GET /proxied?a 0 ");
}

TEST_CASE("http session: chunked bodies", "[serve]") {
  const Served served;
  auto client = served.client();
  const std::string head = "POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(client.ask(head + "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n").value().body == "POST /c? 5 abcde");
  CHECK(client.ask(head + "0\r\n\r\n").value().body == "POST /c? 0 ");
  CHECK(client.ask(head + "zz\r\n").value().status == 400);
  CHECK(client.closedByServer());
}

TEST_CASE("http session: bodies up to the limit, and no further", "[serve]") {
  const Served served({.maxBodyBytes = 100'000});
  auto client = served.client();
  const std::string most(100'000, 'm');
  CHECK_THAT(client.ask(rawRequest("PUT", "/m", most)).value().body, contains("PUT /m? 100000 m"));
  const auto announced = client.ask(rawRequest("PUT", "/m", most + "m"));
  REQUIRE(announced);
  CHECK(announced->status == 400);
  CHECK_THAT(announced->body, contains("JSON payload (100001 bytes) is larger than allowed (limit: 100000 bytes)."));
  CHECK(announced->header("connection") == "close");
  auto chunked = served.client();
  chunked.send("PUT /m HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) chunked.send("2710\r\n" + std::string(10'000, 'c') + "\r\n");
  const auto grown = chunked.answer();
  REQUIRE(grown);
  CHECK(grown->status == 400);
  CHECK_THAT(grown->body, contains("JSON payload has exceeded limit (100000 bytes)."));
}

TEST_CASE("http session: a client that goes on sending a refused body still gets the answer", "[serve]") {
  const Served served({.maxBodyBytes = 1000});
  auto client = served.client();
  const std::string large(8u << 20, 'x');
  const auto answer = client.ask(rawRequest("PUT", "/large", large));
  REQUIRE(answer);
  CHECK(answer->status == 400);
}

TEST_CASE("http session: gzip bodies", "[serve]") {
  const Served served({.maxBodyBytes = 100'000});
  auto client = served.client();
  const auto post = [&](const std::string& body, const std::string& coding = "gzip") {
    return client.ask(rawRequest("POST", "/g", body, "Content-Encoding: " + coding + "\r\n")).value();
  };
  const std::string text(50'000, 'g');
  CHECK(post(gzipped(text)).body == "POST /g? 50000 " + text);
  CHECK(post("plain", "identity").body == "POST /g? 5 plain");
  const auto corrupt = post("this is no gzip");
  CHECK(corrupt.status == 400);
  CHECK_THAT(corrupt.body, contains("not whole gzip"));
  const auto bomb = post(gzipped(std::string(10'000'000, '\0')));
  CHECK(bomb.status == 400);
  CHECK_THAT(bomb.body, contains("JSON payload has exceeded limit (100000 bytes)."));
  CHECK(post(gzipped(text).substr(0, 60)).status == 400);
  CHECK(client.ask(rawRequest("POST", "/g", "", "Content-Encoding: gzip\r\n")).value().body == "POST /g? 0 ");
  // All that on one connection; a coding that is not known is refused before its body is read, which ends the connection.
  CHECK(post("x", "br").status == 415);
  CHECK(client.closedByServer());
}

TEST_CASE("http session: large answers are packed for those who accept it", "[serve]") {
  const std::string large(100'000, 'a');
  const Served served({}, [&](const qbatch::HttpRequest& request, const qbatch::Respond& respond) {
    respond({.body = request.path == "/large" ? large : "small"});
  });
  auto client = served.client();
  const auto answer = client.ask(rawRequest("GET", "/large", "", "Accept-Encoding: gzip, deflate\r\n"));
  REQUIRE(answer);
  CHECK(answer->header("content-encoding") == "gzip");
  CHECK(answer->body.size() < 10'000);
  CHECK(qbatch::serve::gunzip(answer->body, 1'000'000).bytes == large);
  CHECK(client.ask(rawRequest("GET", "/large")).value().body == large);
  CHECK(client.ask(rawRequest("GET", "/large", "", "Accept-Encoding: gzip;q=0\r\n")).value().header("content-encoding").empty());
  CHECK(client.ask(rawRequest("GET", "/small", "", "Accept-Encoding: gzip\r\n")).value().body == "small");
  CHECK(client.ask(rawRequest("HEAD", "/large", "", "Accept-Encoding: gzip\r\n")).value().header("content-length") == "100000");
}

TEST_CASE("http session: Expect: 100-continue is answered before the body, and refusals are, too", "[serve]") {
  const Served served({.maxBodyBytes = 10});
  auto client = served.client();
  client.send("PUT /e HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  CHECK(client.answer().value().status == 100);
  CHECK(client.ask("abc").value().body == "PUT /e? 3 abc");
  client.send("PUT /e HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 300\r\n\r\n");
  CHECK(client.answer().value().status == 400);
}

TEST_CASE("http session: keys, hosts and web pages are looked at before the body", "[serve]") {
  const Served served({.apiKey = "key-1", .openPaths = {"/healthz"}});
  auto client = served.client();
  const auto none = client.ask(rawRequest("GET", "/collections"));
  REQUIRE(none);
  CHECK(none->status == 401);
  CHECK(none->header("content-type") == "text/plain; charset=utf-8");
  CHECK(client.ask(rawRequest("GET", "/collections", "", "api-key: key-2\r\n")).value().body == "Invalid API key or JWT");
  CHECK(client.ask(rawRequest("GET", "/collections", "", "API-Key: key-1\r\n")).value().status == 200);
  CHECK(client.ask(rawRequest("GET", "/healthz")).value().status == 200);
  CHECK(client.ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").value().status == 403);
  CHECK(client.ask(rawRequest("POST", "/x", "{}", "api-key: key-1\r\nOrigin: http://evil.example\r\n")).value().status == 415);
  CHECK(client.closedByServer());
}

TEST_CASE("http session: slow heads and bodies end with 408", "[serve]") {
  const Served served({.requestTimeout = 50ms});
  for (const std::string part :
       {"GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\n", "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab",
        "PUT / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"}) {
    CAPTURE(part);
    auto client = served.client();
    const auto answer = client.ask(part);
    REQUIRE(answer);
    CHECK(answer->status == 408);
    CHECK_THAT(answer->body, contains("did not arrive in time"));
    CHECK(client.closedByServer());
  }
}

TEST_CASE("http session: a body that trickles forever is not borne", "[serve]") {
  const Served served({.requestTimeout = 40ms});
  auto client = served.client();
  client.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
  std::thread trickle([&] {
    while (client.send("x")) std::this_thread::sleep_for(5ms);
  });
  const auto answer = client.answer();
  CHECK((answer && answer->status == 408));
  client.finishSending();
  trickle.join();
}

TEST_CASE("http session: silent connections are closed without a word", "[serve]") {
  const Served served({.idleTimeout = 20ms});
  auto fresh = served.client();
  CHECK(fresh.closedByServer());
  auto used = served.client();
  CHECK(used.ask(rawRequest("GET", "/")).value().status == 200);
  CHECK(used.closedByServer());
}

TEST_CASE("http session: a client that does not take its answer is given up, and its place is free", "[serve]") {
  const std::string large(64u << 20, 'l');
  const Served served({.maxConnections = 1, .requestTimeout = 50ms},
                      [&](const qbatch::HttpRequest& request, const qbatch::Respond& respond) {
                        respond({.body = request.path == "/large" ? large : "small"});
                      });
  auto greedy = served.client();
  greedy.send(rawRequest("GET", "/large"));
  CHECK(served.client().ask(rawRequest("GET", "/")).value().body == "small");
}

TEST_CASE("http session: clients that leave", "[serve]") {
  const Served served;
  for (int round = 0; round < 20; ++round) {
    auto early = served.client();
    early.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
    early.close();
    auto late = served.client();
    late.send(rawRequest("GET", "/"));
    late.close();
  }
  auto cut = served.client();
  cut.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc");
  cut.finishSending();
  CHECK(cut.answer().value().status == 400);
  CHECK(served.client().ask(rawRequest("GET", "/still")).value().body == "GET /still? 0 ");
}

TEST_CASE("http session: a head that is too large is refused", "[serve]") {
  const Served served({.maxHeadBytes = 2000});
  auto client = served.client();
  CHECK(client.ask(rawRequest("GET", "/", "", "X: " + std::string(1000, 'x') + "\r\n")).value().status == 200);
  CHECK(client.ask(rawRequest("GET", "/", "", "X: " + std::string(3000, 'x') + "\r\n")).value().status == 431);
  CHECK(served.client().ask(rawRequest("GET", "/" + std::string(70'000, 'x'))).value().status == 431);
}
