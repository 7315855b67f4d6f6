// A server is killed with -9 and started again on the same port and file while one call of a client is under way, again and again. What the
// report says of each item is compared, by content, with what another client then reads.
#ifdef QBATCH_WITH_SERVE
#include <string>
#include <vector>

#include "integration/rest_kill_bench.hpp"
#include "support/rest_fixture.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

std::int64_t incrementOf(const PointId& id) { return static_cast<std::int64_t>(1 + id.number() % 5); }

/// Every second point is there, and was counted.
void fillHalf(RestKillBench& bench) {
  BatchClient client(bench.calmOptions());
  std::vector<PointId> ids;
  for (std::uint64_t id = 1; id <= bench.items(); id += 2) ids.emplace_back(id);
  REQUIRE(client.storePatterns(RestKillBench::patternsOf(ids, 0)).ok());
  std::vector<MetricUpdate> updates;
  for (const auto& id : ids) {
    auto& update = updates.emplace_back();
    update.id = id;
    update.incrementUsage = incrementOf(id);
    update.successRate = 0.25;
    update.lastUsed = "2025-01-15T12:00:00Z";
    bench.points[id.number()] = {0, incrementOf(id), true};
  }
  REQUIRE(client.updateMetrics(updates).ok());
}

void store(RestKillBench& bench, BatchClient& client, Existing existing, std::uint64_t round) {
  const auto ids = numbers(bench.items());
  StoreOptions options;
  options.existing = existing;
  auto after = bench.points;
  for (const auto& id : ids) {
    auto& point = after[id.number()];
    point = existing == Existing::replace ? KillPoint{round, 0, false} : KillPoint{round, point.usage, point.measured};
  }
  bench.check(bench.killDuring(client.storePatternsAsync(RestKillBench::patternsOf(ids, round), options)), ids, after);
}

}  // namespace

TEST_CASE("a server killed with -9 in the middle of stores: each item's outcome is what is stored", "[kill]") {
  const auto existing = GENERATE(Existing::keepMetrics, Existing::replace);
  const auto seed = qbatch::test::seed();
  CAPTURE(seed, existing == Existing::replace);
  RestKillBench bench(seed);
  fillHalf(bench);
  for (std::uint64_t round = 1; bench.goesOn(); ++round) {
    CAPTURE(round);
    BatchClient client(bench.hardyOptions());
    store(bench, client, existing, round);
  }
  bench.checkTally();
  // A few kills may all come when what was in flight is read back instead.
  if (bench.tally.kills >= 20) CHECK(bench.tally.retries >= bench.tally.kills / 4);
}

TEST_CASE("a server killed with -9 in the middle of updates: every increment is there once", "[kill]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  RestKillBench bench(seed);
  fillHalf(bench);
  std::vector<PointId> ids;
  for (const auto& [id, point] : bench.points) ids.emplace_back(id);
  BatchClient client(bench.hardyOptions());
  for (std::uint64_t round = 1; bench.goesOn(); ++round) {
    CAPTURE(round);
    std::vector<MetricUpdate> updates;
    auto after = bench.points;
    for (const auto& id : ids) {
      auto& update = updates.emplace_back();
      update.id = id;
      update.incrementUsage = incrementOf(id);
      after.at(id.number()).usage += update.incrementUsage;
    }
    bench.check(bench.killDuring(client.updateMetricsAsync(updates)), ids, after);
  }
  bench.checkTally();
}

TEST_CASE("a server killed with -9 in the middle of deletes: what is done is gone, and nothing else", "[kill]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  RestKillBench bench(seed);
  for (std::uint64_t round = 1; bench.goesOn(); ++round) {
    CAPTURE(round);
    const auto all = numbers(bench.items());
    BatchClient calm(bench.calmOptions());
    REQUIRE(calm.storePatterns(RestKillBench::patternsOf(all, round)).ok());
    for (const auto& id : all) bench.points[id.number()] = {round, 0, false};
    auto after = bench.points;
    std::vector<PointId> ids;
    for (const auto& id : all)
      if (id.number() % 10 != 0) ids.push_back(id);
    for (const auto& id : ids) after.erase(id.number());
    BatchClient client(bench.hardyOptions());
    DeleteOptions options;
    options.chunk.maxItems = 10;
    bench.check(bench.killDuring(client.deletePatternsAsync(ids, options)), ids, after);
  }
  bench.checkTally();
}

TEST_CASE("a server killed with -9 while a first store creates its collection: all is stored", "[kill]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  KilledServer server;
  ClientOptions options;
  options.url = server.url();
  options.limits.store = 20;
  options.retry = {milliseconds(50), milliseconds(200), std::chrono::minutes(5), std::chrono::minutes(5)};
  const auto ids = numbers(100);
  for (std::size_t kill = 0; kill < (slowBuild ? 3 : campaignSize(8)); ++kill) {
    CAPTURE(kill);
    options.collection = "c" + std::to_string(kill);
    BatchClient client(options);
    auto job = client.storePatternsAsync(RestKillBench::patternsOf(ids, kill));
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(8000)));
    server.kill();
    server.start();
    const auto report = job.get();
    CAPTURE(report.stopped().message());
    CHECK(report.count(Outcome::done) == ids.size());
    const auto hits = BatchClient(options).getPatterns(ids);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      REQUIRE(hits.at(i));
      CHECK(hits[i]->description == RestKillBench::patternOf(i + 1, kill).description);
    }
  }
}
#endif
