// Whole clients search under random schedules of faults, while a second client writes.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/faulty_campaign.hpp"
#include "support/faulty_oracle.hpp"
#include "support/faulty_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

struct Schedule {
  std::vector<FaultyServer::Prepared> points{};
  std::vector<Query> queries{};
  std::vector<bool> bad{};
  FaultyServer::Options server{};
};

Schedule someSchedule(Random& random) {
  Schedule schedule;
  schedule.server.traits = FaultTraits::random(random);
  for (auto many = random.between(1, 20); many > 0; --many) {
    schedule.points.push_back({PointId(many), R"({"description":"old )" + std::to_string(many) + "\"}", someVector(random)});
    schedule.server.ours.emplace_back(many);
  }
  const auto bad = static_cast<unsigned>(random.chance(50) ? 0 : random.between(3, 12));
  schedule.queries.resize(random.between(1, 25));
  for (auto& query : schedule.queries) {
    query.vector = someVector(random);
    schedule.bad.push_back(random.chance(bad));
    if (schedule.bad.back()) query.vector[0] = badQueryMark;
  }
  return schedule;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double product = 0, lengthA = 0, lengthB = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += double(a[i]) * double(b[i]);
    lengthA += double(a[i]) * double(a[i]);
    lengthB += double(b[i]) * double(b[i]);
  }
  return product / std::sqrt(lengthA * lengthB);
}

// The scores that the best points have, where nobody else writes.
std::vector<double> bestScores(const Schedule& schedule, const Query& query, std::size_t limit) {
  std::vector<double> scores;
  for (const auto& point : schedule.points) scores.push_back(cosine(point.vector, query.vector));
  std::sort(scores.rbegin(), scores.rend());
  scores.resize(std::min(limit, scores.size()));
  return scores;
}

bool right(std::span<const Hit> hits, const std::vector<double>& scores) {
  return std::equal(hits.begin(), hits.end(), scores.begin(), scores.end(),
                    [](const Hit& hit, double score) { return std::abs(double(hit.score) - score) < 1e-4; });
}

// True where the point held this while the call was under way.
bool wasThere(const FaultyServer& server, const Hit& hit) {
  const auto& history = server.histories().at(hit.id);
  return history.anyState(
      [&](const PointState& state) { return state.content && memberOf(*state.content, "description") == '"' + hit.description + '"'; });
}

void checkQuery(const FaultyRig& rig, const Schedule& schedule, const SearchReport& report, std::size_t index, Findings& findings) {
  const auto outcome = report.outcome(index);
  const auto hits = report.hits(index);
  const auto name = "query " + std::to_string(index) + ": " + std::string(toString(outcome));
  findings.count(std::string(toString(outcome)));
  if (outcome == Outcome::accepted || outcome == Outcome::unknown) findings.problem("an outcome that a search has not", name);
  if (outcome == Outcome::rejected && !schedule.bad[index]) findings.problem("a good query is rejected", name);
  if (rig.well() && outcome != (schedule.bad[index] ? Outcome::rejected : Outcome::done))
    findings.problem("not as it should be, although the server was well", name);
  if (outcome != Outcome::done && !hits.empty()) findings.problem("hits of a query that was not answered", name);
  if (outcome != Outcome::done) return;
  findings.count("hits", hits.size());
  if (rig.server.traits().meddlingKinds.empty() && !right(hits, bestScores(schedule, schedule.queries[index], 5)))
    findings.problem("other hits than there are", name + ", " + std::to_string(hits.size()) + " hits");
  for (const auto& hit : hits)
    if (!wasThere(rig.server, hit)) findings.problem("a hit that never was", name + ", " + hit.id.toString() + " " + hit.description);
}

std::string play(std::uint64_t seed, Findings& findings, std::string& story) {
  Random random(seed);
  const auto schedule = someSchedule(random);
  FaultyRig rig(schedule.server, random);
  rig.server.preparePoints(schedule.points);
  rig.server.begin();
  SearchOptions options;
  options.limit = 5;
  options.chunk.maxItems = random.between(2, 30);
  auto client = rig.client();
  const auto report = client.searchPatterns(schedule.queries, rig.limited(options));
  Oracle::Call call;
  call.end = rig.server.now();
  rig.server.settle();
  for (std::size_t index = 0; index < report.size(); ++index) checkQuery(rig, schedule, report, index, findings);
  const auto bad = static_cast<std::size_t>(std::count(schedule.bad.begin(), schedule.bad.end(), true));
  Oracle(rig.server, call, findings)
      .checkCounts(report, schedule.queries.size(), 20 + 6 * rig.server.troubles() + 2 * schedule.queries.size() + 20 * bad);
  story = rig.server.story();
  return findings.endSchedule(rig.server);
}

}  // namespace

TEST_CASE("searching under random faults: the report is true for every query") {
  campaign({"done", "rejected", "failed", "unsent", "hits", "meddling upsert", "trouble busy", "trouble cutShort", "trouble page"}, play);
}
