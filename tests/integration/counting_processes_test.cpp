// Eight processes count the same points through clients of their own. Every increment has to be there once, whatever gets lost on the way.
#ifdef QBATCH_WITH_SERVE
#include <algorithm>
#include <cstdlib>
#include <string>

#include "integration/counting_bench.hpp"
#include "support/catch.hpp"
#include "support/lossy_proxy.hpp"
#include "support/seed.hpp"

namespace qbatch::test {
namespace {

constexpr std::size_t processes = 8;

/// In a campaign of 20 and more, 1000 updates a process; and as often as the campaign is long.
std::size_t updatesOf(std::size_t usual) { return std::min(campaignSize(usual), 20 * usual); }
std::size_t trials() { return campaignSize(1) < 20 ? 1 : campaignSize(1); }

/// What was handed over against what is found; and that anybody came in another's way, without which nothing would be shown.
void check(const CountingBench& bench, const CountingTally& tally, std::size_t updates) {
  REQUIRE(tally.processes == processes);
  CHECK(tally.failures == std::vector<std::string>());
  REQUIRE(tally.updates == processes * updates);
  CHECK(tally.done == tally.updates);
  const auto found = bench.found();
  REQUIRE(found.size() == bench.points);
  for (const auto& [id, point] : found) {
    const auto handed = tally.points.contains(id) ? tally.points.at(id) : PointTally();
    CAPTURE(id);
    CHECK(point.usage == handed.usage);
    CHECK(point.copied == handed.copied);
    CHECK(point.lastUsed == handed.lastUsed);
  }
  CHECK(tally.lostRounds > 0);  // Stats::lostRounds
}

}  // namespace

// Runs in a process of its own, for the tests below.
TEST_CASE("child: a process that counts", "[.]") {
  const char* gate = std::getenv("QBATCH_CHILD_GATE");
  const char* updates = std::getenv("QBATCH_CHILD_UPDATES");
  if (gate == nullptr || updates == nullptr) return;
  auto process = CountingProcess::fromEnvironment();
  childReport("ready");
  StartGate::pass(gate);
  process.count(std::stoull(updates));
  process.report();
}

TEST_CASE("counting processes: eight of them count fifty points, and no increment is lost or doubled", "[counting]") {
  const auto seed = qbatch::test::seed();
  const auto updates = updatesOf(50);
  for (std::size_t trial = 0; trial < trials(); ++trial) {
    CAPTURE(seed, trial);
    const CountingBench bench(50);
    const auto tally = bench.run(processes, updates, CountingProcess::Way::plain, bench.url(), seed + trial * processes);
    WARN(tally.text());
    check(bench, tally, updates);
    CHECK(bench.marks().all == 0);  // each client has taken its own away
  }
}

TEST_CASE("counting processes: they take away, count in two counters and bring times, of which the latest stays", "[counting]") {
  const auto seed = qbatch::test::seed();
  const auto updates = updatesOf(25);
  CAPTURE(seed);
  const CountingBench bench(10);
  const auto tally = bench.run(processes, updates, CountingProcess::Way::mixed, bench.url(), seed);
  WARN(tally.text());
  check(bench, tally, updates);
  CHECK(bench.marks().all == 0);
}

TEST_CASE("counting processes: the same where requests and answers get lost on the way", "[counting]") {
  const auto seed = qbatch::test::seed();
  const auto updates = updatesOf(50);
  for (std::size_t trial = 0; trial < trials(); ++trial) {
    CAPTURE(seed, trial);
    const CountingBench bench(50);
    LossyProxy::Options lossy;
    lossy.seed = seed + trial;
    const LossyProxy proxy(bench.url(), lossy);
    const auto tally = bench.run(processes, updates, CountingProcess::Way::plain, proxy.url(), seed + trial * processes);
    const auto counts = proxy.counts();
    WARN(tally.text() << "; " << bench.marks().text() << "; " << counts.text());
    check(bench, tally, updates);
    // What was not lost would show nothing.
    CHECK(counts.resetBefore > tally.calls / 50);
    CHECK(counts.dropped > tally.calls / 20);
  }
}

TEST_CASE("counting processes: nothing counts twice where requests arrive when their clients have long sent them again", "[counting]") {
  const auto seed = qbatch::test::seed();
  const auto updates = updatesOf(25);
  CAPTURE(seed);
  const CountingBench bench(5);  // few: a late request does harm where the count is what it was again
  LossyProxy::Options lossy;
  lossy.seed = seed;
  lossy.late = 10;
  LossyProxy proxy(bench.url(), lossy);
  const auto tally = bench.run(processes, updates, CountingProcess::Way::mixed, proxy.url(), seed);
  proxy.deliverLate();
  const auto counts = proxy.counts();
  WARN(tally.text() << "; " << bench.marks().text() << "; " << counts.text());
  check(bench, tally, updates);
  CHECK(counts.late > tally.calls / 20);
}

}  // namespace qbatch::test
#endif
