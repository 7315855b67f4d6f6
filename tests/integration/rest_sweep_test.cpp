// Sweeping marks on a server on which others work meanwhile.
#include <chrono>
#include <string>
#include <vector>

#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/rest_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;

namespace {

std::string flush(std::chrono::hours age) {
  const auto then = std::chrono::system_clock::now().time_since_epoch() - age;
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(then).count() * 1024);
}

/// Sets members of a point's payload, as another client would.
void setOn(FakeQdrant& qdrant, std::uint64_t id, const std::string& members) {
  Exchange exchange;
  exchange.method = "POST";
  exchange.path = "/collections/patterns/points/payload";
  exchange.query = {{"wait", "true"}};
  exchange.body = R"({"points":[)" + std::to_string(id) + R"(],"payload":{)" + members + "}}";
  REQUIRE(qdrant.answer(exchange).status == 200);
}

std::size_t sweep(const ClientOptions& options) { return ask<std::size_t>(*makeRestBackend(options), SweepMarks{"patterns"}); }

/// How many marks a point has: each is `_qbatch_` and 17 letters.
std::size_t marksOn(const FakeQdrant& qdrant, std::uint64_t id) {
  std::size_t count = 0;
  const auto object = codec::JsonObject::parse(qdrant.payload("patterns", PointId(id)).value());
  for (const auto& [name, raw] : object.members())
    if (name.starts_with("_qbatch_") && name.size() == 25 && codec::integerValue(raw)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a mark that its owner renews between look and removal stays") {
  RestFixture rest;
  REQUIRE(rest.client().storePatterns(numbered(2)).ok());
  for (const std::uint64_t id : {1U, 2U}) setOn(rest.qdrant, id, R"("_qbatch_last":"W.1","_qbatch_W":)" + flush(48h));
  const auto renewed = flush(0h);
  rest.between = [&](FakeQdrant& qdrant, const Exchange& exchange) {
    if (exchange.body.find("delete_payload") != std::string::npos) setOn(qdrant, 1, "\"_qbatch_W\":" + renewed);
    return qdrant.answer(exchange);
  };
  CHECK(sweep(rest.options) == 2);  // as seen
  CHECK(storedMember(rest.qdrant, PointId(1), "_qbatch_W") == renewed);
  CHECK(storedMember(rest.qdrant, PointId(2), "_qbatch_W") == "absent");
  CHECK(storedMember(rest.qdrant, PointId(2), "_qbatch_last") == "\"W.1\"");
  CHECK(rest.qdrant.problems().empty());
}

TEST_CASE("what updates left on thousands of points is swept by a few requests, once it is old") {
  RestFixture rest;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(2500)).ok());
  REQUIRE(client.updateMetrics(increments(2200, 3)).ok());
  const auto last = storedMember(rest.qdrant, PointId(5), "_qbatch_last");
  CHECK(sweep(rest.options) == 0);  // it is young
  CHECK(storedMember(rest.qdrant, PointId(5), "_qbatch_last") == last);
  // Of two clients that were killed two days ago.
  for (std::uint64_t id = 1; id <= 2200; ++id) setOn(rest.qdrant, id, R"("_qbatch_P":)" + flush(48h) + R"(,"_qbatch_Q":)" + flush(50h));
  const auto young = marksOn(rest.qdrant, 5);
  rest.server.forget();
  CHECK(sweep(rest.options) == 4400);
  CHECK(rest.server.count("POST /collections/*/points/scroll") == 3);
  CHECK(rest.server.count("POST /collections/*/points/batch") == 3);
  for (const std::uint64_t id : {1U, 1000U, 1001U, 2200U}) {
    CHECK(storedMember(rest.qdrant, PointId(id), "_qbatch_P") == "absent");
    CHECK(storedMember(rest.qdrant, PointId(id), "_qbatch_Q") == "absent");
    CHECK(storedAsSent(rest.qdrant, PointId(id), numbered(1, id).front(), 3));
  }
  CHECK(marksOn(rest.qdrant, 5) == young);
  CHECK(storedMember(rest.qdrant, PointId(5), "_qbatch_last") == last);
  // Counting goes on as if nothing had been.
  CHECK(client.updateMetrics(increments(10, 1)).ok());
  CHECK(storedMember(rest.qdrant, PointId(5), "usage_count") == "4");
  CHECK(rest.qdrant.problems().empty());
}
