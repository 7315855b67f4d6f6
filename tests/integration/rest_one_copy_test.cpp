// A kept connection that dies without an answer: libcurl would send a second copy by itself, of which nobody would know.
#include <thread>

#include "support/catch.hpp"
#include "support/rest_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;

TEST_CASE("a write whose kept connection dies is sent once, and counted once") {
  RestFixture rest;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(3)).ok());
  rest.server.forget();
  rest.server.when(requestTo("POST /collections/*/points/batch"), handledThenCut(GENERATE(Cut::close, Cut::reset)));
  const auto report = client.updateMetrics(increments(3, 5));
  CHECK(report.ok());
  CHECK(rest.server.count("POST /collections/*/points/batch") == 1);
  for (const auto& id : numbers(3)) CHECK(storedMember(rest.qdrant, id, "usage_count") == "5");
}

TEST_CASE("a write that was applied before the server went away for a while is counted once") {
  RestFixture rest;
  rest.options.retry.firstDelay = milliseconds(5);
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(3)).ok());
  REQUIRE(client.updateMetrics(increments(3, 1)).ok());
  rest.server.when(requestTo("POST /collections/*/points/batch"), handledThenCut(Cut::close));
  auto job = client.updateMetricsAsync(increments(3, 5));
  while (rest.server.count("POST /collections/*/points/batch") < 2) std::this_thread::sleep_for(milliseconds(1));
  rest.server.stop();
  std::this_thread::sleep_for(milliseconds(100));
  rest.server.start();
  CHECK(job.get().ok());
  for (const auto& id : numbers(3)) CHECK(storedMember(rest.qdrant, id, "usage_count") == "6");
}
