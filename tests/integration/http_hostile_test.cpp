#ifdef QBATCH_WITH_SERVE
#include <atomic>
#include <set>
#include <string>

#include "qbatch/http_server.hpp"
#include "support/catch.hpp"
#include "support/hostile_requests.hpp"

namespace qbatch::test {
namespace {

using namespace std::chrono_literals;

const std::string path = "/batch/store/patterns", goodBody = R"([{"id":1}])";

/// An HttpServer with one path, which takes one body, and counts.
class CountingServer {
 public:
  CountingServer()
      : server_({.apiKey = "key",
                 .maxBodyBytes = 8u << 20,
                 .requestTimeout = 150ms,
                 .idleTimeout = 150ms,
                 .served = [this](const HttpExchange&) { ++told; }}) {
    server_.start([this](const HttpRequest& request, const Respond& respond) { answer(request, respond); });
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  void stop() { server_.stop(); }

  std::atomic<std::size_t> calls = 0, good = 0, smuggled = 0, told = 0;

 private:
  void answer(const HttpRequest& request, const Respond& respond) {
    ++calls;
    if (request.path == smuggledPath) ++smuggled;
    if (request.path != path) return respond({.status = 404});
    if (request.method != "POST" || !request.query.empty()) return respond({.status = 405});
    if (request.body != goodBody) return respond({.status = 400, .body = R"({"error":"other items were expected"})"});
    ++good;
    respond({.body = "{}"});
  }

  HttpServer server_;
};

}  // namespace

TEST_CASE("http hostile: each of several hundred hostile requests is refused, and the server lives on", "[serve]") {
  const auto list = hostileRequests(path, "localhost", "api-key: key\r\n");
  CHECK(list.size() > 200);
  std::set<std::string> names;
  CountingServer server;
  std::size_t asked = 0, lawful = 0;
  bool gone = false;
  for (const auto& request : list) {
    CAPTURE(request.name, shownBytes(request.bytes, 300));
    CHECK(names.insert(request.name).second);
    const auto before = server.calls.load();
    const auto outcome = sendHostile(server.port(), request);
    CAPTURE(outcome.statuses, outcome.time.count());
    CHECK(outcome.good(request));
    CHECK(outcome.time < 5s);
    const auto alive = RawClient(server.port()).ask(rawRequest("POST", path, goodBody, "api-key: key\r\n"));
    REQUIRE(alive);
    CHECK(alive->status == 200);
    ++asked;
    CHECK(server.good == asked);
    CHECK(server.smuggled == 0);
    // Where HTTP itself has something against it, no handler sees it. One whose sender has gone may be seen later.
    if (request.lawful) ++lawful;
    if (!gone) CHECK(server.calls - before - 1 <= (request.lawful ? 1u : 0u));
    gone = request.how == Sending::reset;
  }
  server.stop();
  CHECK(server.good == asked);
  CHECK(server.calls <= asked + lawful);
  CHECK(server.told >= asked);
}

TEST_CASE("http hostile: many of them at once", "[serve]") {
  CountingServer server;
  const auto list = hostileRequests(path, "localhost", "api-key: key\r\n");
  constexpr std::size_t threads = 8;
  std::atomic<std::size_t> bad = 0;
  std::vector<std::thread> senders;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    senders.emplace_back([&, thread] {
      for (std::size_t i = thread; i < list.size(); i += threads)
        if (!sendHostile(server.port(), list[i]).good(list[i])) ++bad;
    });
  }
  for (auto& sender : senders) sender.join();
  CHECK(bad == 0);
  CHECK(server.good == 0);
  CHECK(server.smuggled == 0);
  CHECK(RawClient(server.port()).ask(rawRequest("POST", path, goodBody, "api-key: key\r\n")).value().status == 200);
}

TEST_CASE("http hostile: without the key nothing is seen by the handler", "[serve]") {
  CountingServer server;
  for (const auto& request : hostileRequests(path, "localhost")) {
    // Those that need time need it with and without a key.
    if (request.how == Sending::slowly || request.name.starts_with("unfinished")) continue;
    CAPTURE(request.name);
    CHECK(sendHostile(server.port(), request).good(request));
  }
  CHECK(server.calls == 0);
}

}  // namespace qbatch::test
#endif
