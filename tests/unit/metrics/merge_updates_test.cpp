#include "metrics/merge_updates.hpp"

#include <cstdint>
#include <numeric>

#include "support/catch.hpp"

using namespace qbatch;
using Indices = std::vector<std::size_t>;
using Increments = std::vector<std::pair<std::string, std::int64_t>>;

namespace {
metrics::MergedUpdates merge(const std::vector<MetricUpdate>& updates, const FieldNames& fields = {}) {
  Indices all(updates.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return metrics::mergeUpdates(updates, all, fields);
}
constexpr std::int64_t largest = std::int64_t{1} << 53;
}  // namespace

TEST_CASE("updates of one point become one change") {
  const auto merged = merge({{.id = 7, .incrementUsage = 2}, {.id = 7, .incrementUsage = 3}, {.id = 7, .incrementUsage = -1}});
  CHECK(merged.merged == Indices{0, 1, 2});
  CHECK(merged.change.id == PointId(7));
  CHECK(merged.change.increments == Increments{{"usage_count", 4}});
  CHECK(merged.change.setJson.empty());
  CHECK(merged.overflows.empty());
}

TEST_CASE("a single update is its own change") {
  const auto merged = merge({{.id = 8, .successRate = 0.5, .set = Payload{{"a", 1}}}});
  CHECK(merged.merged == Indices{0});
  CHECK(merged.change.increments.empty());
  CHECK(merged.change.successRateJson == "0.5");
  CHECK(merged.change.setJson == R"({"a":1})");
}

TEST_CASE("counters are summed by name, and the usage count goes under its mapped name") {
  FieldNames fields;
  fields.usageCount = "uses";
  const auto merged =
      merge({{.id = 1, .incrementUsage = 1, .increments = {{"shown", 2}}}, {.id = 1, .increments = {{"copied", 5}, {"shown", 3}}}}, fields);
  CHECK(merged.change.increments == Increments{{"shown", 5}, {"uses", 1}, {"copied", 5}});
}

TEST_CASE("of rates and set members the last one counts, of times the latest") {
  const auto merged = merge({{.id = 1, .successRate = 0.25, .lastUsed = "2025-06-01T00:00:00Z", .set = Payload{{"a", 1}, {"b", 1}}},
                             {.id = 1, .successRate = 0.5, .lastUsed = "2025-05-01T00:00:00Z", .set = Payload{{"b", 2}, {"c", 2}}},
                             {.id = 1, .lastUsed = "2025-06-01T01:00:00+02:00"}});
  const auto& change = merged.change;
  CHECK(change.successRateJson == "0.5");
  CHECK(change.lastUsed == "2025-06-01T00:00:00Z");
  CHECK(change.setJson == R"({"a":1,"b":2,"c":2})");
}

TEST_CASE("an item that would take a sum beyond 2^53 is left out, and the others stand") {
  const auto merged = merge({{.id = 1, .incrementUsage = largest}, {.id = 1, .incrementUsage = 1}, {.id = 1, .incrementUsage = -largest}});
  REQUIRE(merged.overflows.size() == 1);
  CHECK(merged.overflows[0].first == 1);
  CHECK(merged.merged == Indices{0, 2});
  CHECK(merged.change.increments == Increments{{"usage_count", 0}});
}

TEST_CASE("updates that are not named take no part") {
  const std::vector<MetricUpdate> updates{{.id = 1, .incrementUsage = 10}, {.id = 2}, {.id = 1, .incrementUsage = 1}};
  const auto merged = metrics::mergeUpdates(updates, Indices{2}, {});
  CHECK(merged.merged == Indices{2});
  CHECK(merged.change.increments == Increments{{"usage_count", 1}});
}

TEST_CASE("a value that is set replaces what earlier updates added, and later ones add to it") {
  const auto merged =
      merge({{.id = 1, .increments = {{"x", 1}}}, {.id = 1, .set = Payload{{"x", 5}}}, {.id = 1, .increments = {{"x", 2}}}});
  CHECK(merged.change.setJson == R"({"x":5})");
  CHECK(merged.change.increments == Increments{{"x", 2}});
  const auto replaced = merge({{.id = 1, .increments = {{"x", 1}, {"y", 1}}}, {.id = 1, .set = Payload{{"x", 5}}}});
  CHECK(replaced.change.increments == Increments{{"y", 1}});
}
