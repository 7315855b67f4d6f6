
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

TEST_CASE("storing 2500 patterns takes three upserts, and every id stands at its place") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto patterns = somePatterns(2500);
  const auto report = client.storePatterns(patterns);
  REQUIRE(report.ok());
  CHECK(report.size() == 2500);
  CHECK(report.count(Outcome::done) == 2500);
  CHECK(report.stats().points == 2500);
  CHECK(report.stats().items == 2500);
  auto sizes = fixture.backend->upsertSizes();
  std::sort(sizes.begin(), sizes.end());
  CHECK(sizes == std::vector<std::size_t>{500, 1000, 1000});
  REQUIRE(fixture.backend->points.size() == 2500);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const auto id = report.id(i);
    CHECK(id == PointId::forContent(patterns[i].description, "", ""));
    REQUIRE(fixture.backend->points.contains(id));
    CHECK(fixture.backend->points.at(id).vector[0] == static_cast<float>(patterns[i].description.size()));
  }
}

TEST_CASE("an empty batch is an empty report and sends nothing") {
  ClientFixture fixture;
  auto client = fixture.client();
  int progress = 0;
  StoreOptions options;
  options.progress = [&](const Progress&) { ++progress; };
  const auto stored = client.storePatterns({}, options);
  CHECK(stored.ok());
  CHECK(stored.size() == 0);
  CHECK(client.searchPatterns(std::span<const Query>()).size() == 0);
  CHECK(client.updateMetrics({}).size() == 0);
  CHECK(client.deletePatterns(std::span<const PointId>()).size() == 0);
  CHECK(client.getPatterns({}).empty());
  CHECK(stored.stats().requests == 0);
  CHECK(fixture.backend->collections.empty());
}

TEST_CASE("a payload is flat, with metrics from metadata") {
  ClientFixture fixture;
  auto client = fixture.client();
  Pattern pattern{"d", "c", "cpp", Payload{{"category", "io"}, {"success_rate", 0.5}}, {}, {}};
  const auto report = client.storePatterns(std::vector{pattern});
  REQUIRE(report.ok());
  const auto payload = Payload::parse(fixture.backend->points.at(report.id(0)).payload);
  CHECK(payload.get("description") == Payload::Value(std::string("d")));
  CHECK(payload.get("code") == Payload::Value(std::string("c")));
  CHECK(payload.get("language") == Payload::Value(std::string("cpp")));
  CHECK(payload.get("category") == Payload::Value(std::string("io")));
  CHECK(payload.get("success_rate") == Payload::Value(0.5));
  CHECK(payload.get("usage_count") == Payload::Value(std::int64_t{0}));

  const auto hits = client.getPatterns(std::vector{report.id(0), PointId(7)});
  REQUIRE(hits.size() == 2);
  REQUIRE(hits[0]);
  CHECK_FALSE(hits[1]);
  CHECK(hits[0]->language == "cpp");
  CHECK(hits[0]->usageCount == 0);
  CHECK(hits[0]->successRate == 0.5);
  CHECK(hits[0]->metadata.json() == R"({"category":"io"})");
}

TEST_CASE("field names can be mapped") {
  ClientFixture fixture;
  fixture.options.fields = {"text", "source", "lang", "uses", "rate", "used_at"};
  auto client = fixture.client();
  Pattern pattern{"d", "c", "cpp", Payload{{"success_rate", 0.5}, {"last_used", "2025-01-15T12:00:00Z"}, {"k", 1}}, {}, {}};
  const auto report = client.storePatterns(std::vector{pattern});
  REQUIRE(report.ok());
  CHECK(fixture.backend->points.at(report.id(0)).payload ==
        R"({"text":"d","source":"c","lang":"cpp","rate":0.5,"used_at":"2025-01-15T12:00:00Z","k":1,"uses":0})");
  const auto hit = client.getPatterns(std::vector{report.id(0)}).at(0);
  REQUIRE(hit);
  CHECK(hit->description == "d");
  CHECK(hit->successRate == 0.5);
  CHECK(hit->lastUsed == "2025-01-15T12:00:00Z");
  CHECK(hit->metadata.json() == R"({"k":1})");
}

TEST_CASE("qbatch's own keys are never shown") {
  ClientFixture fixture;
  fixture.backend->points[PointId(1)] = {{1, 0, 0, 0}, R"({"description":"d","_qbatch_last":"W.1","_qbatch_W":1,"usage_count":"many"})"};
  const auto hit = fixture.client().getPatterns(std::vector{PointId(1)}).at(0);
  REQUIRE(hit);
  CHECK(hit->metadata.json() == R"({"usage_count":"many"})");
  CHECK_FALSE(hit->usageCount);
}

TEST_CASE("bad items are rejected by index, and the rest is stored") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto patterns = somePatterns(6);
  patterns[0].description.clear();
  patterns[1].description = std::string("a\0b", 3);
  patterns[2].description = "\xff";
  patterns[3].vector = {1, 2, 3};
  patterns[4].metadata = Payload{{"usage_count", 3}};
  const auto report = client.storePatterns(patterns);
  CHECK_FALSE(report.ok());
  CHECK(report.count(Outcome::rejected) == 5);
  CHECK(report.outcome(5) == Outcome::done);
  CHECK(fixture.backend->points.size() == 1);
  CHECK(addsUp(report));
  REQUIRE(report.failures().size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(report.failures()[i].index == i);
    CHECK(report.failures()[i].attempts == 0);
    CHECK(report.failures()[i].error.origin() == Origin::caller);
  }
  CHECK(report.failures()[3].error.message().find("3") != std::string::npos);
}

TEST_CASE("equal patterns are one point, and the report says which one") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto patterns = somePatterns(3);
  patterns[2] = patterns[0];
  const auto report = client.storePatterns(patterns);
  CHECK(report.ok());
  CHECK(report.count(Outcome::done) == 3);
  CHECK(report.stats().items == 3);
  CHECK(report.stats().points == 2);
  REQUIRE(report.notes().size() == 1);
  CHECK(report.notes()[0].index == 2);
  CHECK(report.notes()[0].other == 0);
  CHECK(report.notes()[0].kind == ItemNote::Kind::sameAs);
  CHECK(report.id(0) == report.id(2));
}

TEST_CASE("a client that was moved from says so") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto other = std::move(client);
  CHECK_THROWS_AS(client.storePatterns({}), ConfigError);       // NOLINT(bugprone-use-after-move)
  CHECK_THROWS_AS(client.storePatternsAsync({}), ConfigError);  // NOLINT(bugprone-use-after-move)
  CHECK(other.storePatterns({}).ok());
}

TEST_CASE("250 queries are three requests, and hits stand in the queries' order") {
  ClientFixture fixture;
  auto client = fixture.client();
  std::vector<Pattern> patterns(20);
  for (std::size_t i = 0; i < 20; ++i) patterns[i].description = std::string(i + 1, 'x');
  REQUIRE(client.storePatterns(patterns).ok());
  std::vector<std::string> queries;
  for (std::size_t i = 0; i < 250; ++i) queries.push_back(std::string(i % 20 + 1, 'y'));
  const auto report = client.searchPatterns(queries, {.limit = 3});
  REQUIRE(report.ok());
  CHECK(fixture.backend->count<QueryPoints>() == 3);
  for (std::size_t i = 0; i < 250; ++i) {
    REQUIRE(report.hits(i).size() == 1);
    CHECK(report.hits(i)[0].description == std::string(i % 20 + 1, 'x'));
  }
  CHECK(report.stats().points == 250);
  CHECK_THROWS_AS(report.hits(250), std::out_of_range);
}

TEST_CASE("an increment that may have been applied is not sent again") {
  ClientFixture fixture;
  fixture.backend->points[PointId(1)] = {};
  fixture.backend->hook = [](const Request& request) -> std::optional<Verdict> {
    if (!std::holds_alternative<UpdateMetrics>(request)) return std::nullopt;
    Verdict verdict;
    verdict.kind = Verdict::Kind::unavailable;
    verdict.error = Error(Errc::unavailable, Origin::transport, "the answer was lost");
    verdict.maybeApplied = true;
    return verdict;
  };
  std::vector<MetricUpdate> updates(1);
  updates[0].id = 1;
  updates[0].incrementUsage = 1;
  const auto report = fixture.client().updateMetrics(updates);
  CHECK(report.outcome(0) == Outcome::unknown);
  CHECK(fixture.backend->count<UpdateMetrics>() == 1);
}

TEST_CASE("deleting by ids and by filter") {
  ClientFixture fixture;
  fixture.options.limits.store = 100;
  auto client = fixture.client();
  for (std::uint64_t i = 0; i < 25000; ++i) fixture.backend->points[PointId(i)] = {};
  const auto byIds = client.deletePatterns(std::vector<PointId>{1, 2, 1, 99999});
  CHECK(byIds.ok());
  CHECK(byIds.size() == 4);
  CHECK(byIds.stats().points == 3);
  CHECK(fixture.backend->points.size() == 24998);
  const auto byFilter = client.deletePatterns(Filter().must(match("a", std::string("b"))));
  CHECK(byFilter.ok());
  CHECK(byFilter.size() == 24998);
  CHECK(byFilter.id(0) == PointId(0));
  CHECK(byFilter.id(1) == PointId(3));
  CHECK(fixture.backend->points.empty());
  CHECK_THROWS_AS(client.deletePatterns(Filter()), ConfigError);
  CHECK_THROWS_AS(client.deletePatterns(Filter::json(R"({"must":[{"must":[]},{"should":[]}]})")), ConfigError);
}

TEST_CASE("counting, and a count that cannot be had") {
  ClientFixture fixture;
  fixture.backend->points[PointId(1)] = {};
  CHECK(fixture.client().countPatterns() == 1);
  fixture.backend->hook = [](const Request&) -> std::optional<Verdict> {
    Verdict verdict;
    verdict.kind = Verdict::Kind::fatal;
    verdict.error = Error(Errc::collectionNotFound, Origin::server, "none", 404);
    return verdict;
  };
  try {
    (void)fixture.client().countPatterns();
    FAIL("no error");
  } catch (const RequestError& error) {
    CHECK(error.error().code() == Errc::collectionNotFound);
    CHECK(error.error().httpStatus() == 404);
  }
  CHECK_THROWS_AS(fixture.client().getPatterns(std::vector<PointId>{1}), RequestError);
}

TEST_CASE("options that cannot work are named all at once") {
  ClientOptions options;
  options.url = "localhost:6333";
  options.collection = "a/b";
  options.limits.search = 0;
  options.timeout = milliseconds(0);
  options.retry.maxDelay = milliseconds(1);
  options.fields.usageCount = "a.b";
  options.fields.code = "description";
  try {
    BatchClient client(options);
    FAIL("not refused");
  } catch (const ConfigError& error) {
    const std::string what = error.what();
    for (const auto* field : {"url", "collection", "limits.search", "timeout", "retry.maxDelay", "fields.usageCount", "fields.code"}) {
      INFO(field);
      CHECK(what.find(field) != std::string::npos);
    }
    CHECK(error.problems().size() == 7);
  }
  CHECK_THROWS_AS(BatchClient(ClientOptions{}), ConfigError);
}

TEST_CASE("per-call options that cannot work are refused before anything is sent") {
  ClientFixture fixture;
  auto client = fixture.client();
  CHECK_THROWS_AS(client.storePatterns(somePatterns(1), {.chunk = {1001}}), ConfigError);
  CHECK_THROWS_AS(client.storePatterns(somePatterns(1), {.collection = "a/b"}), ConfigError);
  CHECK_THROWS_AS(client.storePatterns(somePatterns(1), {.deadline = milliseconds(-1)}), ConfigError);
  CHECK_THROWS_AS(client.searchPatterns(std::vector<std::string>{"x"}, {.limit = 0}), ConfigError);
  CHECK_THROWS_AS(client.searchPatterns(std::vector<std::string>{"x"}, {.collection = "a", .collections = {"b"}}), ConfigError);
  CHECK_THROWS_AS(client.updateMetrics(std::vector<MetricUpdate>(1), {.operationId = "x"}), ConfigError);
  CHECK(fixture.backend->count<CreateCollection>() == 0);
}

TEST_CASE("a query whose answer cannot be read has no hits") {
  ClientFixture fixture;
  fixture.backend->collections["patterns"] = {"patterns", "", 4, Distance::cosine, "", 0, {}};
  fixture.backend->points[PointId(1)] = {{1, 0, 0, 0}, "{}"};
  fixture.backend->points[PointId(2)] = {{2, 0, 0, 0}, "no object"};
  const auto report = fixture.client().searchPatterns(std::vector<std::string>{"a", "bb"});
  CHECK(report.count(Outcome::failed) == 2);
  CHECK(report.hits(0).empty());
  CHECK(report.stats().points == 0);
}
