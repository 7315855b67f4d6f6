#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/batch_client.hpp"
#include "support/campaign.hpp"
#include "support/child_process.hpp"
#include "support/start_gate.hpp"

namespace qbatch::test {

/// What was handed over for one point, or is found there.
struct PointTally {
  std::int64_t usage{}, copied{};
  std::string lastUsed{};  ///< all of one length, so that the greatest text is the latest time; empty: none

  void add(const PointTally& other) {
    usage += other.usage;
    copied += other.copied;
    lastUsed = std::max(lastUsed, other.lastUsed);
  }
  friend bool operator==(const PointTally&, const PointTally&) = default;
};

/// What one process did, or several.
struct CountingTally {
  std::size_t processes{}, updates{}, done{}, calls{}, requests{}, retries{}, lostRounds{};
  std::map<std::uint64_t, PointTally> points{};
  std::vector<std::string> failures{};  ///< outcome and reason of each update that is not done

  /// One line of the report of a process.
  void absorb(const std::string& line) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "point") {
      std::uint64_t id{};
      PointTally point;
      words >> id >> point.usage >> point.copied >> point.lastUsed;  // the last may be missing
      points[id].add(point);
    } else if (kind == "end") {
      std::size_t figures[6] = {};
      for (auto& figure : figures) words >> figure;
      if (!words) throw std::runtime_error("a torn report: " + line);
      ++processes;
      updates += figures[0];
      done += figures[1];
      calls += figures[2];
      requests += figures[3];
      retries += figures[4];
      lostRounds += figures[5];
    } else {
      failures.push_back(line);
    }
  }
  [[nodiscard]] std::string text() const {
    const auto number = [](std::size_t count) { return std::to_string(count); };
    return number(updates) + " updates by " + number(processes) + " processes in " + number(calls) + " calls and " + number(requests) +
           " requests, " + number(retries) + " of them repeats; " + number(lostRounds) + " rounds lost";
  }
};

/// A process that adds to random points through a client of its own, call after call. Lives in the child; see CountingBench for the parent.
class CountingProcess {
 public:
  /// Only adds 1 to the usage count; or adds and takes away, so that counts come back to what they were, counts in two counters and brings
  /// times.
  enum class Way { plain, mixed };

  static CountingProcess fromEnvironment() {
    const auto text = [](const char* name) {
      const char* value = std::getenv(name);
      if (value == nullptr) throw std::runtime_error(std::string(name) + " is missing");
      return std::string(value);
    };
    ClientOptions options;
    options.url = text("QBATCH_CHILD_URL");
    options.collection = text("QBATCH_CHILD_COLLECTION");
    if (const char* key = std::getenv("QDRANT_API_KEY")) options.apiKey = key;
    // Patience that outlasts whatever a proxy loses.
    options.retry = {milliseconds(2), milliseconds(100), std::chrono::minutes(5), std::chrono::minutes(5)};
    const auto way = text("QBATCH_CHILD_WAY") == "mixed" ? Way::mixed : Way::plain;
    return {std::move(options), std::stoull(text("QBATCH_CHILD_SEED")), std::stoull(text("QBATCH_CHILD_POINTS")), way};
  }

  /// So many updates, in calls of one update or, one time in four, of up to four different points.
  void count(std::size_t updates) {
    while (tally_.updates < updates) {
      const auto most = std::min<std::size_t>(updates - tally_.updates, points_);
      const auto size = random_.chance(75) ? 1 : std::min<std::size_t>(most, random_.between(2, 4));
      std::set<std::uint64_t> ids;
      while (ids.size() < size) ids.insert(1 + random_.below(points_));
      std::vector<MetricUpdate> call;
      for (const auto id : ids) call.push_back(next(id));
      settle(client_.updateMetrics(call), call);
      if (way_ == Way::mixed) lookAtTimes(call);
    }
  }
  void report() const {
    for (const auto& [id, point] : tally_.points)
      childReport("point " + std::to_string(id) + " " + std::to_string(point.usage) + " " + std::to_string(point.copied) + " " +
                  point.lastUsed);
    std::string line = "end";
    for (const auto figure : {tally_.updates, tally_.done, tally_.calls, tally_.requests, tally_.retries, tally_.lostRounds})
      line += " " + std::to_string(figure);
    childReport(line);
  }

 private:
  CountingProcess(ClientOptions options, std::uint64_t seed, std::uint64_t points, Way way)
      : client_(std::move(options)), random_(seed), points_(points), way_(way) {}

  MetricUpdate next(std::uint64_t id) {
    MetricUpdate update;
    update.id = PointId(id);
    update.incrementUsage = 1;
    if (way_ == Way::plain) return update;
    // Some bring a time alone: then no counter can tell that another was faster.
    const bool counts = random_.chance(65);
    update.incrementUsage = counts ? random_.chance(50) ? 2 : -2 : 0;
    if (counts && random_.chance(50)) update.increments = {{"copied", static_cast<std::int64_t>(random_.below(6)) - 2}};
    if (!counts || random_.chance(50)) update.lastUsed = time();
    return update;
  }
  /// A time of last use never goes back, not for an instant: whatever was once written or read stays, or a later one does.
  void lookAtTimes(const std::vector<MetricUpdate>& call) {
    std::vector<PointId> ids;
    for (const auto& update : call) ids.push_back(update.id);
    const auto found = client_.getPatterns(ids);
    for (std::size_t i = 0; i < call.size(); ++i) {
      auto& seen = seen_[ids[i].number()];
      seen = std::max(seen, call[i].lastUsed.value_or(""));
      const auto now = found[i] ? found[i]->lastUsed.value_or("") : "no point";
      if (now < seen) childReport("last use of point " + ids[i].toString() + " went back from " + seen + " to " + now);
      seen = std::max(seen, now);
    }
  }
  std::string time() {
    char text[32];
    const auto number = [this](unsigned bound) { return static_cast<unsigned>(random_.below(bound)); };
    std::snprintf(text, sizeof text, "2025-01-%02uT%02u:%02u:%02uZ", 1 + number(28), number(24), number(60), number(60));
    return text;
  }

  void settle(const UpdateReport& report, const std::vector<MetricUpdate>& call) {
    ++tally_.calls;
    tally_.updates += call.size();
    tally_.done += report.count(Outcome::done);
    tally_.requests += report.stats().requests;
    tally_.retries += report.stats().retries;
    tally_.lostRounds += report.stats().lostRounds;
    for (const auto& failure : report.failures())
      childReport(std::string(toString(failure.outcome)) + ": " + failure.error.message().substr(0, 1000));
    for (const auto& update : call) {
      const auto copied = update.increments.empty() ? 0 : update.increments.front().second;
      tally_.points[update.id.number()].add({update.incrementUsage, copied, update.lastUsed.value_or("")});
    }
  }

  BatchClient client_;
  Random random_;
  std::uint64_t points_;
  Way way_;
  CountingTally tally_{};
  std::map<std::uint64_t, std::string> seen_{};
};

}  // namespace qbatch::test
