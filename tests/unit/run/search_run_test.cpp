// searchPatterns in several collections at once, over fakes. What one collection's search does: tests/unit/client_test.cpp.
#include "run/search_run.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/late_answers.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

/// Collections that hold some points, whose ids begin where the collection says; every query finds all of them, in the order of their ids.
struct Shelves : FakeBackend {
  std::map<std::string, std::vector<std::uint64_t>> shelves;
  std::vector<QueryPoints> asked;  // without what they refer to
  std::mutex mutex;

  void run(const Request& request, CallLimits limits, Completion completion) override {
    const auto* query = std::get_if<QueryPoints>(&request);
    if (!query) return FakeBackend::run(request, limits, std::move(completion));
    Reply reply;
    {
      const std::lock_guard lock(mutex);
      asked.push_back(*query);
    }
    const auto verdict = hook ? hook(request) : std::nullopt;
    if (verdict)
      reply.verdict = *verdict;
    else
      reply.answer = std::vector(query->vectors.size(), found(*query));
    auto answer = [completion = std::move(completion), reply = std::move(reply)] { completion(reply); };
    if (hold)
      hold(request, answer);
    else
      answer();
  }

  [[nodiscard]] std::vector<StoredPoint> found(const QueryPoints& query) const {
    std::vector<StoredPoint> list;
    const auto& ids = shelves.at(query.collection);
    for (auto at = query.offset; at < ids.size() && list.size() < query.limit; ++at)
      list.push_back({PointId(ids[at]), 0.5F, R"({"description":"d"})"});
    return list;
  }
};

struct Bench : ClientFixture {
  std::shared_ptr<Shelves> shelves = std::make_shared<Shelves>();

  Bench() {
    options.backend = backend = shelves;
    add("a", {10, 11, 12});
    add("b", {20});
    add("c", {30, 31, 32, 33});
  }
  CollectionInfo& add(const std::string& name, std::vector<std::uint64_t> ids) {
    shelves->shelves[name] = std::move(ids);
    return shelves->collections[name] = {.name = name, .dimension = 4};
  }
  [[nodiscard]] SearchReport search(SearchOptions wanted, std::size_t queries = 1) const {
    return client().searchPatterns(std::vector<std::string>(queries, "query"), wanted);
  }
};

std::vector<std::uint64_t> idsOf(const SearchReport& report, std::size_t query = 0) {
  std::vector<std::uint64_t> ids;
  for (const auto& hit : report.hits(query)) ids.push_back(hit.id.number());
  return ids;
}
using Ids = std::vector<std::uint64_t>;

Verdict fatal(Errc code, std::string message) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::fatal;
  verdict.error = Error(code, Origin::server, std::move(message));
  return verdict;
}

}  // namespace

TEST_CASE("several collections are searched with the same vectors, and their hits merged by rank") {
  Bench bench;
  const auto report = bench.search({.limit = 100, .collections = {"c", "a", "b"}}, 3);
  REQUIRE(report.ok());
  for (std::size_t query = 0; query < 3; ++query) {
    CHECK(idsOf(report, query) == Ids{30, 10, 20, 31, 11, 32, 12, 33});
    for (const auto& hit : report.hits(query)) CHECK(hit.collection == std::string(1, "?abc"[hit.id.number() / 10]));
  }
  CHECK(bench.embedder->texts == 3);
  CHECK(report.stats().requests == 3);
  CHECK(report.stats().points == 24);
  CHECK(report.stats().items == 3);
  REQUIRE(bench.shelves->asked.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(bench.shelves->asked[i].vectors.data() == bench.shelves->asked[0].vectors.data());
}

TEST_CASE("offset and limit are those of the merged list") {
  Bench bench;
  SearchOptions options{.limit = 3, .collections = {"a", "b", "c"}};
  options.minScore = 0.25F;
  options.offset = 2;
  CHECK(idsOf(bench.search(options)) == Ids{30, 11, 31});
  for (const auto& query : bench.shelves->asked) {
    CHECK(query.limit == 5);
    CHECK(query.offset == 0);
    CHECK(query.minScore == 0.25F);
  }
  options.offset = 7;
  CHECK(idsOf(bench.search(options)) == Ids{33});
  options.offset = 8;
  CHECK(idsOf(bench.search(options)).empty());
  options.offset = static_cast<std::size_t>(-1);
  CHECK(idsOf(bench.search(options)).empty());
}

TEST_CASE("one name is a search in that collection, whose hits name it; a name that stands twice counts once") {
  Bench bench;
  const auto one = bench.search({.limit = 2, .offset = 1, .collections = {"a", "a"}});
  CHECK(idsOf(one) == Ids{11, 12});
  CHECK(one.hits(0)[0].collection == "a");
  REQUIRE(bench.shelves->asked.size() == 1);
  CHECK(bench.shelves->asked[0].offset == 1);
  CHECK(bench.shelves->asked[0].limit == 2);
  CHECK(idsOf(bench.search({.limit = 4, .collections = {"a", "b", "a"}})) == Ids{10, 20, 11, 12});
  const auto plain = bench.search({.collection = "a"});
  CHECK(plain.hits(0)[0].collection.empty());
}

TEST_CASE("a collection that cannot be searched makes the queries fail, with the hits of the others beside") {
  Bench bench;
  bench.add("named", {}).vectorName = "dense";
  bench.add("theirs", {}).embedder = "another";
  bench.add("strict", {}).limits.searchLimit = 5;
  bench.embedder->traits_.identity = "mine";
  const auto report = bench.client().searchPatterns(std::vector<std::string>{"x", "", "y"},
                                                    {.collections = {"gone", "a", "named", "theirs", "strict", "b"}});
  CHECK(report.outcome(0) == Outcome::failed);
  CHECK(report.outcome(1) == Outcome::rejected);
  CHECK(report.outcome(2) == Outcome::failed);
  CHECK_FALSE(report.stopped());
  CHECK(idsOf(report, 0) == Ids{10, 20, 11, 12});
  CHECK(idsOf(report, 1).empty());
  CHECK(idsOf(report, 2) == Ids{10, 20, 11, 12});
  CHECK(report.stats().points == 8);
  const auto& error = report.failures()[0].error;
  CHECK(error.code() == Errc::collectionNotFound);  // the first one's
  for (const char* part : {"collection `gone` was not searched", "doesn't exist", "collection `named` was not searched", "vectorName",
                           "collection `theirs` was not searched", "allowOtherEmbedder", "collection `strict` was not searched"})
    CHECK_THAT(error.message(), contains(part));
  CHECK(report.failures()[0].attempts == 1);
  const auto json = toJson(report, std::vector<Query>{{"x", {}}, {"", {}}, {"y", {}}});
  CHECK_THAT(json,
             contains(R"({"status":"success","batch_results":[{"query":"x","results":[{"id":10,)") && contains(R"("collection":"b")"));
}

TEST_CASE("where no collection can be searched the call ends with the first cause") {
  Bench bench;
  bench.add("theirs", {}).embedder = "another";
  bench.embedder->traits_.identity = "mine";
  for (const auto& names : {std::vector<std::string>{"gone", "away"}, std::vector<std::string>{"theirs", "gone"}}) {
    const auto report = bench.search({.collections = names}, 2);
    CHECK(report.count(Outcome::failed) == 2);
    CHECK(report.stopped().code() == Errc::collectionNotFound);
    CHECK_THAT(report.stopped().message(), contains("`gone`"));
    CHECK(report.hits(0).empty());
  }
  CHECK(bench.embedder->calls == 0);
  CHECK(bench.shelves->asked.empty());
}

TEST_CASE("an embedder that fits none of them is misuse, but no obstacle to queries that bring vectors") {
  Bench bench;
  bench.embedder->traits_.identity = "mine";
  for (const auto* name : {"a", "b"}) bench.shelves->collections[name].embedder = "another";
  const SearchOptions options{.collections = {"a", "b"}};
  CHECK_THROWS_WITH(bench.search(options), contains("`a`") && contains("`b`") && contains("allowOtherEmbedder"));
  const auto mixed = bench.client().searchPatterns(std::vector<Query>{{"text", {}}, {"", {1, 2, 3, 4}}}, options);
  CHECK(mixed.outcome(0) == Outcome::rejected);
  CHECK(mixed.outcome(1) == Outcome::done);
  CHECK(idsOf(mixed, 1) == Ids{10, 20, 11, 12});
  CHECK(bench.client().searchPatterns(std::vector<Query>{{"", {1, 2, 3, 4}}}, options).ok());
  bench.shelves->collections["b"].embedder = "mine";
  const auto some = bench.search(options);
  CHECK(idsOf(some) == Ids{20});
  CHECK(some.outcome(0) == Outcome::failed);
}

TEST_CASE("a query's own vector has to fit each collection that is searched") {
  Bench bench;
  bench.shelves->collections["b"].dimension = 3;
  const auto report = bench.client().searchPatterns(std::vector<Query>{{"", {1, 2, 3, 4}}, {"", {1, 2, 3}}}, {.collections = {"a", "b"}});
  CHECK(report.count(Outcome::rejected) == 2);
  CHECK_THAT(report.failures()[0].error.message(), contains("collection `b`: vector: "));
  CHECK_THAT(report.failures()[1].error.message(), contains("collection `a`: vector: "));
}

TEST_CASE("a collection that cannot even be described is left out where that concerns it alone") {
  Bench bench;
  const auto code = GENERATE(Errc::unauthorized, Errc::collectionMismatch, Errc::internal);
  bench.shelves->hook = [&](const Request& request) -> std::optional<Verdict> {
    const auto* describe = std::get_if<DescribeCollection>(&request);
    if (!describe || describe->collection != "b") return std::nullopt;
    return fatal(code, "not this one");
  };
  const auto report = bench.search({.collections = {"a", "b", "c"}});
  CHECK(report.outcome(0) == Outcome::failed);
  CHECK(report.failures()[0].error.code() == code);
  if (code == Errc::internal) {
    CHECK(report.stopped().code() == code);
    CHECK(report.hits(0).empty());
  } else {
    CHECK(report.failures()[0].error.message() == "collection `b` was not searched: not this one");
    CHECK(idsOf(report) == Ids{10, 30, 11, 31, 12, 32, 33});
  }
}

TEST_CASE("what goes wrong in one collection while it is searched is the search's, and is repeated where that may help") {
  Bench bench;
  int times = 0;
  Verdict verdict = fatal(Errc::unavailable, "dropped meanwhile");
  SECTION("a passing fault") { verdict.kind = Verdict::Kind::unavailable; }
  SECTION("a lasting one") {}
  bench.shelves->hook = [&](const Request& request) -> std::optional<Verdict> {
    const auto* query = std::get_if<QueryPoints>(&request);
    if (!query || query->collection != "b" || times++ > 0) return std::nullopt;
    return verdict;
  };
  const auto report = bench.search({.collections = {"a", "b"}});
  if (verdict.kind == Verdict::Kind::unavailable) {
    CHECK(report.ok());
    CHECK(report.stats().retries == 1);
    CHECK(report.stats().requests == 4);
    CHECK(idsOf(report) == Ids{10, 20, 11, 12});
  } else {
    CHECK(report.outcome(0) == Outcome::failed);
    CHECK(report.stopped().message() == "collection `b`: dropped meanwhile");
    CHECK(report.hits(0).empty());
  }
}

TEST_CASE("no request holds more queries, and none asks for more hits, than each of the collections allows") {
  Bench bench;
  bench.shelves->collections["a"].limits.searchQueries = 4;
  bench.shelves->collections["b"].limits = {.searchQueries = 3, .searchLimit = 12};
  CHECK(bench.search({.collections = {"a", "b", "c"}}, 6).ok());
  CHECK(bench.shelves->asked.size() == 6);
  for (const auto& query : bench.shelves->asked) CHECK(query.vectors.size() == 3);
  CHECK(bench.search({.limit = 10, .offset = 2, .collections = {"a", "b"}}).ok());
  const auto report = bench.search({.limit = 10, .offset = 3, .collections = {"a", "b"}});
  CHECK_THAT(report.failures()[0].error.message(), contains("`b` was not searched: limit: 13"));
}

TEST_CASE("answers of several collections may come late and in any order") {
  Bench bench;
  LateAnswers late(7);
  bench.shelves->hold = [&](const Request&, std::function<void()> answer) { late.add(std::move(answer)); };
  SearchOptions options{.limit = 3, .collections = {"a", "b", "c", "gone"}};
  options.chunk.maxItems = 2;
  const auto report = bench.search(options, 99);
  CHECK(report.count(Outcome::failed) == 99);
  for (std::size_t query = 0; query < 99; ++query) CHECK(idsOf(report, query) == Ids{10, 20, 30});
  CHECK(report.stats().points == 297);
}

TEST_CASE("a search in several collections that is cancelled shows only what was searched in full") {
  Bench bench;
  std::mutex mutex;
  std::vector<std::function<void()>> held;
  bench.shelves->hold = [&](const Request& request, std::function<void()> answer) {
    if (!std::holds_alternative<QueryPoints>(request)) return answer();
    const std::lock_guard lock(mutex);
    held.push_back(std::move(answer));
  };
  SearchOptions options{.collections = {"a", "b", "gone"}};
  options.chunk.maxItems = 1;
  bench.options.flow.maxInFlight = 1;
  auto client = bench.client();
  auto job = client.searchPatternsAsync({{"x", {}}, {"y", {}}}, options);
  REQUIRE(eventually([&] {
    const std::lock_guard lock(mutex);
    return held.size() == 2;
  }));
  job.cancel();
  for (auto& answer : std::exchange(held, {})) answer();
  const auto report = job.get();
  // Which of the two was embedded first, and so sent, is up to the threads.
  const std::size_t sent = report.outcome(0) == Outcome::failed ? 0 : 1;
  CHECK(report.outcome(sent) == Outcome::failed);
  CHECK(idsOf(report, sent) == Ids{10, 20, 11, 12});
  CHECK(report.outcome(1 - sent) == Outcome::unsent);
  CHECK(report.hits(1 - sent).empty());
  CHECK(report.stopped().code() == Errc::cancelled);
  CHECK_THAT(toJson(report, std::vector<Query>{{"x", {}}, {"y", {}}}), contains(R"("status":"success")"));
}
