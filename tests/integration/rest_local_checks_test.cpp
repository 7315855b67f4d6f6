// Bad vectors among good ones, with local checks and without them: exactly the bad ones are rejected, by a Qdrant server and by the
// embedded engine.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/rest_fixture.hpp"
#include "support/seed.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::size_t dimension = 12, patternCount = 2000, queryCount = 64;
constexpr std::uint64_t firstId = 1, firstOther = 100'000;
/// What a bad item may cost, in requests beyond those of a batch without any: for each halving of what is sent.
constexpr std::size_t requestsEachLevel = 3;

std::size_t levels(std::size_t items) {
  std::size_t count = 0;
  while ((std::size_t{1} << count) < items) ++count;
  return count;
}

/// A client over a Qdrant server, or over the embedded engine, and a way to look at what is stored.
struct Bench {
  std::optional<RestFixture> rest{};
  std::shared_ptr<Backend> backend{};
  ClientOptions options{};

  explicit Bench(bool overRest) {
    if (overRest) {
      rest.emplace();
      options = rest->options;
      backend = makeRestBackend(options);
    } else {
      options.backend = backend = makeLocalBackend(":memory:");
    }
    options.embedder = nullptr;
  }
  /// The server's own count, where there is a server.
  [[nodiscard]] std::size_t requests(const BatchReport& report) const {
    return rest ? rest->server.requests().size() : report.stats().requests;
  }
  void forget() {
    if (rest) rest->server.forget();
  }
  [[nodiscard]] std::map<PointId, StoredPoint> stored() const {
    std::map<PointId, StoredPoint> all;
    for (auto& point : everything(*backend, "patterns")) all.emplace(point.id, std::move(point));
    return all;
  }
};

std::vector<float> someVector(Random& random, std::size_t size = dimension) {
  std::vector<float> vector(size);
  for (auto& value : vector) value = static_cast<float>(random.between(1, 1000)) / 500 - 0.999F;
  return vector;
}

std::vector<Pattern> somePatterns(Random& random, std::size_t count, std::uint64_t first) {
  auto patterns = numbered(count, first);
  for (auto& pattern : patterns) pattern.vector = someVector(random);
  return patterns;
}

/// Puts in three bad vectors; returns where.
std::set<std::size_t> spoil(std::vector<Pattern>& patterns, Random& random) {
  std::set<std::size_t> places;
  while (places.size() < 3) places.insert(random.below(patterns.size()));
  std::vector<std::size_t> order(places.begin(), places.end());
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(random.below(3)), order.end());
  patterns[order[0]].vector.resize(random.chance(50) ? dimension - 1 : dimension + 1, 0.5F);
  patterns[order[1]].vector[random.below(dimension)] = std::numeric_limits<float>::quiet_NaN();
  patterns[order[2]].vector[random.below(dimension)] =
      random.chance(50) ? std::numeric_limits<float>::infinity() : -std::numeric_limits<float>::infinity();
  return places;
}

/// As a collection with Cosine distance keeps it: of length 1.
bool sameDirection(const std::vector<float>& stored, const std::vector<float>& sent) {
  if (stored.size() != sent.size()) return false;
  double square = 0;
  for (const float value : sent) square += static_cast<double>(value) * static_cast<double>(value);
  for (std::size_t i = 0; i < sent.size(); ++i)
    if (!(std::fabs(static_cast<double>(stored[i]) - static_cast<double>(sent[i]) / std::sqrt(square)) < 1e-5)) return false;
  return true;
}

/// True where the payload is what the pattern says, and nothing else.
bool samePayload(const std::string& stored, const Pattern& pattern) {
  const auto payload = Payload::parse(stored);
  const auto is = [&](std::string_view name, const std::string& text) { return payload.get(name) == Payload::Value(text); };
  return is("description", pattern.description) && is("code", pattern.code) && is("language", pattern.language) && is("category", "io") &&
         payload.get("usage_count") == Payload::Value(std::int64_t{0});
}

/// Every pattern but those at `bad` is stored as it was sent, those are not there, and `before` is as it was.
void checkStored(const Bench& bench, const std::vector<Pattern>& patterns, const std::set<std::size_t>& bad,
                 const std::map<PointId, StoredPoint>& before) {
  const auto stored = bench.stored();
  CHECK(stored.size() == before.size() + patterns.size() - bad.size());
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto found = stored.find(*patterns[i].id);
    const bool right = bad.contains(i) ? found == stored.end()
                                       : found != stored.end() && samePayload(found->second.payload, patterns[i]) &&
                                             sameDirection(found->second.vector, patterns[i].vector);
    wrong += right ? 0 : 1;
  }
  CHECK(wrong == 0);
  for (const auto& [id, point] : before) {
    const auto found = stored.find(id);
    REQUIRE(found != stored.end());
    REQUIRE(found->second.payload == point.payload);
    REQUIRE(found->second.vector == point.vector);
  }
}

/// Exactly the items at `bad` are rejected, the others are done.
void checkOutcomes(const BatchReport& report, const std::set<std::size_t>& bad) {
  CHECK(report.count(Outcome::done) == report.size() - bad.size());
  std::set<std::size_t> rejected;
  for (const auto& failure : report.failures()) {
    CAPTURE(failure.index, failure.error.message());
    CHECK(failure.outcome == Outcome::rejected);
    CHECK_FALSE(failure.error.message().empty());
    rejected.insert(failure.index);
  }
  CHECK(rejected == bad);
  CHECK_FALSE(report.stopped());
}

}  // namespace

TEST_CASE("three bad vectors among 2,000 are the only ones that are not stored, whoever checks them") {
  const bool overRest = GENERATE(true, false);
  const bool localChecks = GENERATE(true, false);
  const auto existing = GENERATE(Existing::keepMetrics, Existing::replace);
  const auto seed = qbatch::test::seed();
  CAPTURE(overRest, localChecks, existing == Existing::replace, seed);
  Random random(seed);
  Bench bench(overRest);
  bench.options.localChecks = localChecks;
  BatchClient client(bench.options);
  StoreOptions how;
  how.existing = existing;
  // What such a batch takes where nothing is wrong; and points that are nobody's business afterwards.
  const auto others = somePatterns(random, patternCount, firstOther);
  REQUIRE(client.storePatterns(others, how).ok());
  REQUIRE(client.updateMetrics(increments(50, 3, firstOther)).ok());
  const auto before = bench.stored();
  REQUIRE(before.size() == others.size());
  bench.forget();
  REQUIRE(client.storePatterns(somePatterns(random, patternCount, firstId), how).ok());
  REQUIRE(client.deletePatterns(numbers(patternCount, firstId)).ok());
  const bool looksUp = overRest && existing == Existing::keepMetrics;
  const std::size_t usual = (looksUp ? 2 : 1) * (patternCount / 1000);
  bench.forget();

  auto patterns = somePatterns(random, patternCount, firstId);
  const auto bad = spoil(patterns, random);
  const auto report = client.storePatterns(patterns, how);
  const auto requests = bench.requests(report);
  INFO(requests << " requests, " << usual << " without a bad vector");
  checkOutcomes(report, bad);
  for (const auto index : bad) CHECK(report.id(index) == PointId(firstId + index));
  for (const auto& failure : report.failures()) CHECK((failure.error.origin() == Origin::caller) == localChecks);
  CHECK(report.stats().requests == requests);
  CHECK(requests >= usual);
  if (localChecks) {
    CHECK(requests == usual);
    CHECK(report.stats().splits == 0);
  } else {
    CHECK(report.stats().splits > 0);
    CHECK(requests <= usual + bad.size() * requestsEachLevel * levels(patternCount));
  }
  checkStored(bench, patterns, bad, before);
}

TEST_CASE("one bad query among 64 is the only one that is not answered, whoever checks it") {
  const bool overRest = GENERATE(true, false);
  const bool localChecks = GENERATE(true, false);
  const auto seed = qbatch::test::seed();
  CAPTURE(overRest, localChecks, seed);
  Random random(seed);
  Bench bench(overRest);
  bench.options.localChecks = localChecks;
  BatchClient client(bench.options);
  const auto patterns = somePatterns(random, queryCount, firstId);
  REQUIRE(client.storePatterns(patterns).ok());
  std::vector<Query> queries;
  for (const auto& pattern : patterns) queries.push_back({"", pattern.vector});
  REQUIRE(client.searchPatterns(queries).ok());
  bench.forget();

  const auto bad = static_cast<std::size_t>(random.below(queryCount));
  const auto kind = random.below(3);
  if (kind == 0)
    queries[bad].vector.resize(random.chance(50) ? dimension - 1 : dimension + 1, 0.5F);
  else
    queries[bad].vector[random.below(dimension)] =
        kind == 1 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  const auto report = client.searchPatterns(queries, {.limit = 1});
  const auto requests = bench.requests(report);
  INFO(requests << " requests, 1 without a bad query; the bad one is " << bad << " of kind " << kind);
  checkOutcomes(report, {bad});
  CHECK(report.hits(bad).empty());
  for (std::size_t i = 0; i < queryCount; ++i) {
    if (i == bad) continue;
    CAPTURE(i);
    REQUIRE(report.hits(i).size() == 1);
    CHECK(report.hits(i)[0].id == *patterns[i].id);
  }
  CHECK(requests >= 1);
  CHECK(requests <= (localChecks ? 1 : 1 + requestsEachLevel * levels(queryCount)));
}

TEST_CASE("a vector name that is not there is told by the server where local checks are off, and nothing is divided for long") {
  RestFixture rest;
  REQUIRE(rest.client().storePatterns(numbered(3)).ok());
  rest.options.vectorName = "dense";
  rest.options.localChecks = false;
  rest.server.forget();
  const auto report = rest.client().storePatterns(numbered(1000, 10));
  CHECK(report.count(Outcome::done) == 0);
  REQUIRE_FALSE(report.failures().empty());
  CHECK_THAT(report.failures()[0].error.message(), contains("dense"));
  INFO(rest.server.requests().size() << " requests");
  CHECK(rest.server.requests().size() <= 200);
  CHECK(rest.qdrant.pointCount("patterns") == 3);
}
