// Servers that go away and come back, calls that end early, and several clients at once.
#include <atomic>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/rest_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Clock = std::chrono::steady_clock;

namespace {

bool is(const Error& error, Errc code) { return error.code() == make_error_code(code); }

HttpStep silence() {
  HttpFault silent;
  silent.silent = true;
  return silent;
}

/// Every item's outcome against what the server holds: done is stored, unsent and failed are not.
void checkStored(const StoreReport& report, const std::vector<Pattern>& patterns, const FakeQdrant& qdrant) {
  for (std::size_t i = 0; i < report.size(); ++i) {
    const auto outcome = report.outcome(i);
    const bool there = qdrant.payload("patterns", *patterns[i].id).has_value();
    CAPTURE(i, toString(outcome));
    if (outcome == Outcome::done) CHECK(storedAsSent(qdrant, *patterns[i].id, patterns[i], 0));
    if (outcome == Outcome::unsent || outcome == Outcome::failed || outcome == Outcome::rejected) CHECK_FALSE(there);
  }
}

// Far above what ending early takes, far below what hanging would.
constexpr std::chrono::seconds promptly{20};

}  // namespace

TEST_CASE("a server that is restarted in the middle of a long store: everything is stored once") {
  RestFixture rest;
  rest.options.limits.store = 50;
  rest.options.flow.maxInFlight = 4;
  auto client = rest.client();
  const auto patterns = numbered(2000);
  auto job = client.storePatternsAsync(patterns);
  for (std::size_t reached : {200u, 800u}) {
    REQUIRE(eventually([&] { return rest.qdrant.pointCount("patterns") >= reached; }));
    rest.server.stop();
    std::this_thread::sleep_for(milliseconds(50));
    rest.server.start();
  }
  const auto report = job.get();
  CHECK(report.ok());
  CHECK(report.count(Outcome::done) == 2000);
  CHECK(report.stats().retries > 0);
  CHECK(rest.qdrant.pointCount("patterns") == 2000);
  checkStored(report, patterns, rest.qdrant);
  CHECK(rest.qdrant.problems() == std::vector<std::string>());
}

TEST_CASE("a server that is restarted in the middle of many updates: every one is counted once") {
  RestFixture rest;
  rest.options.limits.update = 20;
  rest.options.retry.firstDelay = milliseconds(1);
  rest.options.retry.maxDelay = milliseconds(20);
  rest.options.flow.maxInFlight = 4;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(400)).ok());
  rest.server.forget();
  auto job = client.updateMetricsAsync(increments(400, 3));
  REQUIRE(eventually([&] { return rest.server.count("POST /collections/*/points/batch") >= 3; }));
  rest.server.stop();
  std::this_thread::sleep_for(milliseconds(30));
  rest.server.start();
  const auto report = job.get();
  CHECK(report.count(Outcome::done) == 400);
  for (const auto& id : numbers(400)) CHECK(storedMember(rest.qdrant, id, "usage_count") == "3");
}

TEST_CASE("a server that goes away between an update and its answer, and refuses connections for a while, counts once") {
  RestFixture rest;
  rest.options.retry.firstDelay = milliseconds(1);
  rest.options.retry.maxDelay = milliseconds(20);
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(5)).ok());
  rest.server.when(requestTo("POST /collections/*/points/batch"), answeredLate(promptly));
  auto job = client.updateMetricsAsync(increments(5, 3));  // on a connection that was kept
  REQUIRE(eventually([&] { return storedMember(rest.qdrant, PointId(5), "usage_count") == "3"; }));
  rest.server.stop();
  std::this_thread::sleep_for(milliseconds(50));
  rest.server.start();
  const auto report = job.get();
  CHECK(report.count(Outcome::done) == 5);
  for (const auto& id : numbers(5)) CHECK(storedMember(rest.qdrant, id, "usage_count") == "3");
}

TEST_CASE("a call is cancelled while its requests hang: it returns, and says what can be known") {
  RestFixture rest;
  rest.options.limits.store = 5;
  rest.options.flow.maxInFlight = 2;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(1, 999)).ok());
  const bool duringLookUp = GENERATE(false, true);
  CAPTURE(duringLookUp);
  const std::string hangs = duringLookUp ? "POST /collections/*/points" : "PUT /collections/*/points";
  rest.server.when(requestTo(hangs), silence(), test::HttpServer::always);  // writes are carried out, and not answered
  rest.server.forget();
  const auto patterns = numbered(30);
  std::stop_source stop;
  StoreOptions options;
  options.stop = stop.get_token();
  auto job = client.storePatternsAsync(patterns, options);
  REQUIRE(eventually([&] { return rest.server.count(hangs) == 2; }));
  const auto began = Clock::now();
  stop.request_stop();
  const auto report = job.get();
  CHECK(Clock::now() - began < promptly);
  CHECK(is(report.stopped(), Errc::cancelled));
  CHECK(report.count(Outcome::done) == 0);
  CHECK(report.count(Outcome::unknown) == (duringLookUp ? 0u : 10u));
  CHECK(report.count(Outcome::unsent) >= 20);
  checkStored(report, patterns, rest.qdrant);
}

TEST_CASE("the deadline ends a call whose requests hang") {
  RestFixture rest;
  rest.options.limits.store = 5;
  rest.options.limits.update = 5;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(1, 999)).ok());
  rest.server.when([](const Exchange& exchange) { return exchange.query.count("wait") != 0; }, silence(), test::HttpServer::always);
  const auto patterns = numbered(10);
  const auto began = Clock::now();
  SECTION("storing") {
    StoreOptions options;
    options.deadline = milliseconds(300);
    const auto report = client.storePatterns(patterns, options);
    CHECK(is(report.stopped(), Errc::deadlineExceeded));
    CHECK(report.count(Outcome::done) == 0);
    checkStored(report, patterns, rest.qdrant);
  }
  SECTION("updating") {
    UpdateOptions options;
    options.deadline = milliseconds(300);
    const auto report = client.updateMetrics(increments(1, 2, 999), options);
    CHECK(is(report.stopped(), Errc::deadlineExceeded));
    const auto usage = storedMember(rest.qdrant, PointId(999), "usage_count");
    if (report.outcome(0) == Outcome::unknown)
      CHECK((usage == "0" || usage == "2"));
    else
      CHECK(usage == "0");
    CHECK(report.outcome(0) != Outcome::done);
  }
  SECTION("deleting") {
    DeleteOptions options;
    options.deadline = milliseconds(300);
    const auto report = client.deletePatterns(numbers(1, 999), options);
    CHECK(is(report.stopped(), Errc::deadlineExceeded));
    CHECK((report.outcome(0) == Outcome::unknown || rest.qdrant.payload("patterns", PointId(999))));
  }
  CHECK(Clock::now() - began < promptly);
}

TEST_CASE("a client is destroyed while a detached call hangs: its deadline ends both") {
  RestFixture rest;
  {
    auto client = rest.client();
    REQUIRE(client.storePatterns(numbered(1)).ok());
    rest.server.when(requestTo("POST /collections/*/points/query/batch"), silence(), test::HttpServer::always);
    SearchOptions options;
    options.deadline = milliseconds(100);
    client.searchPatternsAsync({Query{"text", {}}}, options).detach();
  }
  CHECK(rest.server.count("POST /collections/*/points/query/batch") <= 1);
}

TEST_CASE("two clients in many threads on one server: nothing is lost or counted twice") {
  RestFixture rest;
  rest.options.threads = 2;
  auto first = rest.client(), second = rest.client();
  REQUIRE(first.storePatterns(numbered(20)).ok());
  std::atomic<std::size_t> notDone{0};
  constexpr int rounds = 5;
  std::vector<std::thread> threads;
  for (BatchClient* client : {&first, &second}) {
    threads.emplace_back([&, client] {
      for (int round = 0; round < rounds; ++round) {
        const auto report = client->updateMetrics(increments(20, 1));
        notDone += report.size() - report.count(Outcome::done);
      }
    });
    threads.emplace_back([&, client] {
      for (int round = 0; round < rounds; ++round)
        if (!client->storePatterns(numbered(10, 100 + 10u * static_cast<unsigned>(round))).ok()) ++notDone;
    });
    threads.emplace_back([&, client] {
      for (int round = 0; round < rounds; ++round)
        if (!client->searchPatterns(std::vector<std::string>{"text"}).ok()) ++notDone;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(notDone == 0);
  for (const auto& id : numbers(20)) CHECK(storedMember(rest.qdrant, id, "usage_count") == std::to_string(2 * rounds));
  CHECK(rest.qdrant.pointCount("patterns") == 20 + 10 * rounds);
  CHECK(rest.qdrant.problems() == std::vector<std::string>());
}
