#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "codec/json_object.hpp"
#include "qbatch/batch_client.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/killed_server.hpp"

namespace qbatch::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool slowBuild = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool slowBuild = true;
#else
constexpr bool slowBuild = false;
#endif
#else
constexpr bool slowBuild = false;
#endif

/// What one point is to hold: the content of round `round`, and metrics.
struct KillPoint {
  std::uint64_t round{};
  std::int64_t usage{};
  bool measured = false;  ///< success rate and time of last use were set
};
/// By id; absent where the point is.
using KillPoints = std::map<std::uint64_t, KillPoint>;

/// A server that is killed and started again while a client's calls are under way, and what it has to hold afterwards, point by point.
class RestKillBench {
 public:
  static constexpr std::size_t killsOfCall = 4;  // more would leave a call waiting for repeats that it may send, one a second
  static constexpr std::size_t dimension = 16;

  explicit RestKillBench(std::uint64_t seed) : random_(seed) {
    auto backend = makeRestBackend(calmOptions());
    createCollection(*backend, "patterns", dimension, Distance::dot);
  }

  struct Tally {
    std::size_t calls = 0, kills = 0, midBatch = 0, withinTransaction = 0, retries = 0;
    [[nodiscard]] std::string text() const {
      const auto number = [](std::size_t count) { return std::to_string(count); };
      return number(kills) + " kills in " + number(calls) + " calls: " + number(midBatch) +
             " when some items were settled and others not, " + number(withinTransaction) + " within a transaction of the server; " +
             number(retries) + " requests repeated";
    }
  };

  [[nodiscard]] std::size_t items() const { return slowBuild ? 600 : 2000; }
  /// True where the campaign asks for more kills, or too few of them hit a server that was writing.
  [[nodiscard]] bool goesOn() const {
    return tally.kills < wanted_ || (tally.withinTransaction < withinWanted_ && tally.kills < 20 * wanted_);
  }
  void checkTally() const {
    WARN(tally.text());
    CHECK(tally.kills >= wanted_);
    CHECK(tally.withinTransaction >= withinWanted_);
    CHECK(tally.midBatch >= tally.kills / 3);
  }

  /// For a client whose server is killed: many small requests, several at once, and patience that outlasts every restart.
  [[nodiscard]] ClientOptions hardyOptions() const {
    ClientOptions options;
    options.url = server_.url();
    options.limits.store = 50;
    options.limits.update = 10;
    options.flow.maxInFlight = 3;
    options.retry = {milliseconds(200), milliseconds(800), std::chrono::minutes(5), std::chrono::minutes(5)};
    return options;
  }
  [[nodiscard]] ClientOptions calmOptions() const {
    ClientOptions options;
    options.url = server_.url();
    return options;
  }

  /// The call's report; while it was under way, the server was killed up to `killsOfCall` times and started again each time.
  template <class Report>
  Report killDuring(Job<Report> job) {
    ++tally.calls;
    for (std::size_t kills = 0; kills < killsOfCall; ++kills) {
      // Half of the kills at any instant, the others soon after something went well again.
      const auto before = job.progress();
      if (random_.chance(50))
        static_cast<void>(eventually([&] { return job.progress().done != before.done || job.waitFor(milliseconds(0)); }));
      std::this_thread::sleep_for(std::chrono::microseconds(random_.below(30000)));
      const auto phase = server_.kill();
      const bool underWay = !job.waitFor(milliseconds(0));
      const auto progress = job.progress();
      server_.start();
      if (!underWay) break;
      ++tally.kills;
      tally.midBatch += progress.done + progress.failed > 0 && progress.done + progress.failed < progress.total ? 1 : 0;
      tally.withinTransaction += phase == TransactionWatch::Phase::none ? 0 : 1;
    }
    auto report = job.get();
    tally.retries += report.stats().retries;
    return report;
  }

  /// Compares every item's outcome with the point of its id. `after`: what the points are where every item is done. What is found is what
  /// is expected from now on.
  template <class Report>
  void check(const Report& report, const std::vector<PointId>& ids, const KillPoints& after) {
    REQUIRE(report.size() == ids.size());
    CHECK(addsUp(report));
    CAPTURE(tally.text(), report.stopped().message(), report.failures().empty() ? "" : report.failures().front().error.message());
    CHECK(report.ok());
    const auto stored = storedNow();
    std::map<std::uint64_t, Outcome> outcomes;
    for (std::size_t i = 0; i < ids.size(); ++i) outcomes.emplace(ids[i].number(), report.outcome(i));
    REQUIRE(outcomes.size() == ids.size());
    for (const auto& [id, point] : stored) REQUIRE((points.contains(id) || after.contains(id)));
    for (const auto& [id, outcome] : outcomes) {
      const auto asBefore = holds(stored, id, points), asAfter = holds(stored, id, after);
      CAPTURE(id, toString(outcome), stored.contains(id) ? stored.at(id).payload : "no such point");
      if (outcome == Outcome::done)
        REQUIRE(asAfter);
      else if (outcome == Outcome::unknown)
        REQUIRE((asBefore || asAfter));
      else
        REQUIRE(asBefore);
      settle(id, asAfter ? after : points);
    }
    for (const auto& [id, point] : points)
      if (!outcomes.contains(id)) REQUIRE(holds(stored, id, points));
  }

  [[nodiscard]] static Pattern patternOf(std::uint64_t id, std::uint64_t round) {
    Pattern pattern;
    pattern.id = PointId(id);
    pattern.description = "pattern " + std::to_string(id) + " of round " + std::to_string(round);
    pattern.code = std::string((id * 7 + round * 31) % 400, 'x');
    pattern.language = "cpp";
    pattern.metadata.set("round", round);
    pattern.vector.resize(dimension);
    for (std::size_t i = 0; i < dimension; ++i) pattern.vector[i] = static_cast<float>((id * 31 + round * 17 + i * 7) % 1000) / 8;
    return pattern;
  }
  [[nodiscard]] static std::vector<Pattern> patternsOf(const std::vector<PointId>& ids, std::uint64_t round) {
    std::vector<Pattern> patterns;
    for (const auto& id : ids) patterns.push_back(patternOf(id.number(), round));
    return patterns;
  }

  Random& random() { return random_; }

  KillPoints points{};  ///< what is stored
  Tally tally{};

 private:
  using Stored = std::map<std::uint64_t, StoredPoint>;

  /// Read by a client that knows nothing of the calls.
  [[nodiscard]] Stored storedNow() const {
    const auto backend = makeRestBackend(calmOptions());
    Stored stored;
    for (auto& point : everything(*backend, "patterns")) stored.emplace(point.id.number(), std::move(point));
    return stored;
  }
  void settle(std::uint64_t id, const KillPoints& as) {
    const auto now = as.find(id);
    if (now == as.end()) {
      points.erase(id);
    } else {
      points.insert_or_assign(id, KillPoint(now->second));
    }
  }

  static bool holds(const Stored& stored, std::uint64_t id, const KillPoints& expected) {
    const auto found = stored.find(id);
    const auto wanted = expected.find(id);
    if (found == stored.end() || wanted == expected.end()) return found == stored.end() && wanted == expected.end();
    const auto& [round, usage, measured] = wanted->second;
    const auto pattern = patternOf(id, round);
    std::map<std::string, std::string> members = {{"description", '"' + pattern.description + '"'},
                                                  {"code", '"' + pattern.code + '"'},
                                                  {"language", "\"cpp\""},
                                                  {"round", std::to_string(round)},
                                                  {"usage_count", std::to_string(usage)}};
    if (measured) members.insert({{"success_rate", "0.25"}, {"last_used", "\"2025-01-15T12:00:00Z\""}});
    std::map<std::string, std::string> there;
    const auto object = codec::JsonObject::parse(found->second.payload);
    for (const auto& [key, value] : object.members())
      if (!key.starts_with("_qbatch")) there.emplace(key, value);
    return there == members && found->second.vector == pattern.vector;
  }

  const std::size_t wanted_ = slowBuild ? killsOfCall : campaignSize(20);
  const std::size_t withinWanted_ = std::max<std::size_t>(1, wanted_ / 5);
  Random random_;
  KilledServer server_;
};

}  // namespace qbatch::test
