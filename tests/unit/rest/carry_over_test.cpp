#include "rest/carry_over.hpp"

#include <algorithm>

#include "codec/json_check.hpp"
#include "codec/json_object.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using codec::JsonObject;

namespace {

const std::vector<float> vector = {1, 2};

PointView fresh(std::uint64_t id, std::string_view payload) { return {id, vector, payload}; }
StoredPoint stored(std::uint64_t id, std::string payload) {
  StoredPoint point;
  point.id = id;
  point.payload = std::move(payload);
  return point;
}
/// A member's raw text; "absent" where there is none.
std::string member(std::string_view object, std::string_view name) {
  const auto parsed = JsonObject::parse(object);
  const auto* raw = parsed.find(name);
  return raw != nullptr ? *raw : "absent";
}
/// The condition of the filter for point 1 stored with this payload.
std::string filterFor(std::string payload) {
  const std::vector<PointView> points = {fresh(1, "{}")};
  const std::vector<StoredPoint> known = {stored(1, std::move(payload))};
  auto filter = rest::carryOver(points, known, {}, "S.1").filter;
  CHECK(codec::checkJson(filter) == filter);
  return filter;
}
std::string asRead(const std::string& conditions) {
  return R"({"should":[{"must":[{"has_id":[1]},)" + conditions + R"(,{"is_empty":{"key":"_qbatch_last"}}]}]})";
}

}  // namespace

TEST_CASE("known points keep metrics, counters and own keys under a new stamp; new ones go as they are") {
  const std::vector<PointView> points = {fresh(1, R"({"code":"a","usage_count":0,"views":0})"), fresh(2, R"({"code":"b","usage_count":0})"),
                                         fresh(3, "")};
  const std::vector<StoredPoint> known = {
      stored(3, ""), stored(1, R"({"usage_count":9,"success_rate":0.5,"old":1,"views":4,"_qbatch_counter_views":true,"_qbatch_W":5})"),
      stored(8, "{}")};
  const auto carried = rest::carryOver(points, known, {}, "S.1");
  REQUIRE(carried.points.size() == 3);
  CHECK(carried.known == std::vector<std::size_t>{0, 2});
  const auto payload = carried.points[0].payload;
  CHECK(member(payload, "code") == R"("a")");
  CHECK(member(payload, "usage_count") == "9");
  CHECK(member(payload, "success_rate") == "0.5");
  CHECK(member(payload, "views") == "4");
  CHECK(member(payload, "old") == "absent");
  CHECK(member(payload, "_qbatch_W") == "5");
  CHECK(member(payload, "_qbatch_last") == R"("S.1")");
  CHECK(member(payload, "_qbatch_store") == R"("S.1")");
  CHECK(carried.points[1].payload.data() == points[1].payload.data());
  CHECK(member(carried.points[2].payload, "_qbatch_store") == R"("S.1")");
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(carried.points[i].id == points[i].id);
    CHECK(carried.points[i].vector.data() == points[i].vector.data());
  }
  CHECK_FALSE(carried.filter.empty());
}

TEST_CASE("the filter matches nothing where no point is known") {
  const std::vector<PointView> points = {fresh(1, "{}")};
  const auto carried = rest::carryOver(points, {}, {}, "S.1");
  CHECK(carried.filter == R"({"must":[{"has_id":[]}]})");
  CHECK(carried.known.empty());
}

TEST_CASE("the filter holds while count and stamp are as they were read") {
  CHECK(filterFor(R"({"usage_count":7})") == asRead(R"({"key":"usage_count","match":{"value":7}})"));
  CHECK(filterFor(R"({"usage_count":-7})") == asRead(R"({"key":"usage_count","match":{"value":-7}})"));
  CHECK(filterFor(R"({"usage_count":1.5})") == asRead(R"({"key":"usage_count","range":{"gte":1.5,"lte":1.5}})"));
  CHECK(filterFor(R"({"usage_count":"many"})") == asRead(R"({"key":"usage_count","match":{"value":"many"}})"));
  CHECK(filterFor(R"({"usage_count":true})") == asRead(R"({"key":"usage_count","match":{"value":true}})"));
  for (const auto* empty : {"{}", "", R"({"usage_count":null})", R"({"usage_count":[]})"})
    CHECK(filterFor(empty) == asRead(R"({"is_empty":{"key":"usage_count"}})"));
  // Nothing compares these.
  for (const auto* whole : {R"({"usage_count":[1]})", R"({"usage_count":{"a":1}})"})
    CHECK(filterFor(whole) == R"({"should":[{"must":[{"has_id":[1]},{"is_empty":{"key":"_qbatch_last"}}]}]})");
  CHECK(filterFor(R"({"_qbatch_last":"W.\"5"})") ==
        R"({"should":[{"must":[{"has_id":[1]},{"is_empty":{"key":"usage_count"}},{"key":"_qbatch_last","match":{"value":"W.\"5"}}]}]})");
}

TEST_CASE("points that were read alike share a condition") {
  const std::vector<PointView> points = {fresh(1, "{}"), fresh(2, "{}"), fresh(3, "{}")};
  const std::vector<StoredPoint> known = {stored(1, R"({"usage_count":1})"), stored(2, R"({"usage_count":2})"),
                                          stored(3, R"({"usage_count":1})")};
  const auto filter = rest::carryOver(points, known, {}, "S.1").filter;
  CHECK(filter.find(R"({"has_id":[1,3]},{"key":"usage_count","match":{"value":1}})") != std::string::npos);
  CHECK(filter.find(R"({"has_id":[2]},{"key":"usage_count","match":{"value":2}})") != std::string::npos);
}

TEST_CASE("mapped names are guarded and kept, too") {
  FieldNames fields;
  fields.usageCount = "uses";
  const std::vector<PointView> points = {fresh(1, R"({"uses":0,"usage_count":0})")};
  const std::vector<StoredPoint> known = {stored(1, R"({"uses":3,"usage_count":9})")};
  const auto carried = rest::carryOver(points, known, fields, "S.1");
  CHECK(member(carried.points[0].payload, "uses") == "3");
  CHECK(member(carried.points[0].payload, "usage_count") == "0");
  CHECK(carried.filter.find(R"({"key":"uses","match":{"value":3}})") != std::string::npos);
}

TEST_CASE("a payload that is no object is refused") {
  const std::vector<PointView> points = {fresh(1, "[1]")};
  const std::vector<StoredPoint> known = {stored(1, "{}")};
  CHECK_THROWS_AS(rest::carryOver(points, known, {}, "S.1"), ParseError);
}

namespace {

struct Updates {
  codec::SetPayload set;
  std::vector<std::string> removed;
};
Updates updates(const std::string& payload, const std::string& before) {
  const auto operations = rest::contentUpdate(fresh(1, payload), stored(1, before), {});
  REQUIRE(!operations.empty());
  Updates result{std::get<codec::SetPayload>(operations[0]), {}};
  CHECK(result.set.filter == R"({"must":[{"has_id":[1]}]})");
  if (operations.size() > 1) {
    const auto& removal = std::get<codec::DeletePayload>(operations.at(1));
    CHECK(removal.filter == result.set.filter);
    result.removed = removal.keys;
  }
  CHECK(operations.size() == (result.removed.empty() ? 1 : 2));
  return result;
}

}  // namespace

TEST_CASE("an update of the content sets what is new, removes what is old and leaves metrics untouched") {
  const auto made = updates(R"({"code":"new","usage_count":0,"tag":"t","views":0})",
                            R"({"usage_count":7,"success_rate":0.5,"last_used":"2025-01-15T12:00:00Z","old":1,"tag":"t","a.b":2,"views":3,)"
                            R"("_qbatch_counter_views":true,"_qbatch_W":5,"_qbatch_last":"W.5"})");
  CHECK(member(made.set.payload, "code") == R"("new")");
  CHECK(member(made.set.payload, "tag") == R"("t")");
  for (const auto* kept : {"usage_count", "success_rate", "last_used", "views", "_qbatch_counter_views", "_qbatch_W", "_qbatch_last"}) {
    CAPTURE(kept);
    CHECK(member(made.set.payload, kept) == "absent");
    CHECK(std::find(made.removed.begin(), made.removed.end(), kept) == made.removed.end());
  }
  CHECK(made.removed == std::vector<std::string>{"old", R"("a.b")"});
}

TEST_CASE("metrics that the point lacks come from the fresh payload") {
  const auto made = updates(R"({"usage_count":0,"success_rate":0.9})", R"({"usage_count":null})");
  CHECK(member(made.set.payload, "usage_count") == "0");
  CHECK(member(made.set.payload, "success_rate") == "0.9");
  CHECK(made.removed.empty());
}

TEST_CASE("a metric that happens to be as it is stored is left alone") {
  CHECK(member(updates(R"({"usage_count":0,"code":"x"})", R"({"usage_count":0})").set.payload, "usage_count") == "absent");
}
