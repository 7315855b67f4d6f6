// What the runs of one client share: sizes that were refused, and the budget of repeats.
#include <chrono>
#include <vector>

#include "run/batch_run.hpp"
#include "support/catch.hpp"
#include "support/scripted_upserts.hpp"

using namespace qbatch;
using namespace qbatch::test;

TEST_CASE("sharing: a size that the server refused is known to the client's next run of the same verb") {
  ScriptedUpserts fixture;
  fixture.script = [](std::size_t, const Carried& carried) -> std::optional<Verdict> {
    if (carried.ids.size() <= 4) return std::nullopt;
    auto verdict = verdictOf(Verdict::Kind::tooLarge);
    verdict.error = Error(Errc::tooLarge, Origin::server, "too large", 413);
    return verdict;
  };
  auto client = fixture.client();
  CHECK(client.storePatterns(differentPatterns(32), replacing()).ok());
  const auto first = fixture.upserts.size();
  CHECK(fixture.upserts[0].ids.size() == 32);
  CHECK(client.storePatterns(differentPatterns(32), replacing()).ok());
  for (std::size_t i = first; i < fixture.upserts.size(); ++i) CHECK(fixture.upserts[i].ids.size() <= 4);
  // A delete has its own.
  std::vector<PointId> ids;
  for (const auto& pattern : differentPatterns(32)) ids.push_back(*pattern.id);
  CHECK(client.deletePatterns(ids).ok());
  CHECK(fixture.backend->count<DeletePoints>() == 1);
}

TEST_CASE("sharing: the runs of a client share one budget of repeats") {
  ScriptedUpserts fixture;
  fixture.script = [](std::size_t, const Carried&) { return verdictOf(Verdict::Kind::unavailable); };
  const auto began = std::chrono::steady_clock::now();
  auto client = fixture.client();
  std::size_t retries = 0;
  for (int run = 0; run < 3; ++run) {
    const auto report = client.storePatterns(differentPatterns(2), replacing(1));
    CHECK(report.stopped().code() == Errc::unavailable);
    retries += report.stats().retries;
  }
  // However long it took: ten at first, then one a second; the preparations that succeeded count a tenth each.
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(static_cast<double>(retries) <= 10 + took.count() + 0.1 * 9);
}
