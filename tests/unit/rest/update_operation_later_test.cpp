#include "rest/update_operation.hpp"
#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

http::Response inAnHour() { return answer(429, R"({"status":{"error":"Rate limiting exceeded"},"time":0.0})", {{"retry-after", "3600"}}); }

MetricChange counting(std::uint64_t id) {
  MetricChange change;
  change.id = id;
  change.increments = {{"usage_count", 1}};
  return change;
}

}  // namespace

TEST_CASE("an update that is asked to come after its deadline sends nothing more, and ends with the deadline") {
  const bool atRead = GENERATE(false, true);
  CAPTURE(atRead);
  const std::vector<MetricChange> changes{counting(1), counting(2)};
  UpdateMetrics request;
  request.collection = "c";
  request.changes = changes;
  const auto read = resultOf(R"([{"id":1,"payload":{}},{"id":2,"payload":{}}])");
  const std::size_t all = atRead ? 3 : 2;
  std::size_t seen = 0;
  // A deadline that comes before the last of these left is tried again with more time.
  for (auto time = 100ms; seen < all && time < 60s; time *= 2) {
    RestRig rig(atRead ? inOrder({read, batchOf("completed"), inAnHour()}) : inOrder({read, inAnHour()}));
    CallLimits limits;
    limits.deadline = Clock::now() + time;
    const auto reply = rig.run([&](auto stage, Completion done) { return makeUpdateOperation(stage, request, limits, std::move(done)); });
    seen = rig.record->size();
    if (seen < all) continue;
    CHECK(seen == all);
    REQUIRE(reply.verdict.items.size() == 2);
    for (const auto& item : reply.verdict.items) CHECK(item.outcome == Outcome::unknown);
  }
  CHECK(seen == all);
}

TEST_CASE("an update that lost to others and then finds no server is known not to be applied") {
  const std::vector<MetricChange> changes{counting(1)};
  UpdateMetrics request;
  request.collection = "c";
  request.changes = changes;
  const auto countOf = [](int count) { return resultOf(R"([{"id":1,"payload":{"usage_count":)" + std::to_string(count) + "}}]"); };
  RestRig rig(inOrder({countOf(1), batchOf("completed"), countOf(5), fault(http::Fault::Kind::connect, "connection refused")}));
  const auto reply = rig.run([&](auto stage, Completion done) { return makeUpdateOperation(stage, request, {}, std::move(done)); });
  CHECK(rig.record->size() == 4);
  CHECK(reply.verdict.kind == Verdict::Kind::unavailable);
  CHECK_FALSE(reply.verdict.maybeApplied);
}
