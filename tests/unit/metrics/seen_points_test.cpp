#include "metrics/seen_points.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::metrics;

namespace {

const Flush flush{.fields = {}, .writer = "W", .sequence = 100};
const std::vector<MetricChange> two{{.id = 1, .increments = {{"usage_count", 1}}}, {.id = 2, .increments = {{"usage_count", 1}}}};
const std::string five = R"({"usage_count":5,"_qbatch_W":90,"_qbatch_last":"W.90"})";

KnownPoint known(std::string payload, bool trusted = true) { return {std::move(payload), trusted, 1}; }
codec::JsonObject object(const std::string& text) { return codec::JsonObject::parse(text); }

struct Bench {
  explicit Bench(std::vector<KnownPoint> before, std::vector<MetricChange> wanted = two)
      : changes(std::move(wanted)), ledger(changes, flush, {}), seen(changes, flush, std::move(before)) {}
  std::vector<MetricChange> changes;
  FlushLedger ledger;
  SeenPoints seen;
};

const std::vector<std::size_t> first{0};

}  // namespace

TEST_CASE("operations are made of what is known, where all of it is", "[metrics]") {
  const auto operationsOf = [](std::vector<KnownPoint> before, std::vector<MetricChange> changes = two) {
    Bench bench(std::move(before), std::move(changes));
    return bench.seen.fromMemory(flush, bench.ledger);
  };
  const auto operations = operationsOf({known(five), known(five)});
  REQUIRE(operations.size() == 2);
  CHECK(operations[1].first == 1);
  CHECK(operations[1].second.rungs.at(0).must == R"(,{"key":"usage_count","match":{"value":5}})");
  CHECK(operationsOf({}).empty());
  CHECK(operationsOf({known(five), known(five, false)}).empty());
  CHECK(operationsOf({known(five), known("")}).empty());
  CHECK(operationsOf({known(five), known(R"({"usage_count":5})")}).empty());  // the mark was not read
  auto other = two;
  other[1].increments.emplace_back("shown", 1);
  CHECK(operationsOf({known(five), known(five)}, other).empty());
  // What is wrong with the known, or already there, is to be read before anything is said of it.
  CHECK(operationsOf({known(five), known(R"({"usage_count":"x","_qbatch_W":90,"_qbatch_last":null})")}).empty());
  auto times = two;
  times[1] = {.id = 2, .lastUsed = "2025-01-01T00:00:00Z"};
  CHECK(operationsOf({known(five), known(R"({"last_used":"2026-01-01T00:00:00Z","_qbatch_W":90,"_qbatch_last":null})")}, times).empty());
}

TEST_CASE("what is known of marks is told to the ledger, used or not", "[metrics]") {
  Bench bench({known(five, false), known("")});
  CHECK(bench.seen.fromMemory(flush, bench.ledger).empty());
  const auto stored = object(R"({"usage_count":5})");
  CHECK(bench.ledger.see(0, &stored));
  CHECK(bench.ledger.see(1, &stored));
  CHECK(bench.ledger.replaced() == 1);
}

TEST_CASE("a point is foreseen where its first read is as known", "[metrics]") {
  Bench bench({known(five, false), known("")});
  const auto foreseen = [&](std::size_t position) { return bench.seen.learnt(flush, bench.ledger).at(position).foreseen; };
  CHECK_FALSE(foreseen(0));
  SECTION("it is, whatever else it holds") {
    bench.seen.compare(0, object(R"({"other":1,"usage_count":5,"_qbatch_W":90,"_qbatch_last":"X.1"})"), bench.ledger);
    bench.seen.compare(1, object("{}"), bench.ledger);
    CHECK(foreseen(0) == true);
    CHECK_FALSE(foreseen(1));  // nothing was known
  }
  SECTION("it is not") {
    bench.seen.compare(0, object(R"({"usage_count":6,"_qbatch_W":90,"_qbatch_last":"W.90"})"), bench.ledger);
    CHECK(foreseen(0) == false);
    bench.seen.compare(0, object(five), bench.ledger);  // the first counts
    CHECK(foreseen(0) == false);
  }
  SECTION("written before any read: by whether a write was lost") {
    bench.ledger.wrote(first, FlushLedger::Copies::answered);
    bench.seen.compare(0, object("{}"), bench.ledger);
    CHECK(foreseen(0) == true);
    const auto stored = object(R"({"usage_count":6,"_qbatch_W":90})");
    CHECK(bench.ledger.see(0, &stored));
    CHECK(foreseen(0) == false);
  }
}

TEST_CASE("what a settled point holds is known, and what it does not hold, too", "[metrics]") {
  Bench bench({});
  bench.seen.settled(0, object(R"({"usage_count":6,"_qbatch_W":100})"));
  const auto points = bench.seen.learnt(flush, bench.ledger);
  CHECK(points.at(0).payload == R"({"usage_count":6,"_qbatch_W":100,"_qbatch_last":null})");
  CHECK(points.at(1).payload.empty());
}

TEST_CASE("rungs double with each loss, up to what the flush allows", "[metrics]") {
  Bench bench({known(five), known(five)});
  CHECK(bench.seen.rungs(0, false, 8) == 1);
  CHECK(bench.seen.rungs(0, true, 8) == 2);
  CHECK(bench.seen.rungs(0, true, 8) == 4);
  CHECK(bench.seen.rungs(0, false, 8) == 4);
  CHECK(bench.seen.rungs(0, true, 8) == 8);
  CHECK(bench.seen.rungs(0, true, 8) == 8);
  CHECK(bench.seen.rungs(0, false, 1) == 1);
  CHECK(bench.seen.rungs(1, true, 8) == 2);
}

TEST_CASE("a write that passed and whose guards still hold was skipped", "[metrics]") {
  Bench bench({});
  const auto operation = [](const std::string& stored, unsigned rungs) { return guardedOperation(two[0], object(stored), flush, rungs); };
  const std::string six = R"({"usage_count":6})", seven = R"({"usage_count":7})";
  bench.seen.passed(0, operation(R"({"usage_count":5})", 2));
  CHECK_FALSE(bench.seen.skipped(0, operation(seven, 2)));  // somebody else was faster
  bench.seen.passed(0, operation(R"({"usage_count":5})", 2));
  CHECK(bench.seen.skipped(0, operation(six, 2)));
  CHECK_FALSE(bench.seen.skipped(0, operation(six, 2)));  // nothing has passed since
  bench.seen.passed(0, operation(six, 1));
  CHECK_FALSE(bench.seen.skipped(0, {}));
}

TEST_CASE("marks are this writer's where it wrote, unless they cannot be removed", "[metrics]") {
  Bench bench({});
  const auto stored = object(R"({"usage_count":6,"_qbatch_W":100})");
  bench.ledger.wrote(first, FlushLedger::Copies::answered);
  CHECK(bench.seen.learnt(flush, bench.ledger).at(0).open);
  CHECK_FALSE(bench.ledger.see(0, &stored));
  bench.seen.gone(1);
  const auto points = bench.seen.learnt(flush, bench.ledger);
  CHECK(points.at(0).marked);
  CHECK_FALSE(points.at(0).open);
  CHECK_FALSE(points.at(1).marked);
  CHECK(points.at(1).gone);
  auto indexed = flush;
  indexed.indexedOnly = true;
  CHECK_FALSE(bench.seen.learnt(indexed, bench.ledger).at(0).marked);
}
