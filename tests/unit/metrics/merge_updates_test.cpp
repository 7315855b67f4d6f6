#include "metrics/merge_updates.hpp"

#include <cstdint>
#include <limits>

#include "support/catch.hpp"

using namespace qbatch;
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;
using Increments = std::vector<std::pair<std::string, std::int64_t>>;

namespace {
metrics::MergedUpdates merge(const std::vector<MetricUpdate>& updates, const FieldNames& fields = {}) {
  return metrics::mergeUpdates(updates, std::vector<bool>(updates.size(), true), fields);
}
constexpr std::int64_t largest = std::int64_t{1} << 53;
}  // namespace

TEST_CASE("updates of one point become one change under its first item") {
  const auto merged = merge({{.id = 7, .incrementUsage = 2}, {.id = 8}, {.id = 7, .incrementUsage = 3}, {.id = 7, .incrementUsage = -1}});
  CHECK(merged.leaders == std::vector<std::size_t>{0, 1});
  CHECK(merged.followers == Pairs{{2, 0}, {3, 0}});
  REQUIRE(merged.changes.size() == 2);
  CHECK(merged.changes.at(0).id == PointId(7));
  CHECK(merged.changes.at(0).increments == Increments{{"usage_count", 4}});
  CHECK(merged.changes.at(1).increments.empty());
  CHECK(merged.overflows.empty());
}

TEST_CASE("counters are summed by name, and the usage count goes under its mapped name") {
  FieldNames fields;
  fields.usageCount = "uses";
  const auto merged =
      merge({{.id = 1, .incrementUsage = 1, .increments = {{"shown", 2}}}, {.id = 1, .increments = {{"copied", 5}, {"shown", 3}}}}, fields);
  CHECK(merged.changes.at(0).increments == Increments{{"shown", 5}, {"uses", 1}, {"copied", 5}});
}

TEST_CASE("of rates and set members the last one counts, of times the latest") {
  const auto merged = merge({{.id = 1, .successRate = 0.25, .lastUsed = "2025-06-01T00:00:00Z", .set = Payload{{"a", 1}, {"b", 1}}},
                             {.id = 1, .successRate = 0.5, .lastUsed = "2025-05-01T00:00:00Z", .set = Payload{{"b", 2}, {"c", 2}}},
                             {.id = 1, .lastUsed = "2025-06-01T01:00:00+02:00"}});
  const auto& change = merged.changes.at(0);
  CHECK(change.successRateJson == "0.5");
  CHECK(change.lastUsed == "2025-06-01T00:00:00Z");
  CHECK(change.setJson == R"({"a":1,"b":2,"c":2})");
}

TEST_CASE("an item that would take a sum beyond 2^53 is left out, and the others stand") {
  const auto merged = merge({{.id = 1, .incrementUsage = largest}, {.id = 1, .incrementUsage = 1}, {.id = 1, .incrementUsage = -largest}});
  REQUIRE(merged.overflows.size() == 1);
  CHECK(merged.overflows[0].first == 1);
  CHECK(merged.followers == Pairs{{2, 0}});
  CHECK(merged.changes.at(0).increments == Increments{{"usage_count", 0}});
}

TEST_CASE("items that are not good take no part") {
  const std::vector<MetricUpdate> updates{{.id = 1, .incrementUsage = 10}, {.id = 1, .incrementUsage = 1}};
  const auto merged = metrics::mergeUpdates(updates, {false, true}, {});
  CHECK(merged.leaders == std::vector<std::size_t>{1});
  CHECK(merged.followers.empty());
  CHECK(merged.changes.at(1).increments == Increments{{"usage_count", 1}});
}

TEST_CASE("a value that is set replaces what earlier updates added, and later ones add to it") {
  const auto merged = merge({{.id = 1, .increments = {{"x", 1}}}, {.id = 1, .set = Payload{{"x", 5}}}, {.id = 1, .increments = {{"x", 2}}}});
  CHECK(merged.changes.at(0).setJson == R"({"x":5})");
  CHECK(merged.changes.at(0).increments == Increments{{"x", 2}});
  const auto replaced = merge({{.id = 1, .increments = {{"x", 1}, {"y", 1}}}, {.id = 1, .set = Payload{{"x", 5}}}});
  CHECK(replaced.changes.at(0).increments == Increments{{"y", 1}});
}
