#include "run/verify.hpp"

#include <set>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = VerifyProblem::Kind;

namespace {

std::vector<Pattern> input(std::size_t count, bool vectors) {
  std::vector<Pattern> patterns(count);
  for (std::size_t i = 0; i < count; ++i) {
    patterns[i].id = PointId(i);
    patterns[i].description = "pattern " + std::to_string(i);
    patterns[i].metadata = Payload{{"success_rate", 0.5}, {"path", "src"}};
    if (vectors) patterns[i].vector = {static_cast<float>(i + 1), 2, 0, 0};
  }
  return patterns;
}

VerifyReport verify(BatchClient& client, const std::vector<Pattern>& patterns, const VerifyOptions& options = {}) {
  const auto source = makePatternSource(patterns.begin(), patterns.end());
  return client.verifyPatterns(*source, options);
}

std::set<std::pair<std::size_t, Kind>> kinds(const VerifyReport& report) {
  std::set<std::pair<std::size_t, Kind>> all;
  for (const auto& problem : report.first) all.emplace(problem.index, problem.kind);
  return all;
}

}  // namespace

TEST_CASE("what was stored verifies, with and without vectors of its own") {
  for (const bool vectors : {false, true}) {
    ClientFixture fixture;
    auto client = fixture.client();
    const auto patterns = input(2500, vectors);
    REQUIRE(client.storePatterns(patterns).ok());
    const auto report = verify(client, patterns);
    CHECK(report.ok());
    CHECK(report.items == 2500);
    CHECK(report.ids == 2500);
    CHECK(report.present == 2500);
    CHECK(report.compared == 2500);
    CHECK(report.stored == 2500);
    CHECK(fixture.backend->count<DescribeCollection>() == 2);  // of the store, and of this
  }
}

TEST_CASE("each item that does not stand as it should is named") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto patterns = input(1200, true);
  REQUIRE(client.storePatterns(patterns).ok());
  fixture.backend->points.erase(PointId(7));
  fixture.backend->points.at(PointId(1100)).payload = R"({"description":"pattern 1100","path":"elsewhere"})";
  fixture.backend->points.at(PointId(1101)).vector = {1, 0, 0, 5};
  // Metrics are counted on, and no difference.
  auto& counted = fixture.backend->points.at(PointId(3)).payload;
  counted.insert(counted.size() - 1, R"(,"usage_count":17)");
  const auto report = verify(client, patterns);
  CHECK_FALSE(report.ok());
  CHECK(report.problems == 3);
  CHECK(report.present == 1199);
  CHECK(report.stored == 1199);
  CHECK(kinds(report) ==
        std::set<std::pair<std::size_t, Kind>>{{7, Kind::missing}, {1100, Kind::payloadDiffers}, {1101, Kind::vectorDiffers}});
  CHECK(report.first.at(0).id == PointId(7));
  CHECK(verify(client, patterns, {.vectors = false}).problems == 2);
}

TEST_CASE("of several items with one id the last one counts") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto patterns = input(30, true);
  for (std::size_t i = 20; i < 30; ++i) patterns[i].id = PointId(i - 20);
  REQUIRE(client.storePatterns(std::span(patterns).first(20)).ok());
  REQUIRE(client.storePatterns(std::span(patterns).last(10)).ok());
  const auto report = verify(client, patterns);
  CHECK(report.ok());
  CHECK(report.ids == 20);
  CHECK(verify(client, patterns, {.sample = 15}).ok());
}

TEST_CASE("a sample compares so many, and looks for every id") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto patterns = input(3000, true);
  REQUIRE(client.storePatterns(patterns).ok());
  fixture.backend->points.erase(PointId(2999));
  const auto report = verify(client, patterns, {.sample = 100});
  CHECK(report.compared == 100);
  CHECK(report.present == 2999);
  CHECK(kinds(report) == std::set<std::pair<std::size_t, Kind>>{{2999, Kind::missing}});

  // Every place is drawn about as often: with all payloads wrong, the sample's indices spread over the whole.
  for (auto& [id, point] : fixture.backend->points) point.payload = "{}";
  std::size_t inFirstHalf = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto drawn = verify(client, patterns, {.sample = 100, .seed = seed});
    for (const auto& problem : drawn.first)
      if (problem.kind == Kind::payloadDiffers) {
        ++all;
        inFirstHalf += problem.index < 1500 ? 1 : 0;
      }
  }
  CHECK(all >= 1990);
  CHECK(inFirstHalf > 800);
  CHECK(inFirstHalf < 1200);
}

TEST_CASE("items that are no patterns are problems, and a missing collection ends it") {
  ClientFixture fixture;
  auto client = fixture.client();
  struct Source : PatternSource {
    int given = 0;
    bool next(ImportItem& item, std::stop_token) override {
      item.line = 5;
      item.problem = "no JSON";
      return given++ < 1;
    }
  } source;
  CHECK(verify(client, input(3, true)).stopped.code() == Errc::collectionNotFound);
  CHECK(fixture.backend->collections.empty());

  REQUIRE(client.storePatterns(input(3, true)).ok());
  const auto report = client.verifyPatterns(source);
  CHECK(report.problems == 1);
  CHECK(report.first.at(0).kind == Kind::noPattern);
  CHECK(report.first.at(0).line == 5);
  CHECK(report.stored == 3);
}

TEST_CASE("another embedder than the collection's is refused before it embeds") {
  ClientFixture fixture;
  fixture.embedder->traits_.identity = "mine";
  REQUIRE(fixture.client().storePatterns(input(3, false)).ok());
  fixture.embedder->traits_.identity = "another";
  auto client = fixture.client();
  const auto before = fixture.embedder->calls.load();
  CHECK_THROWS_AS(verify(client, input(3, false)), ConfigError);
  CHECK(fixture.embedder->calls == before);
}

TEST_CASE("progress tells items and bytes") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto patterns = input(1500, true);
  REQUIRE(client.storePatterns(patterns).ok());
  Progress last;
  CHECK(verify(client, patterns, {.progress = [&](const Progress& progress) { last = progress; }}).ok());
  CHECK(last.done == 1500);
  CHECK(last.failed == 0);
  CHECK(last.bytes >= 1500 * 4 * sizeof(float));
}
