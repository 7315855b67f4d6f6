// Whole clients store under random schedules of faults, beside a second client. What the report says of each item is compared with what
// really happened to its point.
#include <cstdint>
#include <string>
#include <vector>

#include "codec/encode_payload.hpp"
#include "support/catch.hpp"
#include "support/faulty_campaign.hpp"
#include "support/faulty_oracle.hpp"
#include "support/faulty_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

struct Schedule {
  std::vector<Pattern> patterns{};
  std::vector<PointId> before{};  // those of the points that exist
  FaultyServer::Options server{};
  bool collectionExists = true;
};

std::string oldPayload(const PointId& id, Random& random) {
  std::string payload =
      R"({"description":"old )" + id.toString() + R"(","category":"old","usage_count":)" + std::to_string(random.below(9));
  if (random.chance(50)) payload += R"(,"success_rate":0.5,"last_used":"2025-01-01T00:00:00Z")";
  if (random.chance(50)) payload += R"(,"_qbatch_last":"Old.1","_qbatch_Old":1)";
  return payload + "}";
}

Schedule someSchedule(Random& random) {
  Schedule schedule;
  schedule.server.traits = FaultTraits::random(random);
  schedule.server.version = random.chance(70) ? "1.18.3" : "1.16.0";
  const auto known = static_cast<unsigned>(random.chance(20) ? 0 : random.between(1, 100));
  const auto bad = static_cast<unsigned>(random.chance(50) ? 0 : random.between(3, 12));
  schedule.patterns.resize(random.between(1, 30));
  for (std::size_t i = 0; i < schedule.patterns.size(); ++i) {
    auto& pattern = schedule.patterns[i];
    pattern.description = "new " + std::to_string(i);
    pattern.code = "f(" + std::to_string(i) + ");";
    pattern.metadata.set("category", "io").set("stars", static_cast<double>(random.below(100)) / 7);
    pattern.vector = someVector(random);
    if (random.chance(80)) pattern.id = PointId(i + 1);
    const auto id = pattern.id ? *pattern.id : PointId::forContent(pattern.description, pattern.code, pattern.language);
    schedule.server.ours.push_back(id);
    if (random.chance(bad)) schedule.server.bad.insert(id);
    if (random.chance(known)) schedule.before.push_back(id);
  }
  schedule.collectionExists = !schedule.before.empty() || random.chance(50);
  return schedule;
}

void prepare(FaultyServer& server, const Schedule& schedule, Random& random) {
  if (!schedule.collectionExists) return;
  std::vector<FaultyServer::Prepared> points;
  for (const auto& id : schedule.before) points.push_back({id, oldPayload(id, random)});
  server.preparePoints(points);
}

Oracle::AsSent asSent(const Pattern& pattern) {
  std::string payload;
  codec::appendPatternPayload(payload, pattern, FieldNames());
  return [sent = contentOf(payload), vector = pattern.vector](const std::optional<Content>& content) {
    return content && contentOf(content->payload) == sent && sameVector(content->vector, vector, true);
  };
}

bool present(const std::optional<Content>& content) { return content.has_value(); }

// What the condition of a conditional store looks at.
bool guarded(const Content& a, const Content& b) {
  return memberOf(a, "usage_count") != memberOf(b, "usage_count") || memberOf(a, "_qbatch_last") != memberOf(b, "_qbatch_last");
}

// Each time that a store of ours replaced what was there.
void checkReplaced(const FaultyServer& server, Existing existing, Findings& findings) {
  for (const auto& [id, history] : server.histories()) {
    for (std::size_t i = 1; i < history.states.size(); ++i) {
      const auto& before = history.states[i - 1];
      const auto& after = history.states[i];
      if (after.author != Author::ours || !before.content || !after.content) continue;
      findings.count("replaced");
      if (existing == Existing::skip) findings.problem("a point that existed was not left alone", id.toString() + history.text());
      if (existing != Existing::keepMetrics) continue;
      for (const auto* metric : {"usage_count", "success_rate", "last_used"}) {
        const auto kept = memberOf(*before.content, metric);
        if (!kept.empty() && kept != memberOf(*after.content, metric))
          findings.problem("a metric was not kept", std::string(metric) + " of " + id.toString() + history.text());
      }
    }
  }
}

// A look-up, a write and a look back, three rounds of them; twice as much where an item at fault is looked for in the worst place.
std::size_t mostRequests(const Schedule& schedule, const FaultyServer& server) {
  const auto items = schedule.patterns.size();
  return 40 + 10 * server.troubles() + 12 * items + 60 * schedule.server.bad.size();
}

std::string play(std::uint64_t seed, Existing existing, Findings& findings, std::string& story) {
  Random random(seed);
  const auto schedule = someSchedule(random);
  FaultyRig rig(schedule.server, random);
  prepare(rig.server, schedule, random);
  rig.server.begin();
  StoreOptions options;
  options.existing = existing;
  options.chunk.maxItems = random.between(3, 40);
  if (random.chance(10)) options.durability = Durability::queued;
  auto client = rig.client();
  const auto report = client.storePatterns(schedule.patterns, rig.limited(options));
  Oracle::Call call;
  call.end = rig.server.now();
  call.well = rig.well();
  call.queued = options.durability == Durability::queued;
  call.repeats = existing == Existing::replace ? Repeats::asFound : Repeats::never;
  call.guarded = existing == Existing::keepMetrics ? guarded : someMemberDiffers;
  rig.server.settle();
  Oracle oracle(rig.server, call, findings);
  for (const auto& told : toldBy(
           report, [&](std::size_t i) { return report.id(i); }, schedule.server.bad)) {
    const auto& pattern = schedule.patterns[told.index];
    oracle.check(told, existing == Existing::skip ? Oracle::AsSent(present) : asSent(pattern));
  }
  oracle.checkCounts(report, schedule.patterns.size(), mostRequests(schedule, rig.server));
  checkReplaced(rig.server, existing, findings);
  story = rig.server.story();
  return findings.endSchedule(rig.server);
}

void storeCampaign(Existing existing) {
  auto wanted = everyTrouble();
  for (const auto* what : {"done", "rejected", "failed", "unknown", "unsent", "accepted", "meddling upsert", "meddling setPayload",
                           "meddling erase", "half applied", "too large"})
    wanted.emplace_back(what);
  if (existing != Existing::skip) wanted.emplace_back("replaced");
  campaign(wanted, [&](std::uint64_t seed, Findings& findings, std::string& story) { return play(seed, existing, findings, story); });
}

}  // namespace

TEST_CASE("storing and keeping metrics under random faults: the report is true for every item") { storeCampaign(Existing::keepMetrics); }
TEST_CASE("storing and replacing under random faults: the report is true for every item") { storeCampaign(Existing::replace); }
TEST_CASE("storing what is missing under random faults: the report is true for every item") { storeCampaign(Existing::skip); }
