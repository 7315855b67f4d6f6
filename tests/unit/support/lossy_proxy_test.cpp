#include "support/lossy_proxy.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/raw_client.hpp"

using namespace qbatch::test;

namespace {

LossyProxy::Options losing(unsigned resetBefore, unsigned dropAnswer, std::uint64_t seed = 1) {
  LossyProxy::Options options;
  options.seed = seed;
  options.resetBefore = resetBefore;
  options.dropAnswer = dropAnswer;
  return options;
}

std::uint16_t portOf(const LossyProxy& proxy) { return static_cast<std::uint16_t>(std::stoul(proxy.url().substr(17))); }

HttpAnswer echo(const Exchange& exchange) {
  HttpAnswer answer;
  answer.body = exchange.method + " " + exchange.target + " " + exchange.body;
  return answer;
}

/// So many requests on each of four threads, each on a new connection where the one before has ended. Returns how many were answered.
std::size_t askMany(const LossyProxy& proxy, std::size_t each) {
  std::atomic<std::size_t> answered = 0, wrong = 0;
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      std::optional<RawClient> client;
      for (std::size_t i = 0; i < each; ++i) {
        if (!client) client.emplace(portOf(proxy));
        const std::string body = std::to_string(thread * each + i);
        const auto answer = client->ask(rawRequest("POST", "/p", body));
        if (!answer) {
          client.reset();
        } else {
          ++(answer->body == "POST /p " + body ? answered : wrong);
        }
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  return answered;
}

}  // namespace

TEST_CASE("lossy proxy: what is not lost goes both ways whole, on one connection each") {
  ScriptedServer server([](const Exchange& exchange) {
    HttpAnswer answer = echo(exchange);
    const auto* color = exchange.header("x-color");
    answer.status = exchange.path == "/missing" ? 404 : 200;
    answer.headers = {{"X-Color", color != nullptr ? *color : "none"}};
    answer.chunked = exchange.path == "/chunks";
    return answer;
  });
  std::atomic<std::size_t> seen = 0;
  auto options = losing(0, 0);
  options.seen = [&](const Exchange& exchange) { seen += exchange.body.size(); };
  const LossyProxy proxy(server.url(), options);
  RawClient client(portOf(proxy));
  const std::string large(300'000, 'x');

  auto answer = client.ask(rawRequest("POST", "/a?b=c%20d", large, "X-Color: red\r\n"));
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "POST /a?b=c%20d " + large);
  CHECK(answer->header("x-color") == "red");
  answer = client.ask(rawRequest("POST", "/chunks", large));
  REQUIRE(answer);
  CHECK(answer->body == "POST /chunks " + large);
  answer = client.ask("POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  REQUIRE(answer);
  CHECK(answer->body == "POST /chunked abc");
  answer = client.ask(rawRequest("HEAD", "/head"));
  REQUIRE(answer);
  CHECK(answer->header("content-length") == std::to_string(std::string("HEAD /head ").size()));
  answer = client.ask(rawRequest("GET", "/missing"));
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->body == "GET /missing ");

  CHECK(server.connections() == 1);
  CHECK(server.problems().empty());
  CHECK(seen == 2 * large.size() + 3);
  const auto counts = proxy.counts();
  CHECK(counts.requests == 5);
  CHECK(counts.passed == 5);
}

TEST_CASE("lossy proxy: the server never hears of a request that is reset before it is forwarded") {
  ScriptedServer server(echo);
  const LossyProxy proxy(server.url(), losing(100, 100));
  CHECK_FALSE(RawClient(portOf(proxy)).ask(rawRequest("POST", "/p", "body")));
  CHECK(server.connections() == 0);
  CHECK(proxy.counts().resetBefore == 1);
  CHECK(proxy.counts().dropped == 0);
}

TEST_CASE("lossy proxy: a request whose answer is dropped was carried out whole") {
  ScriptedServer server(echo);
  const LossyProxy proxy(server.url(), losing(0, 100));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(RawClient(portOf(proxy)).ask(rawRequest("POST", "/p", "body")));
  const auto requests = server.requests();
  REQUIRE(requests.size() == 10);
  for (const auto& request : requests) CHECK(request.body == "body");
  CHECK(proxy.counts().dropped == 10);
}

TEST_CASE("lossy proxy: a request that is late arrives whole when its client has long been cut off, and once") {
  ScriptedServer server(echo);
  auto options = losing(0, 0);
  options.late = 100;
  options.latest = 3;
  LossyProxy proxy(server.url(), options);
  for (int i = 0; i < 10; ++i) CHECK_FALSE(RawClient(portOf(proxy)).ask(rawRequest("POST", "/p", "body " + std::to_string(i))));
  CHECK(server.count("POST /p") >= 7);
  CHECK(server.count("POST /p") < 10);
  proxy.deliverLate();
  proxy.deliverLate();
  std::vector<std::string> bodies;
  for (const auto& request : server.requests()) bodies.push_back(request.body);
  std::sort(bodies.begin(), bodies.end());
  REQUIRE(bodies.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) CHECK(bodies[i] == "body " + std::to_string(i));
  CHECK(proxy.counts().late == 10);
}

TEST_CASE("lossy proxy: what is lost is as many as asked for, known to the counts, and the same from the same seed") {
  ScriptedServer server(echo);
  const LossyProxy first(server.url(), losing(5, 10, 42)), again(server.url(), losing(5, 10, 42)), other(server.url(), losing(5, 10, 43));
  const auto answered = askMany(first, 1000);
  const auto counts = first.counts();
  CAPTURE(counts.text());
  CHECK(counts.requests == 4000);
  CHECK(counts.passed == answered);
  CHECK(counts.broken == 0);
  CHECK(counts.resetBefore + counts.dropped + counts.passed == 4000);
  CHECK(server.count("POST /p") == 4000 - counts.resetBefore);
  // Which requests these are depends on the threads; how many they are, on the seed alone.
  CHECK((counts.resetBefore > 150 && counts.resetBefore < 250));
  CHECK((counts.dropped > 310 && counts.dropped < 450));
  CHECK(askMany(again, 1000) == answered);
  CHECK(again.counts().resetBefore == counts.resetBefore);
  askMany(other, 1000);
  CHECK((other.counts().resetBefore != counts.resetBefore || other.counts().dropped != counts.dropped));
}

TEST_CASE("lossy proxy: a server that breaks off, or is not there, is a connection that ends") {
  ScriptedServer server(echo);
  const LossyProxy proxy(server.url(), losing(0, 0));
  HttpFault half;
  half.sendBytes = 30;
  server.next(half);
  CHECK_FALSE(RawClient(portOf(proxy)).ask(rawRequest("GET", "/half")));
  auto answer = RawClient(portOf(proxy)).ask(rawRequest("GET", "/whole"));
  REQUIRE(answer);
  CHECK(answer->body == "GET /whole ");
  server.stop();
  for (int i = 0; i < 2; ++i) CHECK_FALSE(RawClient(portOf(proxy)).ask(rawRequest("GET", "/nobody")));
  CHECK(proxy.counts().broken == 3);
  CHECK(proxy.counts().passed == 1);
}

TEST_CASE("lossy proxy: it stops at once, whatever is under way") {
  ScriptedServer server(echo);
  HttpFault silent;
  silent.silent = true;
  std::optional<LossyProxy> proxy(std::in_place, server.url(), losing(0, 0));
  RawClient idle(portOf(*proxy)), halfSent(portOf(*proxy)), waiting(portOf(*proxy));
  REQUIRE(idle.ask(rawRequest("GET", "/idle")));
  REQUIRE(halfSent.send("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\nabc"));
  server.next(silent);
  REQUIRE(waiting.send(rawRequest("GET", "/waiting")));
  while (server.count("GET /waiting") == 0) std::this_thread::yield();
  proxy.reset();
  CHECK(idle.closedByServer());
  CHECK(waiting.closedByServer());
}

TEST_CASE("lossy proxy: a path in front of the server's API stays, and another scheme is refused") {
  ScriptedServer server(echo);
  const LossyProxy proxy(server.url() + "/api/", losing(0, 0));
  CHECK(proxy.url().ends_with("/api"));
  CHECK_THROWS_AS(LossyProxy("https://localhost:6333", losing(0, 0)), std::runtime_error);
  CHECK_THROWS(LossyProxy("nonsense", losing(0, 0)));
}
