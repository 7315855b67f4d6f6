// Each way in which counting by marks is known to go wrong, and the rule of GuardedUpdate or PointMemory that prevents it. A test shows
// both: the wrong count where the rule is left out by hand, and the right one where it is kept.
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/guarded_rig.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace qbatch::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::uint64_t point = 7;

/// One flush of `by`, of this writer and number, on points that lie at hand: read and written.
struct Flushing {
  Flushing(GuardedPoints& server, const std::string& writer, std::uint64_t sequence, std::int64_t by)
      : points(server), changes{counting(point, by)}, update(changes, {.writer = writer, .sequence = sequence, .collection = "patterns"}) {}

  void read() {
    const auto action = update.next();
    const auto& wanted = std::get<GuardedUpdate::Read>(action);
    update.read(points.read(wanted.ids, wanted.keys));
  }
  std::vector<codec::BatchOperation> write() { return std::get<GuardedUpdate::Write>(update.next()).operations; }
  void carryOut(const std::vector<codec::BatchOperation>& operations) {
    for (const auto& operation : operations) static_cast<void>(points.apply(operation, point));
  }
  bool finished() { return std::holds_alternative<GuardedUpdate::Finished>(update.next()); }
  bool done() { return finished() && update.verdict().kind == Verdict::Kind::completed && update.verdict().items.empty(); }

  GuardedPoints& points;
  std::vector<MetricChange> changes;
  GuardedUpdate update;
};

/// Another client counts, from its read to its read-back.
void count(GuardedPoints& server, const std::string& writer, std::uint64_t sequence, std::int64_t by) {
  Flushing other(server, writer, sequence, by);
  other.read();
  other.carryOut(other.write());
  other.update.written();
  other.read();
  REQUIRE(other.done());
}

struct Server : GuardedPoints {
  explicit Server(std::int64_t count) { put(point, R"({"usage_count":)" + std::to_string(count) + "}"); }
  [[nodiscard]] std::string count() const { return member(point, "usage_count"); }
};

}  // namespace

TEST_CASE("rules: a writer's name is one client's alone", "[metrics]") {
  const bool kept = GENERATE(false, true);
  Server server(5);
  count(server, "A", 100, 1);
  Flushing second(server, kept ? "B" : "A", 100, 1);
  second.read();
  if (!kept) {
    CHECK(second.done());  // the other's mark is taken for its own
    CHECK(server.count() == "6");
    return;
  }
  second.carryOut(second.write());
  second.update.written();
  second.read();
  CHECK(second.done());
  CHECK(server.count() == "7");
}

TEST_CASE("rules: a mark stays while a copy of its write may arrive", "[metrics]") {
  const bool kept = GENERATE(false, true);
  Server server(5);
  PointMemory memory({.idle = std::chrono::minutes(0)});
  Flushing flush(server, "A", 100, 1);
  flush.read();
  const auto late = flush.write();
  flush.carryOut(late);
  flush.update.writeFailed(lost);
  static_cast<void>(flush.update.next());  // the pause
  flush.read();
  REQUIRE(flush.done());
  for (auto& learnt : flush.update.learnt()) memory.giveBack("c", learnt, 100, {});
  CHECK_FALSE(memory.due({}));
  CHECK_FALSE(memory.last());
  if (!kept) server.eraseMember(point, "_qbatch_A");
  count(server, "B", 1, -1);  // now the count is what the copy waits for
  flush.carryOut(late);
  CHECK(server.count() == (kept ? "5" : "6"));
}

TEST_CASE("rules: a delta whose write may arrive is not folded into a new number", "[metrics]") {
  const bool kept = GENERATE(false, true);
  Server server(5);
  Flushing flush(server, "A", 100, 1);
  flush.read();
  const auto late = flush.write();
  flush.update.writeFailed(lost);
  if (!kept) {
    flush.carryOut(late);
    count(server, "A", 101, 1);  // the same delta again
    CHECK(server.count() == "7");
    return;
  }
  static_cast<void>(flush.update.next());  // the pause
  flush.read();
  // It goes again under its own number, whenever the first arrives.
  const auto again = flush.write();
  const bool before = GENERATE(false, true);
  if (before) flush.carryOut(late);
  flush.carryOut(again);
  if (!before) flush.carryOut(late);
  flush.update.written();
  flush.read();
  CHECK(flush.done());
  CHECK(server.count() == "6");
}

TEST_CASE("rules: without marks as guards, counts never fall", "[metrics]") {
  const Flush indexed{.fields = {}, .writer = "A", .sequence = 100, .indexedOnly = true};
  // What would be written for -1, twice, while somebody adds 1 between.
  Server server(5);
  const codec::BatchOperation falling =
      codec::SetPayload{R"({"usage_count":4})", R"({"must":[{"has_id":[7]},{"key":"usage_count","match":{"value":5}}]})"};
  CHECK(server.apply(falling, point));
  count(server, "B", 1, 1);
  CHECK(server.apply(falling, point));
  CHECK(server.count() == "4");  // -1 +1 -1
  // So it is refused, and what rises is applied once.
  const auto stored = codec::JsonObject::parse(R"({"usage_count":5})");
  CHECK_THROWS_WITH(guardedOperation(counting(point, -1), stored, indexed), Contains("cannot be counted down here"));
  Server rising(5);
  const std::vector<MetricChange> changes{counting(point, 1)};
  const std::vector<std::pair<std::size_t, GuardedOperation>> operations{{0, guardedOperation(changes[0], stored, indexed, 8)}};
  const auto shared = sharedOperations(operations, changes, indexed);
  REQUIRE(shared.size() == 1);
  CHECK(rising.apply(shared[0].operation, point));
  count(rising, "B", 1, 1);
  CHECK_FALSE(rising.apply(shared[0].operation, point));
  CHECK(rising.count() == "7");
}

TEST_CASE("rules: a writer's name has no dot", "[metrics]") {
  // A path to a member within a member, where no mark is: so the guard lets every copy through.
  Server server(5);
  const codec::BatchOperation copy =
      codec::SetPayload{R"({"usage_count":6,"_qbatch_a.b":100})", R"({"must":[{"has_id":[7]},{"key":"usage_count","match":{"value":5}}],)"
                                                                  R"("must_not":[{"key":"_qbatch_a.b","range":{"gte":100}}]})"};
  CHECK(server.apply(copy, point));
  count(server, "B", 1, -1);
  CHECK(server.apply(copy, point));
  CHECK(server.count() == "6");  // +1 -1 +1
  const std::vector<MetricChange> changes{counting(point)};
  for (const auto* name : {"a.b", "a[0]", "", "a b", "last", "counter_x"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(GuardedUpdate(changes, {.writer = name, .sequence = 1}), std::invalid_argument);
  }
}

TEST_CASE("rules: of several rungs one at most is taken, as each leaves the mark", "[metrics]") {
  const bool kept = GENERATE(false, true);
  Server server(5);
  const std::vector<MetricChange> changes{counting(point, 1)};
  const Flush flush{.fields = {}, .writer = "A", .sequence = 100, .indexedOnly = !kept};
  const auto stored = codec::JsonObject::parse(R"({"usage_count":5})");
  Flush marks = flush;
  marks.indexedOnly = false;
  // By hand, several rungs without marks as guards; guardedOperation makes one there.
  const std::vector<std::pair<std::size_t, GuardedOperation>> operations{{0, guardedOperation(changes[0], stored, marks, 3)}};
  for (const auto& shared : sharedOperations(operations, changes, flush)) static_cast<void>(server.apply(shared.operation, point));
  CHECK(server.count() == (kept ? "6" : "8"));
  CHECK(guardedOperation(changes[0], stored, flush, 3).rungs.size() == (kept ? 3 : 1));
}
