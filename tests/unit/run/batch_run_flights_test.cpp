// What goes out in one request and what its answer means: reading back, and writing again.
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/batch_run.hpp"
#include "support/catch.hpp"
#include "support/scripted_upserts.hpp"

using namespace qbatch;
using namespace qbatch::test;

TEST_CASE("flights: items that do not lie side by side go in one request, each with its own vector, id and payload") {
  ScriptedUpserts fixture;
  fixture.options.threads = 1;  // chunks come in their order
  const auto patterns = differentPatterns(12);
  const PointId bad(8);
  // The first request that carries the bad item is refused when every other of its items was applied.
  fixture.script = [&](std::size_t, const Carried& carried) -> std::optional<Verdict> {
    if (!carried.points.contains(bad)) return std::nullopt;
    const bool first = carried.ids.size() == 8;
    for (std::size_t i = 0; first && i < carried.ids.size(); i += 2)
      fixture.backend->points[carried.ids[i]] = carried.points.at(carried.ids[i]);
    auto verdict = verdictOf(Verdict::Kind::itemAtFault, first);
    verdict.error = Error(Errc::refused, Origin::server, "wrong input");
    return verdict;
  };
  const auto existing = GENERATE(Existing::replace, Existing::keepMetrics);
  auto options = replacing(8);
  options.existing = existing;
  const auto report = fixture.client().storePatterns(patterns, options);
  CHECK(report.count(Outcome::done) == 11);
  REQUIRE(report.failures().size() == 1);
  CHECK(report.failures()[0].index == 7);
  CHECK(report.failures()[0].outcome == Outcome::rejected);
  CHECK(fixture.backend->count<RetrievePoints>() == 1);
  std::vector<std::vector<PointId>> sent;
  for (const auto& upsert : fixture.upserts) sent.push_back(upsert.ids);
  CHECK(sent == std::vector<std::vector<PointId>>{idsOf({1, 2, 3, 4, 5, 6, 7, 8}), idsOf({2, 4}), idsOf({6, 8}), idsOf({6}), idsOf({8}),
                                                  idsOf({9, 10, 11, 12})});
  // Whatever request it came in: the same as in the first.
  for (const auto& upsert : fixture.upserts) {
    for (const auto& [id, point] : upsert.points) {
      const auto& pattern = patterns[id.number() - 1];
      CHECK(point.vector == std::vector<float>{static_cast<float>(pattern.description.size()), 1, 0, 0});
      CHECK(point.payload.find('"' + pattern.description + '"') != std::string::npos);
    }
  }
  CHECK(fixture.backend->points.size() == 11);
}

TEST_CASE("flights: what a lost answer had stored is found, and not sent again") {
  ScriptedUpserts fixture;
  fixture.script = [&](std::size_t count, const Carried& carried) -> std::optional<Verdict> {
    if (count > 1) return std::nullopt;
    for (const std::uint64_t id : {1u, 3u}) fixture.backend->points[id] = carried.points.at(id);
    return lost();
  };
  const auto report = fixture.client().storePatterns(differentPatterns(4), replacing());
  CHECK(report.ok());
  CHECK(report.notes().empty());
  REQUIRE(fixture.upserts.size() == 2);
  CHECK(fixture.upserts[1].ids == idsOf({2, 4}));
  CHECK(report.stats().retries == 1);
}

TEST_CASE("flights: what stood there before is handed over with the second attempt, and not with the first") {
  ScriptedUpserts fixture;
  const std::string then = R"({"by":"an earlier run"})";
  fixture.backend->points[2] = foreign(then);
  fixture.script = [&](std::size_t count, const Carried&) -> std::optional<Verdict> {
    if (count > 1) return std::nullopt;
    return lost();
  };
  CHECK(fixture.client().storePatterns(differentPatterns(3), replacing()).ok());
  REQUIRE(fixture.upserts.size() == 2);
  CHECK(fixture.upserts[0].before.empty());
  REQUIRE(fixture.upserts[1].before.size() == 3);
  CHECK_FALSE(fixture.upserts[1].before[0].exists);
  CHECK(fixture.upserts[1].before[1].exists);
  CHECK(fixture.upserts[1].before[1].payload == then);
  CHECK_FALSE(fixture.upserts[1].before[2].exists);
}

TEST_CASE("flights: what somebody else wrote in between is noted in the report") {
  ScriptedUpserts fixture;
  fixture.script = [&](std::size_t count, const Carried& carried) -> std::optional<Verdict> {
    if (count == 1) return lost();
    for (const auto& [id, point] : carried.points) fixture.backend->points[id] = point;
    fixture.backend->points[2] = foreign();
    return conditional();
  };
  auto patterns = differentPatterns(3);
  patterns.insert(patterns.begin(), Pattern());  // at fault by itself, so that positions are not indices
  const auto report = fixture.client().storePatterns(patterns, replacing());
  CHECK(report.count(Outcome::done) == 3);
  REQUIRE(report.notes().size() == 1);
  CHECK(report.notes()[0].kind == ItemNote::Kind::superseded);
  CHECK(report.notes()[0].index == 2);
  CHECK(report.notes()[0].other == 2);
  CHECK(fixture.upserts.size() == 2);
  CHECK(fixture.backend->points[2].payload == foreign().payload);
}

TEST_CASE("flights: a delete that may have been applied takes away only what is as it was read") {
  ClientFixture fixture;
  for (const std::uint64_t id : {1u, 2u, 3u}) fixture.backend->points[id] = foreign();
  std::vector<std::vector<PointBefore>> befores;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    const auto* deletion = std::get_if<DeletePoints>(&request);
    if (!deletion) return std::nullopt;
    befores.emplace_back(deletion->before.begin(), deletion->before.end());
    if (befores.size() == 1) {
      fixture.backend->points.erase(1);
      return lost();
    }
    fixture.backend->points.erase(2);
    fixture.backend->points[3] = foreign(R"({"by":"a third"})");
    return conditional();
  };
  const auto report = fixture.client().deletePatterns(idsOf({1, 2, 3}));
  CHECK(report.count(Outcome::done) == 3);
  REQUIRE(report.notes().size() == 1);
  CHECK(report.notes()[0].index == 2);
  CHECK(report.notes()[0].kind == ItemNote::Kind::superseded);
  REQUIRE(befores.size() == 2);
  CHECK(befores[0].empty());
  REQUIRE(befores[1].size() == 2);
  CHECK(befores[1][0].payload == foreign().payload);
  CHECK(fixture.backend->points.contains(3));
}

TEST_CASE("flights: of items that do not lie side by side the right ones are read back and deleted") {
  ClientFixture fixture;
  for (std::uint64_t id = 1; id <= 6; ++id) fixture.backend->points[id] = foreign();
  std::vector<std::vector<PointId>> deleted, read;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (const auto* retrieve = std::get_if<RetrievePoints>(&request)) read.emplace_back(retrieve->ids.begin(), retrieve->ids.end());
    const auto* deletion = std::get_if<DeletePoints>(&request);
    if (!deletion) return std::nullopt;
    deleted.emplace_back(deletion->ids.begin(), deletion->ids.end());
    if (deleted.size() > 2) return std::nullopt;
    for (const auto& id : deleted.size() == 1 ? idsOf({1, 3}) : idsOf({4})) fixture.backend->points.erase(id);
    return lost();
  };
  CHECK(fixture.client().deletePatterns(idsOf({1, 2, 3, 4, 5, 6})).ok());
  CHECK(deleted == std::vector{idsOf({1, 2, 3, 4, 5, 6}), idsOf({2, 4, 5, 6}), idsOf({2, 5, 6})});
  CHECK(read == std::vector{idsOf({1, 2, 3, 4, 5, 6}), idsOf({2, 4, 5, 6})});
  CHECK(fixture.backend->points.empty());
}

TEST_CASE("flights: a read-back that is answered with something else has the write repeated as it was") {
  ScriptedUpserts fixture;
  fixture.script = [&](std::size_t count, const Carried&) { return count == 1 ? std::optional(lost()) : std::nullopt; };
  const auto kind = GENERATE(Verdict::Kind::completed, Verdict::Kind::acknowledged);  // without points
  fixture.backend->hook = [&, upserts = fixture.backend->hook](const Request& request) -> std::optional<Verdict> {
    if (std::holds_alternative<RetrievePoints>(request)) return verdictOf(kind);
    return upserts(request);
  };
  const auto report = fixture.client().storePatterns(differentPatterns(3), replacing());
  CHECK(report.ok());
  CHECK(fixture.backend->count<RetrievePoints>() == 1);
  REQUIRE(fixture.upserts.size() == 2);
  CHECK(fixture.upserts[1].before.empty());
  CHECK(fixture.backend->points.size() == 3);
}

TEST_CASE("flights: a read-back asks for what has to be compared") {
  struct Row {
    Existing existing;
    bool whole;
  };
  const Row row = GENERATE(Row{Existing::replace, true}, Row{Existing::keepMetrics, true}, Row{Existing::skip, false});
  ScriptedUpserts fixture;
  fixture.script = [&](std::size_t count, const Carried&) { return count == 1 ? std::optional(lost()) : std::nullopt; };
  fixture.backend->points[2] = foreign();
  std::vector<RetrievePoints> asked;
  std::vector<PointId> ids;
  fixture.backend->hook = [&, upserts = fixture.backend->hook](const Request& request) -> std::optional<Verdict> {
    if (const auto* retrieve = std::get_if<RetrievePoints>(&request)) {
      asked.push_back(*retrieve);
      ids.assign(retrieve->ids.begin(), retrieve->ids.end());
    }
    return upserts(request);
  };
  auto options = replacing();
  options.existing = row.existing;
  CHECK(fixture.client().storePatterns(differentPatterns(3), options).ok());
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].withPayload == row.whole);
  CHECK(asked[0].withVector == row.whole);
  CHECK(ids == idsOf({1, 2, 3}));
  // To skip, it is enough that a point is there.
  CHECK(fixture.upserts.at(1).ids == (row.whole ? idsOf({1, 2, 3}) : idsOf({1, 3})));
}

namespace {

/// Says of the first upsert what stood there before it.
class TellsBefore : public FakeBackend {
 public:
  std::vector<StoredPoint> told;

  void run(const Request& request, CallLimits limits, Completion completion) override {
    const bool tells = std::holds_alternative<UpsertPoints>(request) && upserts_++ == 0;
    FakeBackend::run(request, std::move(limits), [this, tells, completion = std::move(completion)](Reply reply) {
      if (tells) reply.before = told;
      completion(std::move(reply));
    });
  }

 private:
  std::atomic<int> upserts_{0};
};

}  // namespace

TEST_CASE("flights: what the backend saw before its upsert failed counts as what stood there") {
  ScriptedUpserts fixture;
  const auto backend = std::make_shared<TellsBefore>();
  backend->hook = fixture.backend->hook;
  fixture.options.backend = backend;
  const std::string then = R"({"by":"an earlier run","usage_count":4})";
  backend->told = {{3, 0, then, {}}, {1, 0, then, {}}};
  fixture.script = [&](std::size_t count, const Carried&) -> std::optional<Verdict> {
    if (count > 1) return std::nullopt;
    backend->points[1] = foreign(then);                                          // as before
    backend->points[2] = foreign();                                              // was not there before
    backend->points[3] = foreign(R"({"by":"an earlier run","usage_count":5})");  // only counted
    return lost();
  };
  StoreOptions options;  // with metrics kept
  const auto report = BatchClient(fixture.options).storePatterns(differentPatterns(4), options);
  CHECK(report.count(Outcome::done) == 4);
  REQUIRE(report.notes().size() == 1);
  CHECK(report.notes()[0].index == 1);
  REQUIRE(fixture.upserts.size() == 2);
  const auto& again = fixture.upserts[1];
  CHECK(again.ids == idsOf({1, 3, 4}));
  REQUIRE(again.before.size() == 3);
  CHECK(again.before[0].payload == then);
  CHECK(again.before[1].payload == R"({"by":"an earlier run","usage_count":5})");
  CHECK_FALSE(again.before[2].exists);
}

TEST_CASE("flights: what is known not to have been applied is sent again without a condition") {
  ScriptedUpserts fixture;
  const auto backend = std::make_shared<TellsBefore>();
  backend->hook = fixture.backend->hook;
  fixture.options.backend = backend;
  fixture.script = [](std::size_t count, const Carried&) -> std::optional<Verdict> {
    if (count > 1) return std::nullopt;
    return verdictOf(Verdict::Kind::unavailable);
  };
  CHECK(BatchClient(fixture.options).storePatterns(differentPatterns(2)).ok());
  REQUIRE(fixture.upserts.size() == 2);
  CHECK(fixture.upserts[1].before.empty());
  CHECK(backend->count<RetrievePoints>() == 0);
}

TEST_CASE("flights: what the server only has in its log is done when it is seen, where the caller waits for that") {
  const auto durability = GENERATE(Durability::applied, Durability::queued);
  ScriptedUpserts fixture;
  fixture.script = [](std::size_t, const Carried&) { return verdictOf(Verdict::Kind::acknowledged); };
  std::atomic<int> looks{0};
  fixture.backend->hook = [&, upserts = fixture.backend->hook](const Request& request) -> std::optional<Verdict> {
    if (std::holds_alternative<RetrievePoints>(request) && ++looks == 2) fixture.backend->points = fixture.upserts.at(0).points;
    return upserts(request);
  };
  auto options = replacing();
  options.durability = durability;
  fixture.options.retry.patience = std::chrono::seconds(60);
  const auto report = fixture.client().storePatterns(differentPatterns(3), options);
  const bool waits = durability == Durability::applied;
  CHECK(report.count(waits ? Outcome::done : Outcome::accepted) == 3);
  CHECK(looks == (waits ? 2 : 0));
  CHECK(fixture.upserts.size() == 1);
}

TEST_CASE("flights: metrics that may have been counted are neither read back nor counted again") {
  ClientFixture fixture;
  fixture.backend->points[1] = foreign();
  fixture.backend->hook = [](const Request& request) -> std::optional<Verdict> {
    if (std::holds_alternative<UpdateMetrics>(request)) return lost();
    return std::nullopt;
  };
  MetricUpdate update;
  update.id = PointId(1);
  update.incrementUsage = 1;
  const auto report = fixture.client().updateMetrics(std::vector{update});
  CHECK(report.count(Outcome::unknown) == 1);
  CHECK(fixture.backend->count<UpdateMetrics>() == 1);
  CHECK(fixture.backend->count<RetrievePoints>() == 0);
}
