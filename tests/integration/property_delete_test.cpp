// Whole clients delete under random schedules of faults, beside a second client that writes the same points.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/faulty_campaign.hpp"
#include "support/faulty_oracle.hpp"
#include "support/faulty_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

struct Schedule {
  std::vector<PointId> ids{};
  std::vector<FaultyServer::Prepared> before{};
  std::set<PointId> chosen{};  // those of the points that the filter matches
  FaultyServer::Options server{};
};

Schedule someSchedule(Random& random) {
  Schedule schedule;
  schedule.server.traits = FaultTraits::random(random);
  const auto known = static_cast<unsigned>(random.between(20, 100));
  const auto bad = static_cast<unsigned>(random.chance(50) ? 0 : random.between(3, 12));
  for (auto many = random.between(1, 30); many > 0; --many) {
    const PointId id = random.chance(80) ? PointId(many) : PointId::forContent("point", std::to_string(many), "");
    schedule.ids.push_back(id);
    if (random.chance(bad)) schedule.server.bad.insert(id);
    if (!random.chance(known)) continue;
    const bool matches = random.chance(70);
    if (matches) schedule.chosen.insert(id);
    const std::string payload = R"({"description":"old","category":")" + std::string(matches ? "old" : "new") + R"(","usage_count":3})";
    schedule.before.push_back({id, payload});
  }
  schedule.server.ours = schedule.ids;
  return schedule;
}

bool absent(const std::optional<Content>& content) { return !content; }

struct Played {
  DeleteReport report{};
  std::size_t end = 0;
};

Played carryOut(FaultyRig& rig, const Schedule& schedule, bool byFilter, Random& random) {
  DeleteOptions options;
  options.chunk.maxItems = random.between(3, 40);
  auto client = rig.client();
  Played played;
  played.report = byFilter ? client.deletePatterns(Filter().must(match("category", "old")), rig.limited(options))
                           : client.deletePatterns(schedule.ids, rig.limited(options));
  played.end = rig.server.now();
  return played;
}

// What a filter has not matched stays, and what it matched all the time is among the items.
void checkFiltered(const FaultyRig& rig, const Schedule& schedule, const DeleteReport& report, Findings& findings) {
  std::set<PointId> items;
  for (std::size_t i = 0; i < report.size(); ++i) items.insert(report.id(i));
  for (const auto& [id, history] : rig.server.histories()) {
    if (items.contains(id)) continue;
    if (history.writtenBy(Author::ours)) findings.problem("deleted, and not in the report", id.toString() + history.text());
    const bool always = schedule.chosen.contains(id) && !history.writtenBy(Author::other);
    if (always && rig.well()) findings.problem("a point that matches is not in the report", id.toString() + history.text());
  }
}

std::string play(std::uint64_t seed, bool byFilter, Findings& findings, std::string& story) {
  Random random(seed);
  const auto schedule = someSchedule(random);
  FaultyRig rig(schedule.server, random);
  rig.server.preparePoints(schedule.before);
  rig.server.begin();
  const auto [report, end] = carryOut(rig, schedule, byFilter, random);
  Oracle::Call call;
  call.end = end;
  call.well = rig.well();
  call.repeats = Repeats::asFound;
  call.guarded = someMemberDiffers;
  rig.server.settle();
  Oracle oracle(rig.server, call, findings);
  for (const auto& told : toldBy(
           report, [&report = report](std::size_t i) { return report.id(i); }, schedule.server.bad))
    oracle.check(told, absent);
  const auto items = byFilter ? report.size() : schedule.ids.size();
  oracle.checkCounts(report, items, 20 + 6 * rig.server.troubles() + 4 * items + 40 * schedule.server.bad.size());
  if (byFilter) checkFiltered(rig, schedule, report, findings);
  story = rig.server.story();
  return findings.endSchedule(rig.server);
}

void deleteCampaign(bool byFilter) {
  auto wanted = everyTrouble();
  for (const auto* what : {"done", "rejected", "unknown", "unsent", "accepted", "meddling upsert", "too large"}) wanted.emplace_back(what);
  campaign(wanted, [&](std::uint64_t seed, Findings& findings, std::string& story) { return play(seed, byFilter, findings, story); });
}

}  // namespace

TEST_CASE("deleting ids under random faults: the report is true for every item") { deleteCampaign(false); }
TEST_CASE("deleting by a filter under random faults: the report is true for every item") { deleteCampaign(true); }
