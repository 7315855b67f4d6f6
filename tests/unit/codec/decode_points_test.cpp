#include "codec/decode_points.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "codec/json_object.hpp"
#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::codec;
using qbatch::test::contains;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

std::vector<StoredPoint> points(std::string body, std::string_view vectorName = "") { return decodePoints(body, vectorName); }

/// The only point of an answer that has these members beside its id.
StoredPoint point(const std::string& members, std::string_view vectorName = "") {
  const auto all = points(R"({"result":[{"id":1,)" + members + "}]}", vectorName);
  REQUIRE(all.size() == 1);
  return all[0];
}

PointId id(const std::string& json) {
  const auto all = points("{\"result\":[{\"id\":" + json + "}]}");
  REQUIRE(all.size() == 1);
  return all[0].id;
}

float number(const std::string& json) { return point("\"vector\":[" + json + "]").vector.at(0); }

}  // namespace

// Case "upsert", step 25, of answers recorded from a Qdrant 1.18.3 server; `usage` and `time` as such a server writes them.
TEST_CASE("points of a retrieve") {
  const auto found = points(
      R"({"result":[{"id":0,"payload":{"description":"pattern 0","tags":[],"nested":{"depth":0,"items":[{"k":0},{"k":1}]},"active":true},)"
      R"("vector":[-0.72774696,-0.28399882,0.15974934,0.6034975]},{"id":"00000000-0000-4000-8000-000000000001","payload":{"success_rate":0.55},)"
      R"("vector":[0.34419355,0.82224005,-0.45255074,0.025495816]},{"id":101,"payload":{},"vector":[0.0,1.0,0.0,0.0]}],"status":"ok",)"
      R"("time":0.000229,"usage":{"hardware":{"cpu":0,"payload_io_read":17},"inference":null}})");
  REQUIRE(found.size() == 3);
  CHECK(found[0].id == PointId(0));
  CHECK(found[0].payload == R"({"description":"pattern 0","tags":[],"nested":{"depth":0,"items":[{"k":0},{"k":1}]},"active":true})");
  CHECK(found[0].vector == std::vector<float>{-0.72774696F, -0.28399882F, 0.15974934F, 0.6034975F});
  CHECK(found[1].id == PointId::parse("00000000-0000-4000-8000-000000000001"));
  CHECK(found[1].vector == std::vector<float>{0.34419355F, 0.82224005F, -0.45255074F, 0.025495816F});
  CHECK(found[2].payload == "{}");
  CHECK(points(R"({"result":[]})").empty());
}

// Case "query", step 18, with the payload of the first search whole.
TEST_CASE("lists of a query batch") {
  std::string body =
      R"({"result":[{"points":[{"id":"00000000-0000-4000-8000-000000000003","version":1,"score":0.61545146,"payload":{"description":"pattern 3"}},)"
      R"({"id":"00000000-0000-4000-8000-000000000006","version":1,"score":0.53385395,"payload":{"description":"pattern 6"}}]},)"
      R"({"points":[]},{"points":[{"id":4,"version":1,"score":-0.043428853}]}],"status":"ok","time":0.001})";
  const auto lists = decodeQueryBatch(body, "");
  REQUIRE(lists.size() == 3);
  REQUIRE(lists[0].size() == 2);
  CHECK(lists[0][0].score == 0.61545146F);
  CHECK(lists[0][1].payload == R"({"description":"pattern 6"})");
  CHECK(lists[1].empty());
  REQUIRE(lists[2].size() == 1);
  CHECK(lists[2][0].id == PointId(4));
  CHECK(lists[2][0].score == -0.043428853F);
  CHECK(lists[2][0].payload.empty());
}

// Case "delete, count, scroll", steps 4 and 6.
TEST_CASE("pages of a scroll") {
  std::string first = R"({"result":{"points":[{"id":"00000000-0000-4000-8000-000000000000","payload":{"description":"pattern 0"}}],)"
                      R"("next_page_offset":"00000000-0000-4000-8000-000000000003"},"status":"ok"})";
  const auto page = decodeScroll(first, "");
  REQUIRE(page.points.size() == 1);
  CHECK(page.next == PointId::parse("00000000-0000-4000-8000-000000000003"));
  std::string last = R"({"result":{"next_page_offset":null,"points":[]}})";
  CHECK_FALSE(decodeScroll(last, "").next);
  std::string numbered = R"({"result":{"next_page_offset":17,"points":[]}})";
  CHECK(decodeScroll(numbered, "").next == PointId(17));
  std::string without = R"({"result":{"points":[]}})";
  CHECK_FALSE(decodeScroll(without, "").next);
  std::string empty = R"({"result":{}})";
  CHECK_THROWS_WITH(decodeScroll(empty, ""), contains("`result.points` is missing"));
}

// Case "named vectors", step 8.
TEST_CASE("named vectors are taken by their name") {
  const std::string body =
      R"({"result":[{"id":1,"payload":{},"vector":{"code":[0.6,0.8],"dense":[1.0,2.0,3.0]}},{"id":2,"vector":{"dense":[0.0,1.0,0.0]}}]})";
  CHECK(points(body, "code")[0].vector == std::vector<float>{0.6F, 0.8F});
  CHECK(points(body, "code")[1].vector.empty());
  CHECK(points(body, "dense")[1].vector == std::vector<float>{0, 1, 0});
  CHECK(points(body, "")[0].vector.empty());
  CHECK(point(R"("vector":{"a\"\u00fc":[5]})", "a\"ü").vector == std::vector<float>{5});
  CHECK(point(R"("vector":{"":[5],"words":{"indices":[1],"values":[2.5]}})").vector == std::vector<float>{5});
  CHECK(point(R"("vector":[5])", "code").vector.empty());
}

TEST_CASE("vectors that are not dense are left out") {
  CHECK(point(R"("vector":[[1,2],[3,4]])").vector.empty());
  CHECK(point(R"("vector":{"words":{"indices":[1,7],"values":[0.5,2]}})", "words").vector.empty());
  CHECK(point(R"("vector":{"late":[[1,2],[3,4]]})", "late").vector.empty());
  CHECK(point(R"("vector":null)").vector.empty());
  CHECK(point(R"("vector":[])").vector.empty());
  CHECK(point(R"("vector":{})").vector.empty());
}

TEST_CASE("numbers of vectors become the nearest floats") {
  CHECK(number("null") == infinity);
  CHECK(number("1e39") == infinity);
  CHECK(number("-1e39") == -infinity);
  CHECK(number("3.4028235e+38") == std::numeric_limits<float>::max());
  CHECK(number("-3.40282350e38") == -std::numeric_limits<float>::max());
  CHECK(number("1e-45") == std::numeric_limits<float>::denorm_min());
  CHECK(number("1e-300") == 0);
  CHECK(std::signbit(number("-0.0")));
  CHECK(number("18446744073709551616") == 18446744073709551616.0F);
  // Halfway between 1 and its upper neighbour, and so little beside it that the nearest double is halfway itself.
  CHECK(number("1.000000059604644775390625") == 1);
  CHECK(number("1.0000000596046447753906250000001") == std::nextafter(1.0F, 2.0F));
  CHECK(number("1.0000000596046447753906249999999") == 1);
  CHECK(number("1.000000178813934326171874999999") == std::nextafter(1.0F, 2.0F));
}

TEST_CASE("ids are unsigned numbers or UUIDs") {
  CHECK(id("18446744073709551615") == PointId(18446744073709551615u));
  CHECK(id("0") == PointId(0));
  CHECK(id("\"123e4567-e89b-12d3-a456-426614174000\"") == PointId::parse("123e4567-e89b-12d3-a456-426614174000"));
  for (const char* bad : {"-1", "1.5", "18446744073709551616", "\"42\"", "\"abc\"", "\"\"", "null", "true", "[1]", "{}"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(id(bad), DecodeError);
  }
  CHECK_THROWS_WITH(id("\"42\""), contains("`id` is neither an unsigned whole number nor a UUID"));
  CHECK_THROWS_WITH(points(R"({"result":[{"payload":{}}]})"), contains("`id` is missing"));
}

TEST_CASE("payloads are kept as checked JSON text") {
  CHECK(point(R"("payload":{ "a" : [1, {"b":null}] } ,"version":3)").payload == R"({"a":[1,{"b":null}]})");
  CHECK(point(R"("payload":{"x":0.1000000000000000055,"y":18446744073709551615,"z":"\u00e9\n"})").payload ==
        R"({"x":0.1000000000000000055,"y":18446744073709551615,"z":"\u00e9\n"})");
  CHECK(point(R"("payload":null)").payload.empty());
  for (const char* bad :
       {R"({"a":tru})", R"({"a":01})", R"({"a":1,})", R"({"a"})", R"({"a":"\ud800"})", R"({"a":1 2})", "[]", "\"{}\"", "1"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(point("\"payload\":" + std::string(bad)), contains("payload"));
  }
  const std::string deep = "{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}";
  CHECK_THROWS_WITH(point("\"payload\":" + deep), contains("payload"));
}

TEST_CASE("members of another kind are refused") {
  for (const char* bad : {R"("vector":"x")", R"("vector":[true])", R"("vector":["1"])", R"("vector":[1,{"a":2}])", R"("vector":{"n":5})",
                          R"("vector":7)", R"("score":"1")"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(point(bad, std::string_view(bad).find("\"n\"") == std::string_view::npos ? "" : "n"), DecodeError);
  }
  CHECK_THROWS_WITH(points(R"({"result":{}})"), contains("`result` is not an array"));
  CHECK_THROWS_WITH(points(R"({"result":[7]})"), contains("`result` is not an object"));
  std::string batch = R"({"result":[{"pints":[]}]})";
  CHECK_THROWS_WITH(decodeQueryBatch(batch, ""), contains("`result[].points` is missing"));
}

TEST_CASE("a score of null is the lowest, and the other hits are kept") {
  std::string body = R"({"result":[{"points":[{"id":1,"score":0.5},{"id":2,"score":null}]}]})";
  const auto lists = decodeQueryBatch(body, "");
  REQUIRE(lists.size() == 1);
  REQUIRE(lists[0].size() == 2);
  CHECK(lists[0][0].score == 0.5f);
  CHECK(lists[0][1].score == std::numeric_limits<float>::lowest());
}
