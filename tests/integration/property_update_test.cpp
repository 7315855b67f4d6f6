// Whole clients update metrics under random schedules of faults, while a second client counts on the same points, changes and deletes them.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/faulty_campaign.hpp"
#include "support/faulty_oracle.hpp"
#include "support/faulty_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

// What others add is a multiple of this.
constexpr std::int64_t foreignStep = 100;

struct Schedule {
  std::vector<MetricUpdate> updates{};
  std::vector<FaultyServer::Prepared> before{};
  std::map<PointId, std::int64_t> sums{};  // what each point's count is to end with, without what others add
  std::set<PointId> bad{};                 // absent, or with a count that is none
  FaultyServer::Options server{};
};

FaultyServer::Prepared somePoint(const PointId& id, std::int64_t count, Random& random) {
  std::string payload = R"({"description":"old","last_used":"2025-01-01T00:00:00Z")";
  if (count > 0) payload += R"(,"usage_count":)" + std::to_string(count);
  if (random.chance(30)) payload += R"(,"_qbatch_last":"Old.1","_qbatch_Old":1)";
  return {id, payload + "}"};
}

Schedule someSchedule(Random& random) {
  Schedule schedule;
  auto& traits = schedule.server.traits = FaultTraits::random(random);
  if (traits.meddling != 0) traits.meddlingKinds = someOf<Meddling>(random, {Meddling::setPayload, Meddling::count, Meddling::erase});
  const auto many = random.between(1, 20);
  const auto bad = static_cast<unsigned>(random.chance(50) ? 0 : random.between(3, 12));
  for (std::uint64_t number = 1; number <= many; ++number) {
    const PointId id(number);
    schedule.server.ours.push_back(id);
    schedule.sums[id] = random.chance(70) ? static_cast<std::int64_t>(random.below(4)) : 0;
    if (!random.chance(bad)) {
      schedule.before.push_back(somePoint(id, schedule.sums[id], random));
    } else {
      schedule.bad.insert(id);
      if (random.chance(50)) schedule.before.push_back({id, R"({"description":"old","usage_count":"seven"})"});
    }
  }
  const bool alike = random.chance(40), plain = random.chance(40);
  for (auto left = random.between(1, many + 3); left > 0; --left) {
    MetricUpdate update;
    update.id = PointId(random.between(1, many));
    update.incrementUsage = static_cast<std::int64_t>(alike ? 1 : random.between(1, 3));
    schedule.sums[update.id] += update.incrementUsage;
    if (!plain) {
      update.successRate = 0.25;
      update.lastUsed = "2025-02-02T00:00:00Z";
      update.set.set("touched", alike ? std::int64_t{1} : static_cast<std::int64_t>(update.id.number()));
    }
    schedule.updates.push_back(update);
  }
  return schedule;
}

Oracle::AsSent asSent(const Schedule& schedule, const MetricUpdate& update) {
  return [&schedule, &update](const std::optional<Content>& content) {
    if (!content) return false;
    const auto count = codec::integerValue(memberOf(*content, "usage_count"));
    if (!count || *count % foreignStep != schedule.sums.at(update.id)) return false;
    if (!update.successRate) return true;
    const auto touched = update.set.getJson("touched").value_or("none");
    return memberOf(*content, "success_rate") == "0.25" && memberOf(*content, "last_used") == "\"2025-02-02T00:00:00Z\"" &&
           memberOf(*content, "touched") == touched;
  };
}

// What an update changes is its own members, and nothing else.
void checkRest(const FaultyServer& server, Findings& findings) {
  for (const auto& [id, history] : server.histories()) {
    std::size_t times = 0;
    for (std::size_t i = 1; i < history.states.size(); ++i) {
      const auto& before = history.states[i - 1];
      const auto& after = history.states[i];
      if (after.author != Author::ours) continue;
      ++times;
      if (!before.content || !after.content) {
        findings.problem("an update made or deleted a point", id.toString() + history.text());
      } else if (memberOf(*before.content, "foreign") != memberOf(*after.content, "foreign") ||
                 memberOf(*before.content, "description") != memberOf(*after.content, "description") ||
                 !sameVector(before.content->vector, after.content->vector, false)) {
        findings.problem("an update changed something else", id.toString() + history.text());
      }
    }
    if (times > 1) findings.problem("applied more than once", id.toString() + history.text());
    findings.count("counted", times);
  }
}

// What somebody else deletes takes the update with it, applied or not: nothing can be said against `rejected` then, nor against `unknown`.
bool deletedByOthers(const Told& told, const FaultyServer& server) {
  return (told.outcome == Outcome::rejected || told.outcome == Outcome::unknown) && !server.histories().at(told.id).last().content;
}

std::string play(std::uint64_t seed, Findings& findings, std::string& story) {
  Random random(seed);
  const auto schedule = someSchedule(random);
  FaultyRig rig(schedule.server, random);
  rig.server.preparePoints(schedule.before);
  rig.server.begin();
  UpdateOptions options;
  options.chunk.maxItems = random.chance(30) ? random.between(1, 3) : random.between(3, 40);
  auto client = rig.client();
  const auto report = client.updateMetrics(schedule.updates, rig.limited(options));
  Oracle::Call call;
  call.end = rig.server.now();
  call.well = rig.well();
  call.repeats = Repeats::unmetered;
  rig.server.settle();
  Oracle oracle(rig.server, call, findings);
  for (const auto& told : toldBy(
           report, [&](std::size_t i) { return schedule.updates[i].id; }, schedule.bad))
    if (!deletedByOthers(told, rig.server)) oracle.check(told, asSent(schedule, schedule.updates[told.index]));
  oracle.checkCounts(report, schedule.updates.size(), 60 + 10 * rig.server.troubles() + 20 * schedule.updates.size());
  checkRest(rig.server, findings);
  story = rig.server.story();
  return findings.endSchedule(rig.server);
}

}  // namespace

TEST_CASE("updating metrics under random faults: the report is true for every update") {
  auto wanted = everyTrouble();
  for (const auto* what : {"done", "rejected", "failed", "unknown", "unsent", "meddling count", "meddling erase", "counted"})
    wanted.emplace_back(what);
  campaign(wanted, play);
}
