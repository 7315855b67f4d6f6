// How many requests a whole client sends to a server, counted by the server.
#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/rest_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

using Routes = std::vector<std::string>;

const std::string lookUp = "POST /collections/patterns/points", upsert = "PUT /collections/patterns/points";

std::size_t total(const test::HttpServer& server) { return server.requests().size(); }

Routes sorted(Routes routes) {
  std::sort(routes.begin(), routes.end());
  return routes;
}

std::vector<Query> someQueries(std::size_t count) {
  std::vector<Query> queries(count);
  for (std::size_t i = 0; i < count; ++i) queries[i].text = std::string(i % 50 + 1, 'q');
  return queries;
}

}  // namespace

TEST_CASE("1000 new patterns are one look-up and one upsert") {
  RestFixture rest;
  auto client = rest.client();
  const auto patterns = somePatterns(1000);
  const auto describedByNow = [&] {
    REQUIRE(client.countPatterns() == 1000);
    REQUIRE(client.searchPatterns(someQueries(1)).ok());
    rest.server.forget();
  };
  const auto report = client.storePatterns(patterns);
  REQUIRE(report.ok());
  CHECK(report.count(Outcome::done) == 1000);
  CHECK(rest.qdrant.pointCount("patterns") == 1000);
  CHECK(rest.server.count("POST /collections/*/points") == 1);
  CHECK(rest.server.count("PUT /collections/*/points") == 1);
  CHECK(rest.server.count("PUT /collections/*") == 1);
  CHECK(report.stats().requests == total(rest.server));
  CHECK(rest.qdrant.problems() == Routes());

  SECTION("and so are the next 1000 of the same client, and nothing else") {
    describedByNow();
    const auto more = numbered(1000, 5000);
    const auto again = client.storePatterns(more);
    REQUIRE(again.ok());
    CHECK(routes(rest.server) == Routes{lookUp, upsert});
    CHECK(again.stats().requests == 2);
    CHECK(rest.qdrant.pointCount("patterns") == 2000);
  }
  SECTION("stored again they are a look-up, an upsert and a read-back") {
    describedByNow();
    const auto again = client.storePatterns(patterns);
    REQUIRE(again.ok());
    CHECK(routes(rest.server) == Routes{lookUp, upsert, lookUp});
    CHECK(again.stats().requests == 3);
    CHECK(rest.qdrant.pointCount("patterns") == 1000);
    CHECK(rest.qdrant.problems() == Routes());
  }
  SECTION("bytes are counted") {
    std::size_t bytes = 0;
    for (const auto& request : rest.server.requests()) bytes += request.body.size();
    CHECK(report.stats().bytesSent >= bytes);
    CHECK(report.stats().bytesSent <= bytes + 1000 * report.stats().requests);  // heads
    CHECK(report.stats().bytesReceived > 0);
  }
}

TEST_CASE("100 queries are one request") {
  RestFixture rest;
  auto client = rest.client();
  REQUIRE(client.storePatterns(somePatterns(60)).ok());
  REQUIRE(client.searchPatterns(someQueries(1)).ok());
  rest.server.forget();
  const auto report = client.searchPatterns(someQueries(100));
  REQUIRE(report.ok());
  CHECK(routes(rest.server) == Routes{"POST /collections/patterns/points/query/batch"});
  CHECK(report.stats().requests == 1);
  for (std::size_t i = 0; i < 100; ++i) CHECK(report.hits(i).size() == 10);

  rest.server.forget();
  CHECK(client.searchPatterns(someQueries(101)).ok());
  CHECK(rest.server.count("POST /collections/*/points/query/batch") == 2);
  CHECK(rest.qdrant.problems() == Routes());
}

TEST_CASE("500 updates are at most four requests") {
  RestFixture rest;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(500)).ok());
  rest.server.forget();
  const bool ofItsOwn = GENERATE(false, true);
  CAPTURE(ofItsOwn);
  auto updates = increments(500, 3);
  if (ofItsOwn)
    for (std::size_t i = 0; i < updates.size(); ++i) updates[i].successRate = static_cast<double>(i) / 1000;
  const auto report = client.updateMetrics(updates);
  REQUIRE(report.ok());
  CHECK(total(rest.server) <= 4);
  CHECK(report.stats().requests == total(rest.server));
  CHECK(rest.server.count("GET /collections/*") == 0);
  for (const auto& id : numbers(500)) CHECK(storedMember(rest.qdrant, id, "usage_count") == "3");
  CHECK(rest.qdrant.problems() == Routes());
}

TEST_CASE("a client asks once for server and collection, whatever it calls") {
  RestFixture rest;
  REQUIRE(rest.client().storePatterns(numbered(20)).ok());
  rest.server.forget();
  auto client = rest.client();
  for (int round = 0; round < 2; ++round) {
    CHECK(client.storePatterns(numbered(20, round == 0 ? 1 : 100)).ok());
    CHECK(client.searchPatterns(someQueries(3)).ok());
    CHECK(client.updateMetrics(increments(5, 1)).ok());
    CHECK(client.getPatterns(numbers(3)).size() == 3);
    CHECK(client.countPatterns() == (round == 0 ? 20 : 40));
  }
  CHECK(client.deletePatterns(Filter().must(match("language", "cpp"))).ok());
  CHECK(client.countPatterns() == 0);
  CHECK(rest.server.count("GET /") == 1);
  CHECK(rest.server.count("GET /collections/*") == 1);
  CHECK(rest.server.count("PUT /collections/*") == 0);
  CHECK(rest.qdrant.problems() == Routes());
  CHECK(rest.server.problems() == Routes());
}

TEST_CASE("2,500 patterns are three look-ups and three upserts") {
  RestFixture rest;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(1, 9999)).ok());
  REQUIRE(client.storePatterns(numbered(1, 9999)).ok());
  rest.server.forget();
  const auto report = client.storePatterns(numbered(2500));
  REQUIRE(report.ok());
  CHECK(sorted(routes(rest.server)) == Routes{lookUp, lookUp, lookUp, upsert, upsert, upsert});
  CHECK(report.stats().requests == 6);
  CHECK(rest.qdrant.pointCount("patterns") == 2501);
  CHECK(rest.qdrant.problems() == Routes());
}

TEST_CASE("connections are kept, and are never more than requests at once are allowed") {
  RestFixture rest;
  rest.options.flow.maxInFlight = GENERATE(std::size_t(1), std::size_t(3), std::size_t(8));
  rest.options.limits.store = 10;
  auto client = rest.client();
  rest.server.when([](const Exchange& exchange) { return exchange.method == "PUT"; }, answeredLate(milliseconds(5)),
                   test::HttpServer::always);
  for (int round = 0; round < 3; ++round) REQUIRE(client.storePatterns(numbered(200, 1 + 200u * static_cast<unsigned>(round))).ok());
  CHECK(total(rest.server) >= 120);
  CHECK(rest.server.peakConnections() <= rest.options.flow.maxInFlight);
  CHECK(rest.server.connections() * 4 < total(rest.server));  // on a busy machine some are idle for too long
  CHECK(rest.qdrant.problems() == Routes());
}

TEST_CASE("a delete is one request, and one by filter reads the ids first") {
  RestFixture rest;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(300)).ok());
  rest.server.forget();
  CHECK(client.deletePatterns(numbers(100)).ok());
  CHECK(routes(rest.server) == Routes{"POST /collections/patterns/points/delete"});
  rest.server.forget();
  const auto report = client.deletePatterns(Filter().must(match("language", "cpp")));
  CHECK(report.ok());
  CHECK(report.size() == 200);
  CHECK(rest.server.count("POST /collections/*/points/scroll") == 1);
  CHECK(rest.server.count("POST /collections/*/points/delete") == 1);
  CHECK(report.stats().requests == total(rest.server));
  CHECK(rest.qdrant.pointCount("patterns") == 0);
  CHECK(rest.qdrant.problems() == Routes());
}

TEST_CASE("options that go with every request arrive") {
  FakeQdrant::Options how;
  how.apiKey = "a secret key";
  RestFixture rest(how);
  rest.options.apiKey = "a secret key";
  rest.options.rest.ordering = WriteOrdering::strong;
  rest.options.rest.consistency = "majority";
  rest.options.rest.serverTimeout = milliseconds(7000);
  rest.options.rest.headers = {{"x-trace", "abc"}};
  rest.options.rest.userAgent = "a test";
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(5)).ok());
  REQUIRE(client.updateMetrics(increments(5, 1)).ok());
  REQUIRE(client.searchPatterns(someQueries(1)).ok());
  REQUIRE(client.deletePatterns(numbers(5)).ok());
  std::size_t writes = 0, reads = 0;
  for (const auto& request : rest.server.requests()) {
    CAPTURE(request.method, request.target);
    REQUIRE(request.header("api-key") != nullptr);
    CHECK(*request.header("api-key") == "a secret key");
    REQUIRE(request.header("x-trace") != nullptr);
    CHECK(*request.header("x-trace") == "abc");
    REQUIRE(request.header("user-agent") != nullptr);
    CHECK(*request.header("user-agent") == "a test");
    CHECK(request.header("expect") == nullptr);
    if (request.query.count("wait") != 0) {
      ++writes;
      CHECK(request.query.at("wait") == "true");
      CHECK(request.query.at("ordering") == "strong");
      CHECK(request.query.at("timeout") == "7");
    } else if (request.query.count("consistency") != 0) {
      ++reads;
      CHECK(request.query.at("consistency") == "majority");
      CHECK(request.query.at("timeout") == "7");
    }
  }
  CHECK(writes == 3);
  CHECK(reads >= 4);
  CHECK(rest.qdrant.problems() == Routes());
}
