#include "metrics/old_marks.hpp"

#include <string>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace std::chrono_literals;

namespace {

StoredPoint point(PointId id, std::string payload) { return {id, 0, std::move(payload), {}}; }

}  // namespace

TEST_CASE("marks are swept from an age of 24 hours on") {
  CHECK_FALSE(sweepProblem({"c", 24h}));
  CHECK_FALSE(sweepProblem({"c", 100'000h}));
  for (const auto young : {23h, 0h, -48h}) {
    const auto problem = sweepProblem({"c", young});
    REQUIRE(problem);
    CHECK(problem->code() == Errc::invalidItem);
    CHECK(problem->origin() == Origin::caller);
    CHECK(problem->message().find("24 hours") != std::string::npos);
    CHECK(problem->message().find(std::to_string(young.count()) + " were asked for") != std::string::npos);
  }
}

TEST_CASE("a flush's age is that of the time in its number") {
  const std::chrono::system_clock::time_point now(1'700'000'000'000ms);
  const auto before = flushesBefore(now, 24h);
  CHECK(before == (1'700'000'000'000u - 86'400'000u) * std::uint64_t{1024});
  // One flush of the millisecond before, and one of the very millisecond, which is not yet older.
  const auto mark = [](std::uint64_t sequence) { return R"({"_qbatch_W":)" + std::to_string(sequence) + "}"; };
  CHECK(oldMarks(mark(before - 1), before).size() == 1);
  CHECK(oldMarks(mark(before), before).empty());
}

TEST_CASE("no flush is older than 1970, however long ago is asked for") {
  const std::chrono::system_clock::time_point now(1'700'000'000'000ms);
  CHECK(flushesBefore(now, std::chrono::hours(1'700'000'000 / 3600)) <= 3'600'000u * std::uint64_t{1024});
  CHECK(flushesBefore(now, std::chrono::hours(1'700'000'000 / 3600 + 1)) == 0);
  CHECK(flushesBefore(now, std::chrono::hours::max()) == 0);
  CHECK(oldMarks(R"({"_qbatch_W":0})", 0).empty());
}

TEST_CASE("only a writer's own member with a whole number is a mark") {
  const auto is = [](const std::string& member) { return !oldMarks("{" + member + "}", 1000).empty(); };
  CHECK(is(R"("_qbatch_W":999)"));
  CHECK(is(R"("_qbatch_aZ0_9":0)"));
  CHECK(is(R"("a":{"b":[1]}, "_qbatch_W" : 7 )"));
  CHECK_FALSE(is(R"("_qbatch_W":1000)"));
  CHECK_FALSE(is(R"("_qbatch_W":-1)"));
  for (const auto* value : {"7.0", "7e0", "\"7\"", "true", "null", "[7]", "{\"_qbatch_W\":7}"}) {
    CAPTURE(value);
    CHECK_FALSE(is(std::string(R"("_qbatch_W":)") + value));
  }
  for (const auto* key : {"_qbatch_last", "_qbatch_counter_x", "_qbatch_counter_", "_qbatch_", "_qbatch", "qbatch_W", "_qbatchW",
                          "_qbatch_a.b", "_qbatch_a b", "_qbatch_\xC3\xA9", "_qbatch_a-b", "usage_count", "x_qbatch_W"}) {
    CAPTURE(key);
    CHECK_FALSE(is("\"" + std::string(key) + "\":7"));
  }
  // Where a key stands twice the last counts.
  CHECK_FALSE(is(R"("_qbatch_W":7,"_qbatch_W":5000)"));
  CHECK(oldMarks("", 1000).empty());
  CHECK_THROWS_AS(oldMarks(R"({"_qbatch_W":7)", 1000), ParseError);
}

TEST_CASE("all old marks of a payload, in their order, and no young one") {
  const auto marks = oldMarks(R"({"d":"x","_qbatch_B":5,"_qbatch_Y":2000,"_qbatch_last":"B.5","_qbatch_A":6})", 1000);
  CHECK(marks == std::vector<Mark>{{"_qbatch_B", 5}, {"_qbatch_A", 6}});
}

TEST_CASE("one removal a writer, whatever the number of its points") {
  const auto uuid = PointId::parse("123e4567-e89b-12d3-a456-426614174000");
  const std::vector<StoredPoint> points = {point(1, R"({"_qbatch_A":5,"_qbatch_B":9})"), point(2, R"({"d":1})"), point(3, ""),
                                           point(4, R"({"_qbatch_A":8,"_qbatch_B":2000})"), point(uuid, R"({"_qbatch_A":6})")};
  const auto removals = markRemovals(points, 1000);
  REQUIRE(removals.size() == 2);
  CHECK(removals[0].key == "_qbatch_A");
  CHECK(removals[0].upTo == 8);
  CHECK(removals[0].ids == std::vector<PointId>{1, 4, uuid});
  CHECK(removals[1].key == "_qbatch_B");
  CHECK(removals[1].upTo == 9);  // and not 2000, which is young
  CHECK(removals[1].ids == std::vector<PointId>{1});
  CHECK(markRemovals({}, 1000).empty());
  CHECK(markRemovals(points, 5).empty());
}

TEST_CASE("a removal names its key alone, and spares what is larger than the marks that were seen") {
  const MarkRemoval removal{"_qbatch_A", 8, {1, 4, 7}};
  const auto all = removal.operation(0, 3);
  CHECK(all.keys == std::vector<std::string>{"_qbatch_A"});
  CHECK(all.filter == R"({"must":[{"has_id":[1,4,7]},{"key":"_qbatch_A","range":{"lte":8}}]})");
  CHECK(removal.operation(1, 1).filter == R"({"must":[{"has_id":[4]},{"key":"_qbatch_A","range":{"lte":8}}]})");
}
