#include "rest/marks.hpp"

#include <string>
#include <utility>
#include <vector>

#include "rest/rest_backend.hpp"
#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using Kind = Verdict::Kind;

namespace {

const std::string batchLine = "POST /collections/c/points/batch";

void leave(rest::Marks& marks, const std::string& collection, std::uint64_t id, std::uint64_t sequence, bool open = false) {
  MetricChange change;
  change.id = id;
  static_cast<void>(marks.take(collection, std::span(&change, 1)));
  std::vector<metrics::FlushedPoint> points{{.id = id, .payload = R"({"usage_count":1})", .marked = true, .open = open}};
  marks.giveBack(collection, std::move(points), sequence);
}

std::vector<PointId> idsOf(std::initializer_list<std::uint64_t> numbers) { return {numbers.begin(), numbers.end()}; }

}  // namespace

TEST_CASE("marks are removed by one key, from the points that have them, unless a later flush left them") {
  RestRig rig(inOrder({batchOf("completed")}));
  const rest::Marks::Removal removal{"c", idsOf({1, 7}), 4096};
  const auto call = rest::Marks::removalCall(removal, "Ab", *rig.stage->channel);
  CHECK(call.path == "/collections/c/points/batch");
  CHECK(hasPart(call.query, "wait=true"));
  CHECK(hasPart(call.query, "ordering=strong"));
  CHECK(*call.body == R"({"operations":[{"delete_payload":{"keys":["_qbatch_Ab"],"filter":{"must":[{"has_id":[1,7]},)"
                      R"({"key":"_qbatch_Ab","range":{"lte":4096}}]}}}]})");
}

TEST_CASE("at the end all marks that may go are removed, collection by collection") {
  RestRig rig(always(batchOf("completed")));
  auto& marks = rig.stage->marks;
  leave(marks, "c", 1, 10);
  leave(marks, "d", 2, 20);
  leave(marks, "c", 3, 30);
  leave(marks, "c", 4, 40, true);  // a write of it may still arrive
  marks.removeAll("Ab", rig.stage->channel, 10s);
  const auto calls = rig.record->all();
  REQUIRE(calls.size() == 2);
  CHECK(hasPart(calls[0].url, "/collections/c/"));
  CHECK(hasPart(calls[0].body, R"({"has_id":[1,3]},{"key":"_qbatch_Ab","range":{"lte":30}})"));
  CHECK(hasPart(calls[1].url, "/collections/d/"));
  CHECK(hasPart(calls[1].body, R"({"has_id":[2]},{"key":"_qbatch_Ab","range":{"lte":20}})"));
  marks.removeAll("Ab", rig.stage->channel, 10s);
  CHECK(rig.record->size() == 2);
}

TEST_CASE("the removal at the end stops at the first request that fails, and in time") {
  SECTION("it is lost") {
    RestRig rig(always(fault(http::Fault::Kind::connect)));
    leave(rig.stage->marks, "c", 1, 10);
    leave(rig.stage->marks, "d", 2, 20);
    rig.stage->marks.removeAll("Ab", rig.stage->channel, 10s);
    CHECK(rig.record->size() == 1);
  }
  SECTION("it hangs") {
    RestRig rig([](const http::Request&) { return std::nullopt; });
    leave(rig.stage->marks, "c", 1, 10);
    const auto began = std::chrono::steady_clock::now();
    rig.stage->marks.removeAll("Ab", rig.stage->channel, 50ms);
    CHECK(std::chrono::steady_clock::now() - began < 10s);
  }
  SECTION("it is refused, and the next one is not") {
    RestRig rig(inOrder({refusal(400, "Bad request: Index required but not found"), batchOf("completed")}));
    leave(rig.stage->marks, "c", 1, 10);
    leave(rig.stage->marks, "d", 2, 20);
    rig.stage->marks.removeAll("Ab", rig.stage->channel, 10s);
    CHECK(rig.record->size() == 2);
  }
}

TEST_CASE("what was replaced is known no more") {
  rest::Marks marks;
  leave(marks, "c", 1, 10);
  leave(marks, "c", 2, 20);
  marks.replaced("c", idsOf({1, 9}));
  marks.replaced("d", idsOf({2}));
  std::vector<MetricChange> changes(2);
  changes[0].id = 1;
  changes[1].id = 2;
  const auto known = marks.take("c", changes);
  CHECK(known[0].payload.empty());
  CHECK(known[1].payload == R"({"usage_count":1})");
}

TEST_CASE("too much unresolved is told") {
  rest::Marks marks({.unresolved = 2});
  leave(marks, "c", 1, 10, true);
  CHECK_FALSE(marks.tooManyUnresolved());
  leave(marks, "c", 2, 20, true);
  CHECK(marks.tooManyUnresolved() == std::size_t{2});
}
