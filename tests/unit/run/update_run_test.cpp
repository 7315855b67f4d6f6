// What an update sends: one change a point, in the order of the points' first good items.
#include "run/update_run.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

using Increments = std::vector<std::pair<std::string, std::int64_t>>;

/// Remembers the changes that were sent.
struct Updates : ClientFixture {
  std::vector<MetricChange> changes;

  Updates() {
    backend->hook = [this](const Request& request) {
      if (const auto* what = std::get_if<UpdateMetrics>(&request))
        changes.insert(changes.end(), what->changes.begin(), what->changes.end());
      return std::nullopt;
    };
  }
};

}  // namespace

TEST_CASE("updates of one point are merged, and every item has the point's outcome") {
  Updates fixture;
  fixture.backend->points[PointId(1)] = {};
  std::vector<MetricUpdate> updates(5);
  updates[0].id = 1;
  updates[0].incrementUsage = 2;
  updates[1].id = 2;
  updates[2].id = 1;
  updates[2].incrementUsage = 3;
  updates[3].id = 2;
  updates[4].id = 1;
  updates[4].successRate = std::numeric_limits<double>::quiet_NaN();
  const auto report = fixture.client().updateMetrics(updates);
  CHECK(report.outcome(0) == Outcome::done);
  CHECK(report.outcome(2) == Outcome::done);
  CHECK(report.outcome(1) == Outcome::rejected);
  CHECK(report.outcome(3) == Outcome::rejected);
  CHECK(report.outcome(4) == Outcome::rejected);
  CHECK(report.failures()[0].error.code() == Errc::pointNotFound);
  CHECK(report.stats().points == 1);
  REQUIRE(fixture.changes.size() == 2);
  CHECK(fixture.changes[0].increments == std::vector<std::pair<std::string, std::int64_t>>{{"usage_count", 5}});
}

TEST_CASE("points of one update and of several are sent side by side, however their ids are ordered") {
  Updates fixture;
  for (const auto id : {3u, 7u, 9u}) fixture.backend->points[PointId(id)] = {};
  const std::vector<MetricUpdate> updates{{.id = 9, .incrementUsage = 1, .lastUsed = "2025-01-01T00:00:00Z"},
                                          {.id = 3, .incrementUsage = 4},
                                          {.id = 9, .incrementUsage = 2, .increments = {{"shown", 1}}},
                                          {.id = 7, .set = Payload{{"a", 1}}},
                                          {.id = 3, .successRate = 0.5}};
  const auto report = fixture.client().updateMetrics(updates);
  CHECK(report.ok());
  CHECK(report.stats().points == 3);
  REQUIRE(fixture.changes.size() == 3);
  CHECK(fixture.changes[0].id == PointId(9));
  CHECK(fixture.changes[0].increments == Increments{{"usage_count", 3}, {"shown", 1}});
  CHECK(fixture.changes[0].lastUsed == "2025-01-01T00:00:00Z");
  CHECK(fixture.changes[1].id == PointId(3));
  CHECK(fixture.changes[1].increments == Increments{{"usage_count", 4}});
  CHECK(fixture.changes[1].successRateJson == "0.5");
  CHECK(fixture.changes[2].id == PointId(7));
  CHECK(fixture.changes[2].setJson == R"({"a":1})");
}

TEST_CASE("an update that would take a point's sum beyond 2^53 is rejected, and the others of the point are sent") {
  Updates fixture;
  fixture.backend->points[PointId(1)] = {};
  constexpr std::int64_t largest = std::int64_t{1} << 53;
  const auto report = fixture.client().updateMetrics(
      std::vector<MetricUpdate>{{.id = 1, .incrementUsage = largest}, {.id = 1, .incrementUsage = 1}, {.id = 1, .incrementUsage = -1}});
  CHECK(report.outcome(0) == Outcome::done);
  CHECK(report.outcome(1) == Outcome::rejected);
  CHECK(report.outcome(2) == Outcome::done);
  CHECK(report.failures()[0].error.message().find("2^53") != std::string::npos);
  REQUIRE(fixture.changes.size() == 1);
  CHECK(fixture.changes[0].increments == Increments{{"usage_count", largest - 1}});
}
