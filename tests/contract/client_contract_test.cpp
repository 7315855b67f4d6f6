// What BatchClient promises over every backend: the documented meaning, end to end.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "contract/subject.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

struct Bench {
  const Subject& subject;
  ScratchFolder folder;
  std::shared_ptr<Backend> backend;
  ClientOptions options;

  explicit Bench(const Subject& what) : subject(what), backend(what.make(folder.path())) {
    options.backend = backend;
    options.embedder = makeHashingEmbedder({128});
    options.threads = 2;
  }
  BatchClient client() const { return BatchClient(options); }
  // The same store, opened anew where it is durable.
  void reopen() {
    if (!subject.durable) return;
    options.backend = nullptr;
    backend = nullptr;
    backend = subject.make(folder.path());
    options.backend = backend;
  }
};

Pattern pattern(std::string description, std::string code = "", std::string language = "cpp", Payload metadata = {}) {
  return {std::move(description), std::move(code), std::move(language), std::move(metadata), {}, {}};
}

MetricUpdate increment(PointId id, std::int64_t by) {
  MetricUpdate update;
  update.id = id;
  update.incrementUsage = by;
  return update;
}

std::optional<Hit> get(BatchClient& client, PointId id) { return client.getPatterns(std::vector{id}).at(0); }

}  // namespace

#define FOR_EVERY_BACKEND(made)                           \
  const auto& subject = GENERATE(from_range(subjects())); \
  CAPTURE(subject.name);                                  \
  Bench made(subject)

TEST_CASE("contract: what is stored is found, read and counted, and is there after reopening") {
  FOR_EVERY_BACKEND(bench);
  const std::vector patterns = {pattern("open a file", "std::ifstream in(path);", "cpp", Payload{{"category", "io"}, {"stars", 5}}),
                                pattern("sort a vector", "std::sort(v.begin(), v.end());"),
                                pattern("connect to a database", "pool = create_pool(url)", "python", Payload{{"category", "db"}})};
  StoreReport stored;
  {
    auto client = bench.client();
    stored = client.storePatterns(patterns);
    REQUIRE(stored.ok());
  }
  for (int round = 0; round < 2; ++round) {
    {
      auto client = bench.client();
      const auto found = client.searchPatterns(std::vector<std::string>{"database connect", "sorting a vector", "open file"}, {.limit = 1});
      REQUIRE(found.ok());
      CHECK(found.hits(0)[0].id == stored.id(2));
      CHECK(found.hits(1)[0].id == stored.id(1));
      REQUIRE(found.hits(2).size() == 1);
      const auto& hit = found.hits(2)[0];
      CHECK(hit.id == stored.id(0));
      CHECK(hit.code == patterns[0].code);
      CHECK(hit.score > 0.2f);
      CHECK(hit.metadata == patterns[0].metadata);
      CHECK(hit.usageCount == 0);
      CHECK(client.countPatterns() == 3);
      CHECK(client.countPatterns(Filter().must(match("category", std::string("io")))) == 1);
    }
    bench.reopen();
  }
}

TEST_CASE("contract: storing again replaces the content and keeps metrics and counters") {
  FOR_EVERY_BACKEND(bench);
  auto client = bench.client();
  auto one = pattern("retry with jitter", "sleep(random())", "python", Payload{{"category", "net"}, {"success_rate", 0.5}});
  const auto id = client.storePatterns(std::vector{one}).id(0);
  MetricUpdate update = increment(id, 7);
  update.successRate = 0.9;
  update.lastUsed = "2025-01-15T12:00:00Z";
  update.increments = {{"attempts", 3}};
  REQUIRE(client.updateMetrics(std::vector{update}).ok());

  one.metadata = Payload{{"category", "network"}, {"success_rate", 0.1}};
  SECTION("keepMetrics, which is the default") {
    REQUIRE(client.storePatterns(std::vector{one}).ok());
    const auto hit = get(client, id);
    REQUIRE(hit);
    CHECK(hit->usageCount == 7);
    CHECK(hit->successRate == 0.9);
    CHECK(hit->lastUsed == "2025-01-15T12:00:00Z");
    CHECK(hit->metadata.get("category") == Payload::Value(std::string("network")));
    CHECK(hit->metadata.get("attempts") == Payload::Value(std::int64_t{3}));
  }
  SECTION("replace") {
    REQUIRE(client.storePatterns(std::vector{one}, {.existing = Existing::replace}).ok());
    const auto hit = get(client, id);
    CHECK(hit->usageCount == 0);
    CHECK(hit->successRate == 0.1);
    CHECK_FALSE(hit->lastUsed);
    CHECK_FALSE(hit->metadata.get("attempts"));
  }
  SECTION("skip") {
    REQUIRE(client.storePatterns(std::vector{one, pattern("new one")}, {.existing = Existing::skip}).ok());
    CHECK(get(client, id)->metadata.get("category") == Payload::Value(std::string("net")));
    CHECK(client.countPatterns() == 2);
  }
}

TEST_CASE("contract: updates add, set, keep the later time, and never create a point") {
  FOR_EVERY_BACKEND(bench);
  auto client = bench.client();
  const auto stored = client.storePatterns(std::vector{pattern("a"), pattern("b")});
  const auto id = stored.id(0);
  std::vector<MetricUpdate> updates = {increment(id, 2), increment(PointId(4711), 1), increment(id, -5), increment(stored.id(1), 1)};
  updates[0].lastUsed = "2025-02-01T00:00:00Z";
  updates[2].lastUsed = "2025-01-01T00:00:00Z";
  updates[3].set = Payload{{"owner", "me"}};
  const auto report = client.updateMetrics(updates);
  CHECK(report.count(Outcome::done) == 3);
  REQUIRE(report.failures().size() == 1);
  CHECK(report.failures()[0].index == 1);
  CHECK(report.failures()[0].outcome == Outcome::rejected);
  CHECK(report.failures()[0].error.code() == Errc::pointNotFound);
  CHECK(client.countPatterns() == 2);
  CHECK(get(client, id)->usageCount == -3);
  CHECK(get(client, id)->lastUsed == "2025-02-01T00:00:00Z");
  CHECK(get(client, stored.id(1))->metadata.get("owner") == Payload::Value(std::string("me")));

  MetricUpdate earlier = increment(id, 0);
  earlier.lastUsed = "2024-12-31T23:59:59+00:00";
  REQUIRE(client.updateMetrics(std::vector{earlier}).ok());
  CHECK(get(client, id)->lastUsed == "2025-02-01T00:00:00Z");
}

TEST_CASE("contract: a counter that holds no whole number is refused by its kind, the rest of the batch is applied") {
  FOR_EVERY_BACKEND(bench);
  auto client = bench.client();
  const auto stored = client.storePatterns(std::vector{pattern("a", "", "", Payload{{"runs", "many"}}), pattern("b")});
  std::vector<MetricUpdate> updates = {increment(stored.id(0), 1), increment(stored.id(1), 1)};
  updates[0].increments = {{"runs", 1}};
  const auto report = client.updateMetrics(updates);
  CHECK(report.outcome(0) == Outcome::rejected);
  CHECK(report.failures()[0].error.message().find("string") != std::string::npos);
  CHECK(report.outcome(1) == Outcome::done);
  CHECK(get(client, stored.id(0))->usageCount == 0);  // all of an update or nothing of it
  CHECK(get(client, stored.id(1))->usageCount == 1);
}

TEST_CASE("contract: increments from many threads add up exactly") {
  FOR_EVERY_BACKEND(bench);
  auto client = bench.client();
  auto other = bench.client();
  std::vector<Pattern> patterns;
  for (int i = 0; i < 5; ++i) patterns.push_back(pattern("pattern " + std::to_string(i)));
  const auto stored = client.storePatterns(patterns);
  std::vector<std::thread> threads;
  std::atomic<int> bad{0};
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      auto& mine = t % 2 == 0 ? client : other;
      for (int round = 0; round < 20; ++round) {
        std::vector<MetricUpdate> updates;
        for (std::size_t i = 0; i < 5; ++i) updates.push_back(increment(stored.id(i), static_cast<std::int64_t>(i) + 1));
        if (!mine.updateMetrics(updates).ok()) ++bad;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(bad == 0);
  for (std::size_t i = 0; i < 5; ++i) CHECK(get(client, stored.id(i))->usageCount == static_cast<std::int64_t>(120 * (i + 1)));
}

TEST_CASE("contract: filters choose what is searched, counted and deleted") {
  FOR_EVERY_BACKEND(bench);
  auto client = bench.client();
  std::vector<Pattern> patterns;
  for (int i = 0; i < 30; ++i)
    patterns.push_back(pattern("number " + std::to_string(i), "", i % 3 == 0 ? "go" : "rust",
                               Payload{{"rank", i}, {"even", i % 2 == 0}, {"group", i < 10 ? "low" : "high"}}));
  const auto stored = client.storePatterns(patterns);
  REQUIRE(stored.ok());
  const auto count = [&](const Filter& filter) { return client.countPatterns(filter); };
  CHECK(count(Filter().must(match("language", std::string("go")))) == 10);
  CHECK(count(Filter().must(match("even", true)).must(range("rank", 10, {}))) == 10);
  CHECK(count(Filter().must(range("rank", 3, 7))) == 4);
  CHECK(count(Filter().should(match("rank", std::int64_t{1})).should(match("rank", std::int64_t{2}))) == 2);
  CHECK(count(Filter().mustNot(matchAny("group", {std::string("low"), std::string("none")}))) == 20);
  CHECK(count(Filter().must(hasId({stored.id(0), stored.id(29), PointId(5)}))) == 2);
  CHECK(count(Filter().must(isEmpty("rank"))) == 0);
  CHECK(count(Filter().must(isEmpty("nothing"))) == 30);
  CHECK(count(Filter::json(R"({"must":[{"key":"rank","range":{"gt":3,"lte":7}}],"must_not":[{"key":"even","match":{"value":true}}]})")) ==
        2);

  const auto found = client.searchPatterns(std::vector<std::string>{"number 4"},
                                           {.limit = 100, .filter = Filter().must(match("group", std::string("low")))});
  REQUIRE(found.ok());
  CHECK(found.hits(0).size() == 10);
  for (const auto& hit : found.hits(0)) CHECK(hit.metadata.get("group") == Payload::Value(std::string("low")));

  const auto gone = client.deletePatterns(Filter().must(match("language", std::string("go"))));
  CHECK(gone.ok());
  CHECK(gone.size() == 10);
  CHECK(client.countPatterns() == 20);
  CHECK(client.deletePatterns(Filter().must(match("language", std::string("go")))).size() == 0);
}

TEST_CASE("contract: limit, offset and minScore") {
  FOR_EVERY_BACKEND(bench);
  bench.options.embedder = nullptr;
  auto client = bench.client();
  std::vector<Pattern> patterns(20);
  for (std::size_t i = 0; i < 20; ++i) {
    patterns[i].id = PointId(i);
    const auto angle = static_cast<float>(i) * 0.05f;
    patterns[i].vector = {std::cos(angle), std::sin(angle)};
  }
  REQUIRE(client.storePatterns(patterns).ok());
  const std::vector<Query> queries = {{"", {1, 0}}};
  const auto all = client.searchPatterns(queries, {.limit = 100});
  REQUIRE(all.hits(0).size() == 20);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(all.hits(0)[i].id == PointId(i));
    CHECK(all.hits(0)[i].score == Approx(std::cos(0.05 * static_cast<double>(i))).margin(1e-5));
  }
  const auto page = client.searchPatterns(queries, {.limit = 3, .offset = 5});
  REQUIRE(page.hits(0).size() == 3);
  CHECK(page.hits(0)[0].id == PointId(5));
  CHECK(client.searchPatterns(queries, {.limit = 100, .minScore = std::cos(0.175f)}).hits(0).size() == 4);
  CHECK(client.searchPatterns(queries, {.limit = 5, .offset = 50}).hits(0).empty());
}

TEST_CASE("contract: an absent collection") {
  FOR_EVERY_BACKEND(bench);
  auto client = bench.client();
  const auto found = client.searchPatterns(std::vector<std::string>{"x"}, {.collection = "none"});
  CHECK(found.count(Outcome::failed) == 1);
  CHECK(found.stopped().code() == Errc::collectionNotFound);
  CHECK(found.stopped().httpStatus() == 404);
  const auto updated = client.updateMetrics(std::vector{increment(PointId(1), 1)}, {.collection = "none"});
  CHECK(updated.count(Outcome::failed) == 1);
  CHECK(updated.stopped().code() == Errc::collectionNotFound);
  const auto deleted = client.deletePatterns(std::vector<PointId>{1}, {.collection = "none"});
  CHECK(deleted.count(Outcome::failed) == 1);
  const auto byFilter = client.deletePatterns(Filter().must(isEmpty("x")), {.collection = "none"});
  CHECK_FALSE(byFilter.ok());
  CHECK(byFilter.stopped().code() == Errc::collectionNotFound);
  CHECK_THROWS_AS(client.countPatterns(Filter(), {.collection = "none"}), RequestError);
  CHECK_THROWS_AS(client.getPatterns(std::vector<PointId>{1}, {.collection = "none"}), RequestError);
  bench.options.createCollection = false;
  CHECK(bench.client().storePatterns(std::vector{pattern("a")}).stopped().code() == Errc::collectionNotFound);
}

TEST_CASE("contract: a filter that the backend cannot do is refused, never ignored") {
  FOR_EVERY_BACKEND(bench);
  if (subject.geo) return;
  auto client = bench.client();
  REQUIRE(client.storePatterns(std::vector{pattern("a")}).ok());
  const auto geo = Filter::json(R"({"must":[{"key":"place","geo_radius":{"center":{"lon":1,"lat":2},"radius":3}}]})");
  const auto report = client.searchPatterns(std::vector<std::string>{"a"}, {.filter = geo});
  CHECK_FALSE(report.ok());
  CHECK(report.hits(0).empty());
  CHECK_THROWS_AS(client.countPatterns(geo), RequestError);
  CHECK_FALSE(client.deletePatterns(geo).ok());
  CHECK(client.countPatterns() == 1);
}

TEST_CASE("contract: random calls agree with a model, before and after reopening") {
  FOR_EVERY_BACKEND(bench);
  const char* given = std::getenv("QBATCH_SEED");
  const auto seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto upTo = [&](std::size_t most) { return static_cast<std::size_t>(random() % (most + 1)); };
  std::map<PointId, std::int64_t> model;  // id to usage count
  bool stored = false;                    // before the first store there is no collection
  for (int reopening = 0; reopening < 4; ++reopening) {
    {
      auto client = bench.client();
      for (int step = 0; step < 15; ++step) {
        const auto kind = stored ? upTo(2) : 0;
        if (kind == 0) {
          std::vector<Pattern> patterns(1 + upTo(40));
          stored = true;
          for (auto& item : patterns) {
            item.id = PointId(upTo(60));
            item.description = "text of " + item.id->toString();
          }
          const auto existing = upTo(1) == 0 ? Existing::keepMetrics : Existing::replace;
          REQUIRE(client.storePatterns(patterns, {.chunk = {1 + upTo(10)}, .existing = existing}).ok());
          for (const auto& item : patterns)
            if (existing == Existing::replace)
              model[*item.id] = 0;
            else
              model.try_emplace(*item.id, 0);
        } else if (kind == 1) {
          std::vector<MetricUpdate> updates;
          for (std::size_t i = 0, n = upTo(30); i < n; ++i)
            updates.push_back(increment(PointId(upTo(60)), static_cast<std::int64_t>(upTo(9))));
          const auto report = client.updateMetrics(updates, {.chunk = {1 + upTo(10)}});
          for (std::size_t i = 0; i < updates.size(); ++i) {
            const auto known = model.find(updates[i].id);
            CHECK(report.outcome(i) == (known == model.end() ? Outcome::rejected : Outcome::done));
            if (known != model.end()) known->second += updates[i].incrementUsage;
          }
        } else if (!model.empty()) {
          std::vector<PointId> ids;
          for (std::size_t i = 0, n = upTo(8); i < n; ++i) ids.emplace_back(upTo(60));
          REQUIRE(client.deletePatterns(ids).ok());
          for (const auto& id : ids) model.erase(id);
        }
      }
      if (model.empty()) continue;
      CHECK(client.countPatterns() == model.size());
      for (const auto& [id, count] : model) {
        const auto hit = get(client, id);
        REQUIRE(hit);
        CHECK(hit->usageCount == count);
        CHECK(hit->description == "text of " + id.toString());
      }
    }
    bench.reopen();
  }
}
