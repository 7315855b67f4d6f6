#include "qbatch/http_server.hpp"

#include <atomic>
#include <future>
#include <thread>

#include "qbatch/error.hpp"
#include "served.hpp"
#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::test;
using namespace qbatch;
using namespace std::chrono_literals;

TEST_CASE("http server: a hundred connections at once", "[serve]") {
  const Served served;
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(served.client());
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) REQUIRE(clients[i].send(rawRequest("POST", "/" + std::to_string(i), "b")));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const auto answer = clients[i].answer();
      REQUIRE(answer);
      CHECK(answer->body == "POST /" + std::to_string(i) + "? 1 b");
    }
  }
}

TEST_CASE("http server: several threads of clients", "[serve]") {
  const Served served;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < 25; ++round) {
        auto client = served.client();
        for (int i = 0; i < 4; ++i) {
          const auto answer = client.ask(rawRequest("PUT", "/x", std::string(10'000, 'x')));
          if (answer && answer->status == 200) ++good;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 400);
}

TEST_CASE("http server: connections above the limit wait", "[serve]") {
  const Served served({.maxConnections = 2});
  auto first = served.client(), second = served.client();
  CHECK(first.ask(rawRequest("GET", "/1")).value().status == 200);
  CHECK(second.ask(rawRequest("GET", "/2")).value().status == 200);
  auto third = served.client();
  third.send(rawRequest("GET", "/3"));
  first.close();
  CHECK(third.answer().value().body == "GET /3? 0 ");
}

TEST_CASE("http server: slow requests hold only their threads", "[serve]") {
  HeldRequests held;
  const Served served({.threads = 2}, held.blocking());
  auto slow = served.client(), quick = served.client();
  slow.send(rawRequest("GET", "/slow"));
  held.waitFor(1);
  CHECK(quick.ask(rawRequest("GET", "/free")).value().status == 200);
  // Bad requests are answered even where every thread is busy.
  auto second = served.client();
  second.send(rawRequest("GET", "/slow"));
  held.waitFor(3);
  CHECK(served.client().ask("nonsense\r\n\r\n").value().status == 400);
  held.release();
  CHECK(slow.answer().value().body == "released");
  CHECK(second.answer().value().body == "released");
}

TEST_CASE("http server: answers come from any thread, once, or as 500 where they never come", "[serve]") {
  HeldRequests held;
  const Served served({}, held.keeping());
  auto client = served.client();
  client.send(rawRequest("GET", "/"));
  held.waitFor(1);
  std::thread([&] { held.release(); }).join();
  CHECK(client.answer().value().body == "released");
  client.send(rawRequest("GET", "/"));
  held.waitFor(2);
  held.forget();
  CHECK(client.answer().value().status == 500);

  const Served twice({}, [](const HttpRequest&, const Respond& respond) {
    respond({.body = "first"});
    respond({.body = "second"});
  });
  auto other = twice.client();
  CHECK(other.ask(rawRequest("GET", "/")).value().body == "first");
  CHECK(other.ask(rawRequest("GET", "/")).value().body == "first");
}

TEST_CASE("http server: a handler that throws is answered for", "[serve]") {
  const Served served({}, [](const HttpRequest& request, const Respond&) {
    if (request.path == "/int") throw 1;
    throw std::runtime_error("broken \"thing\"");
  });
  auto client = served.client();
  const auto answer = client.ask(rawRequest("GET", "/"));
  REQUIRE(answer);
  CHECK(answer->status == 500);
  CHECK_THAT(answer->body, contains(R"(Service internal error: broken \"thing\")"));
  CHECK(client.ask(rawRequest("GET", "/int")).value().status == 500);
}

TEST_CASE("http server: stopping lets running requests be answered and closes idle connections", "[serve]") {
  HeldRequests held;
  Served served({.grace = 20s}, held.blocking());
  auto idle = served.client(), running = served.client(), reading = served.client();
  CHECK(idle.ask(rawRequest("GET", "/free")).value().status == 200);
  reading.send("PUT /free HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(reading.answer().value().status == 100);
  running.send(rawRequest("GET", "/slow"));
  held.waitFor(2);
  auto stopping = std::async(std::launch::async, [&] { served.server.stop(); });
  CHECK(idle.closedByServer());
  CHECK_THROWS(served.client().ask(rawRequest("GET", "/free")).value());
  const auto last = reading.ask("ab");
  REQUIRE(last);
  CHECK(last->status == 200);
  CHECK(last->header("connection") == "close");
  CHECK(stopping.wait_for(0s) == std::future_status::timeout);
  held.release();
  CHECK(running.answer().value().body == "released");
  CHECK(running.closedByServer());
  stopping.get();
  served.server.stop();
}

TEST_CASE("http server: the grace time bounds a stop; later answers are dropped", "[serve]") {
  HeldRequests held;
  Served served({.grace = 10ms}, held.keeping());
  auto never = served.client(), half = served.client();
  never.send(rawRequest("GET", "/"));
  half.send("GET / HTTP/1.1\r\nHo");
  held.waitFor(1);
  served.server.stop();
  CHECK_FALSE(never.answer());
  CHECK(half.closedByServer());
  held.release();
}

TEST_CASE("http server: answers may come after the server's end", "[serve]") {
  HeldRequests held;
  {
    const Served served({.grace = 1ms}, held.keeping());
    auto client = served.client();
    client.send(rawRequest("GET", "/"));
    held.waitFor(1);
  }
  held.release();
}

TEST_CASE("http server: one that never started ends, too, and its port is free again", "[serve]") {
  std::uint16_t port = 0;
  {
    const HttpServer server({});
    port = server.port();
    CHECK(port != 0);
  }
  const Served again({.port = port});
  CHECK(again.client().ask(rawRequest("GET", "/")).value().status == 200);
}

TEST_CASE("http server: a port in use is named, with what to do", "[serve]") {
  const Served first;
  try {
    const HttpServer second({.port = first.server.port()});
    FAIL("the port was given twice");
  } catch (const qbatch::RequestError& error) {
    CHECK(error.error().code() == qbatch::Errc::inUse);
    CHECK_THAT(error.what(), contains("127.0.0.1:" + std::to_string(first.server.port())) && contains("choose another port"));
  }
}

TEST_CASE("http server: what cannot work is refused", "[serve]") {
  CHECK_THROWS_AS(HttpServer({.maxConnections = 0}), qbatch::ConfigError);
}
