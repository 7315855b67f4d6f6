#include "serve/point_update.hpp"

#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using Kind = PointUpdate::Kind;
using qbatch::test::contains;
using qbatch::test::refused;

namespace {

PointUpdate update(Kind kind, const std::string& json) {
  const Body body(json);
  return readUpdate(kind, body.root(), {});
}
std::string refusal(Kind kind, const std::string& json) {
  return refused([&] { static_cast<void>(update(kind, json)); });
}
std::vector<PointUpdate> updates(const std::string& json) {
  const Body body(json);
  return readUpdates(body.root(), {});
}
using Ids = std::vector<PointId>;
using Dense = std::vector<float>;

}  // namespace

TEST_CASE("points to store come as rows") {
  const auto read = update(Kind::upsert, R"({"points":[{"id":1,"vector":[1,2],"payload":{"a":1}},{"id":2,"vector":{},"payload":null}]})");
  REQUIRE(read.points.size() == 2);
  CHECK(read.points[0].id == PointId(1));
  CHECK(read.points[0].vectors == GivenVectors{{"", Dense{1, 2}}});
  CHECK(read.points[0].payload == R"({"a":1})");
  CHECK(read.points[1].vectors.empty());
  CHECK(read.points[1].payload == "{}");
  CHECK(read.mode == PointUpdate::Mode::upsert);
  CHECK_FALSE(read.updateFilter);
  CHECK_FALSE(read.ids);
  CHECK_THAT(refusal(Kind::upsert, R"({"points":[{"id":1}]})"), contains("missing field `vector`"));
  CHECK_THAT(refusal(Kind::upsert, R"({"points":[{"vector":[1]}]})"), contains("missing field `id`"));
  CHECK_THAT(refusal(Kind::upsert, R"({"points":{"id":1,"vector":[1]}})"), contains("expected a sequence"));
  CHECK(refusal(Kind::upsert, R"({"points":[{"id":1,"vector":[1]},{"id":2,"vector":[]}]})") ==
        "422 Validation error in JSON body: [points[1].vector.vector: dense vector must not be empty]");
}

TEST_CASE("points to store come as columns") {
  const auto unnamed = update(Kind::upsert, R"({"batch":{"ids":[1,2],"vectors":[[1],[2]],"payloads":[null,{"a":1}]}})");
  REQUIRE(unnamed.points.size() == 2);
  CHECK(unnamed.points[1].vectors == GivenVectors{{"", Dense{2}}});
  CHECK(unnamed.points[0].payload == "{}");
  CHECK(unnamed.points[1].payload == R"({"a":1})");
  const auto named = update(
      Kind::upsert, R"({"batch":{"ids":[1,2],"vectors":{"d":[[1],[2]],"s":[{"indices":[1],"values":[5]},{"indices":[],"values":[]}]}}})");
  REQUIRE(named.points.size() == 2);
  CHECK(named.points[0].vectors == GivenVectors{{"d", Dense{1}}, {"s", local::SparseVector{{1}, {5}}}});
  CHECK(named.points[1].vectors == GivenVectors{{"d", Dense{2}}, {"s", local::SparseVector{}}});
}

TEST_CASE("columns of different lengths are refused") {
  const auto of = [](const std::string& batch) { return refusal(Kind::upsert, R"({"batch":)" + batch + "}"); };
  CHECK(of(R"({"ids":[1,2],"vectors":[[1]]})") ==
        "422 Validation error in JSON body: [batch.vectors: number of ids and vectors must be equal (2 != 1)]");
  CHECK_THAT(of(R"({"ids":[1],"vectors":[[1],[2]]})"), contains("(1 != 2)"));
  CHECK_THAT(of(R"({"ids":[1,2],"vectors":{"a":[[1],[2]],"b":[[1]]}})"), contains("422"));
  CHECK_THAT(of(R"({"ids":[1],"vectors":[[1]],"payloads":[]})"), contains("number of ids and payloads must be equal (1 != 0)"));
  CHECK_THAT(of(R"({"vectors":[[1]]})"), contains("Invalid PointInsertOperations format"));
  CHECK_THAT(of(R"({"ids":[1]})"), contains("Invalid PointInsertOperations format"));
  CHECK_THAT(of("[]"), contains("expected a map"));
  CHECK(refusal(Kind::upsert, "{}") == "400 Format error in JSON body: Invalid PointInsertOperations format");
}

TEST_CASE("the mode of an upsert and the filter of what it may replace") {
  const auto with = [](const std::string& more) { return R"({"points":[{"id":1,"vector":[1]}],)" + more + "}"; };
  CHECK(update(Kind::upsert, with(R"("update_mode":"insert_only")")).mode == PointUpdate::Mode::insertOnly);
  CHECK(update(Kind::upsert, with(R"("update_mode":"update_only")")).mode == PointUpdate::Mode::updateOnly);
  CHECK(update(Kind::upsert, with(R"("update_mode":"upsert")")).mode == PointUpdate::Mode::upsert);
  CHECK_THAT(refusal(Kind::upsert, with(R"("update_mode":"x")")), contains("unknown variant `x`"));
  for (const Kind kind : {Kind::upsert, Kind::updateVectors}) {
    CHECK(update(kind, with(R"("update_filter":{"must":{"has_id":[1]}})")).updateFilter);
    CHECK(refusal(kind, with(R"("update_filter":{"must":[{"key":"a"}]})")) ==
          "422 Validation error in JSON body: [internal.update_filter.must[0].__all__: Validation error: At least one field condition must "
          "be specified [{}]]");
  }
}

TEST_CASE("points are chosen by ids or by a filter") {
  for (const Kind kind : {Kind::deletePoints, Kind::clearPayload}) {
    CHECK(update(kind, R"({"points":[1,2]})").ids == Ids{1, 2});
    CHECK(update(kind, R"({"points":[]})").ids == Ids{});
    const auto byFilter = update(kind, R"({"filter":{}})");
    CHECK_FALSE(byFilter.ids);
    CHECK(byFilter.filter);
    CHECK_THAT(refusal(kind, "{}"), contains("data did not match any variant of untagged enum PointsSelector"));
  }
  CHECK_THAT(refusal(Kind::setPayload, R"({"payload":{}})"), contains("Either list of point ids or filter must be provided"));
  CHECK(refusal(Kind::deletePoints, R"({"filter":{"must":[{"key":"a"}]}})").starts_with("422"));
}

TEST_CASE("changes of payloads") {
  const auto set = update(Kind::setPayload, R"({"payload":{"a":1},"points":[1],"key":"b.c"})");
  CHECK(set.payload.text() == R"({"a":1})");
  REQUIRE(set.key);
  CHECK(set.key->text() == "b.c");
  const auto removed = update(Kind::deletePayload, R"({"keys":["a","b[].c"],"filter":{}})");
  REQUIRE(removed.keys.size() == 2);
  CHECK(removed.keys[1].text() == "b[].c");
  CHECK_THAT(refusal(Kind::setPayload, R"({"points":[1]})"), contains("missing field `payload`"));
  CHECK_THAT(refusal(Kind::overwritePayload, R"({"payload":[1],"points":[1]})"), contains("expected a map"));
  CHECK_THAT(refusal(Kind::setPayload, R"({"payload":{},"points":[1],"key":"a..b"})"), contains("Invalid json path"));
  CHECK_THAT(refusal(Kind::deletePayload, R"({"points":[1]})"), contains("missing field `keys`"));
  CHECK_THAT(refusal(Kind::deletePayload, R"({"keys":"a","points":[1]})"), contains("expected a sequence"));
}

TEST_CASE("changes of vectors") {
  const auto changed = update(Kind::updateVectors, R"({"points":[{"id":1,"vector":{"a":[1]},"payload":{"ignored":1}}]})");
  REQUIRE(changed.points.size() == 1);
  CHECK(changed.points[0].payload == "{}");
  CHECK(update(Kind::deleteVectors, R"({"vector":["","a"],"points":[1]})").vectorNames == std::vector<std::string>{"", "a"});
  CHECK(refusal(Kind::deleteVectors, R"({"vector":[],"points":[1]})") ==
        "422 Validation error in JSON body: [vector: must specify vector names to delete]");
  CHECK_THAT(refusal(Kind::deleteVectors, R"({"vector":[1],"points":[1]})"), contains("expected a string"));
  CHECK_THAT(refusal(Kind::updateVectors, "{}"), contains("missing field `points`"));
}

TEST_CASE("a batch holds operations of every kind, in order") {
  const auto read = updates(R"({"operations":[
    {"upsert":{"points":[{"id":1,"vector":[1]}]}},
    {"delete":{"points":[1]}}, {"set_payload":{"payload":{},"points":[1]}}, {"overwrite_payload":{"payload":{},"points":[1]}},
    {"delete_payload":{"keys":["a"],"points":[1]}}, {"clear_payload":{"points":[1]}},
    {"update_vectors":{"points":[{"id":1,"vector":[1]}]}}, {"delete_vectors":{"vector":[""],"points":[1]}}]})");
  std::vector<Kind> kinds;
  for (const PointUpdate& one : read) kinds.push_back(one.kind);
  CHECK(kinds == std::vector<Kind>{Kind::upsert, Kind::deletePoints, Kind::setPayload, Kind::overwritePayload, Kind::deletePayload,
                                   Kind::clearPayload, Kind::updateVectors, Kind::deleteVectors});
  CHECK(updates(R"({"operations":[]})").empty());
  const auto refusalOf = [](const std::string& json) { return refused([&] { static_cast<void>(updates(json)); }); };
  CHECK_THAT(refusalOf(R"({"operations":[{"drop":{}}]})"), contains("untagged enum UpdateOperation"));
  CHECK_THAT(refusalOf(R"({"operations":[{}]})"), contains("untagged enum UpdateOperation"));
  CHECK_THAT(refusalOf("{}"), contains("missing field `operations`"));
  CHECK_THAT(refusalOf(R"({"operations":[{"delete":{"points":[1]}},{"delete":{"points":["x"]}}]})"), contains("value x is not"));
}
