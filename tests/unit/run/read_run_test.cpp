// getPatterns and getPatternsAsync, over fakes.
#include "run/read_run.hpp"

#include <optional>
#include <vector>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

std::vector<PointId> stored(BatchClient& client, std::size_t count) {
  const auto report = client.storePatterns(somePatterns(count));
  REQUIRE(report.ok());
  std::vector<PointId> ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back(report.id(i));
  return ids;
}

}  // namespace

TEST_CASE("patterns are read in the order of their ids, and what is absent is done and nullptr") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto ids = stored(client, 5);
  ids.insert(ids.begin() + 2, PointId(4711));
  const auto report = client.getPatternsAsync(ids).get();
  REQUIRE(report.size() == 6);
  CHECK(report.ok());
  CHECK(report.count(Outcome::done) == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto* pattern = report.pattern(i);
    REQUIRE((pattern != nullptr) == (i != 2));
    if (!pattern) continue;
    CHECK(pattern->id == ids[i]);
    CHECK(pattern->description == "pattern " + std::to_string(i < 2 ? i : i - 1));
    CHECK(pattern->collection.empty());
  }
  CHECK_THROWS_AS(report.pattern(6), std::out_of_range);

  const auto hits = client.getPatterns(ids);
  REQUIRE(hits.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) CHECK(hits[i].has_value() == (i != 2));
}

TEST_CASE("a long list is read in several requests, and no id brings an empty report") {
  ClientFixture fixture;
  fixture.options.limits.store = 3;
  auto client = fixture.client();
  const auto ids = stored(client, 10);
  const auto before = fixture.backend->count<RetrievePoints>();
  const auto report = client.getPatternsAsync(ids).get();
  CHECK(fixture.backend->count<RetrievePoints>() == before + 4);
  for (std::size_t i = 0; i < 10; ++i) CHECK(report.pattern(i)->id == ids[i]);
  CHECK(client.getPatternsAsync({}).get().size() == 0);
}

TEST_CASE("what could not be read fails with its cause, and shows nothing") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto ids = stored(client, 3);
  fixture.backend->hook = [](const Request& request) -> std::optional<Verdict> {
    if (!std::holds_alternative<RetrievePoints>(request)) return std::nullopt;
    Verdict verdict;
    verdict.kind = Verdict::Kind::fatal;
    verdict.error = Error(Errc::unauthorized, Origin::server, "no key", 401);
    return verdict;
  };
  const auto report = client.getPatternsAsync(ids).get();
  CHECK(report.count(Outcome::failed) == 3);
  CHECK(report.stopped().code() == Errc::unauthorized);
  for (std::size_t i = 0; i < 3; ++i) CHECK(report.pattern(i) == nullptr);
  CHECK_THROWS_AS(client.getPatterns(ids), RequestError);
}

TEST_CASE("options that cannot work are misuse") {
  ClientFixture fixture;
  auto client = fixture.client();
  CHECK_THROWS_AS(client.getPatternsAsync({PointId(1)}, {.collection = "a/b"}), ConfigError);
  auto moved = std::move(client);
  CHECK_THROWS_AS(client.getPatternsAsync({PointId(1)}), ConfigError);  // NOLINT: that is what is tested
}
