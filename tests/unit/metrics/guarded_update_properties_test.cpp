#include <algorithm>
#include <list>
#include <map>

#include "metrics/guarded_update.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/guarded_writer.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

/// Several writers, a few points, and what became of it.
class Schedule {
 public:
  Schedule(std::uint64_t seed, bool deletions) : random_(seed), server_(random_), deletions_(deletions) {
    pointCount_ = random_.between(1, 4);
    for (std::uint64_t id = 1; id <= pointCount_; ++id) {
      initial_[id] = static_cast<std::int64_t>(random_.below(4));
      server_.points().put(id, initial_[id] == 0 ? "{}" : R"({"usage_count":)" + std::to_string(initial_[id]) + "}");
    }
    const auto writers = random_.between(2, 5);
    for (std::uint64_t i = 0; i < writers; ++i) {
      GuardedWriter::Luck luck;
      luck.faults = static_cast<unsigned>(random_.between(5, 50));
      luck.rounds = random_.chance(30) ? 2 : 20;
      luck.poison = random_.chance(30);
      luck.removeMarks = !deletions;
      luck.waitedFor = random_.chance(40) ? random_.below(3) : 64;
      writers_.emplace_back("w" + std::to_string(i), static_cast<unsigned>(random_.between(1, 5)), luck, server_, random_);
    }
  }

  void run() {
    for (auto steps = random_.between(20, 120); steps > 0 && !through(); --steps) {
      stepOne();
      if (server_.anyLate() && random_.chance(25)) server_.deliverOne();
      if (random_.chance(30)) server_.carryOutOne();
      if (deletions_ && random_.chance(3)) deleteOrRemake();
    }
    for (auto& writer : writers_) writer.endFaults();
    constexpr std::size_t enough = 3000;
    for (std::size_t steps = 0; !through(); ++steps) {
      if (steps > enough) return problems_.push_back("not finished long after the faults were over");
      stepOne();
    }
    checkMarks();
    server_.carryOutLog();
    while (server_.anyLate()) server_.deliverOne();
    for (const auto& writer : writers_) {
      for (const auto& flush : writer.ended()) check(flush);
    }
    if (!deletions_) checkSums();
  }

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] const std::list<GuardedWriter>& writers() const { return writers_; }
  [[nodiscard]] const std::map<Outcome, std::size_t>& outcomes() const { return outcomes_; }
  [[nodiscard]] std::size_t wholes() const { return wholes_; }
  [[nodiscard]] std::size_t lateEffects() const { return lateEffects_; }

 private:
  [[nodiscard]] bool through() const {
    return std::all_of(writers_.begin(), writers_.end(), [](const GuardedWriter& writer) { return writer.through(); });
  }
  void stepOne() {
    auto writer = writers_.begin();
    std::advance(writer, static_cast<std::ptrdiff_t>(random_.below(writers_.size())));
    if (!writer->through()) writer->step(pointCount_);
  }
  void deleteOrRemake() {
    const PointId id(random_.between(1, pointCount_));
    if (server_.points().has(id)) {
      server_.erase(id);
    } else {
      server_.points().put(id, "{}");
    }
  }

  /// Of this flush nothing may arrive any more where it says so.
  void checkMarks() {
    for (const auto& writer : writers_) {
      for (const auto& flush : writer.ended()) {
        for (const auto& id : flush.marks) {
          if (server_.anyLate(flush.flush, id)) problem(flush, id, "its mark is called settled, and a write may still arrive");
        }
      }
    }
  }

  void check(const GuardedWriter::Ended& flush) {
    const bool whole = flush.verdict.kind != Verdict::Kind::completed;
    if (whole) ++wholes_;
    if (whole && (flush.verdict.maybeApplied || !flush.verdict.items.empty()))
      problems_.push_back("a flush that failed as a whole has parts");
    for (std::size_t position = 0; position < flush.changes.size(); ++position) {
      const auto items = std::count_if(flush.verdict.items.begin(), flush.verdict.items.end(),
                                       [&](const ItemVerdict& item) { return item.position == position; });
      const auto& id = flush.changes[position].id;
      if (items > 1) problem(flush, id, "it has two verdicts");
      auto outcome = whole ? Outcome::failed : Outcome::done;
      for (const auto& item : flush.verdict.items) {
        if (item.position != position) continue;
        outcome = item.outcome;
        if (!item.error) problem(flush, id, "it has no error");
      }
      if (!whole) ++outcomes_[outcome];
      check(flush, id, outcome);
    }
  }

  void check(const GuardedWriter::Ended& flush, const PointId& id, Outcome outcome) {
    std::map<unsigned, std::size_t> inLife;
    bool afterVerdict = false;
    for (const auto& effect : server_.effects(id)) {
      if (effect.flush != flush.flush) continue;
      ++inLife[effect.life];
      afterVerdict = afterVerdict || effect.at > flush.at;
    }
    for (const auto& [life, times] : inLife) {
      if (times > 1) problem(flush, id, "it was applied twice");
    }
    if (afterVerdict) ++lateEffects_;
    if (outcome == Outcome::done && inLife.empty()) problem(flush, id, "it is done and was never applied");
    if (outcome == Outcome::failed || outcome == Outcome::rejected) {
      if (afterVerdict) problem(flush, id, "it was applied after it failed");
      if (inLife.contains(server_.life(id)) || (!deletions_ && !inLife.empty())) problem(flush, id, "it failed and was applied");
    } else if (outcome != Outcome::done && outcome != Outcome::unknown) {
      problem(flush, id, "it has an outcome that no flush gives");
    }
  }

  void checkSums() {
    std::map<PointId, std::int64_t> sums = initial_;
    for (const auto& writer : writers_) {
      for (const auto& flush : writer.ended()) {
        for (const auto& change : flush.changes) {
          const auto& effects = server_.effects(change.id);
          if (std::any_of(effects.begin(), effects.end(), [&](const auto& effect) { return effect.flush == flush.flush; }))
            sums[change.id] += change.increments[0].second;
        }
      }
    }
    for (const auto& [id, sum] : sums) {
      const auto text = server_.points().member(id, "usage_count");
      if ((text.empty() ? "0" : text) != std::to_string(sum))
        problems_.push_back("point " + id.toString() + " counts " + text + " instead of " + std::to_string(sum));
    }
  }

  void problem(const GuardedWriter::Ended& flush, const PointId& id, const std::string& what) {
    problems_.push_back("flush " + flush.flush.first + "." + std::to_string(flush.flush.second) + ", point " + id.toString() + ": " + what);
  }

  Random random_;
  GuardedServer server_;
  bool deletions_;
  std::uint64_t pointCount_ = 0;
  std::map<PointId, std::int64_t> initial_;
  std::list<GuardedWriter> writers_;
  std::vector<std::string> problems_;
  std::map<Outcome, std::size_t> outcomes_;
  std::size_t wholes_ = 0, lateEffects_ = 0;
};

void campaign(std::size_t schedules, bool deletions) {
  const auto first = seed();
  std::map<Outcome, std::size_t> outcomes;
  std::size_t wholes = 0, lateEffects = 0;
  std::map<std::string, std::size_t> tally;
  for (std::size_t i = 0; i < schedules; ++i) {
    Schedule schedule(first + i, deletions);
    schedule.run();
    INFO("repeat with QBATCH_SEED=" << first + i);
    for (const auto& problem : schedule.problems()) UNSCOPED_INFO(problem);
    REQUIRE(schedule.problems().empty());
    for (const auto& [outcome, count] : schedule.outcomes()) outcomes[outcome] += count;
    wholes += schedule.wholes();
    lateEffects += schedule.lateEffects();
    for (const auto& writer : schedule.writers()) {
      for (const auto& [what, times] : writer.tally()) tally[what] += times;
    }
  }
  // A campaign that never reaches an outcome would show nothing about it.
  CAPTURE(first, wholes, lateEffects);
  for (const auto outcome : {Outcome::done, Outcome::rejected, Outcome::failed, Outcome::unknown}) {
    CAPTURE(static_cast<int>(outcome));
    CHECK(outcomes[outcome] > 0);
  }
  CHECK(wholes > 0);
  std::vector<std::string> wanted{"written from memory", "rungs", "barriers", "refused behind a log", "lost rounds"};
  if (deletions)
    wanted.emplace_back("replaced");
  else
    wanted.insert(wanted.end(), {"removals", "removals unanswered"});
  for (const auto& what : wanted) {
    CAPTURE(what);
    CHECK(tally[what] > 0);
  }
  CHECK(lateEffects > 0);
}

}  // namespace

TEST_CASE("guarded_update: counts are exact and verdicts true over random schedules", "[metrics][property]") {
  campaign(campaignSize(10000), false);  // 200,000 in full
}

TEST_CASE("guarded_update: verdicts stay true while points are deleted and made again", "[metrics][property]") {
  campaign(campaignSize(3000), true);
}
