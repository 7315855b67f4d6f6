#include "local/reads.hpp"

#include <simdjson.h>

#include <cmath>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;

TEST_CASE("points are stored, retrieved in the order asked for, and deleted") {
  const auto backend = withCollection(2);
  const PointId uuid = PointId::parse("00000000-0000-4000-8000-000000000001");
  CHECK(store(*backend, "c", {{1, {3, 4}, R"({"a":1})"}, {uuid, {0, 0}, ""}, {2, {1, 0}, "{}"}}).verdict.kind == Kind::completed);
  const auto points = retrieve(*backend, "c", {uuid, 99, 1, uuid}, true);
  REQUIRE(points.size() == 2);
  CHECK(points[0].id == uuid);
  CHECK(points[0].payload == "{}");
  CHECK(points[0].vector == std::vector<float>{0, 0});
  CHECK(points[1].payload == R"({"a":1})");
  CHECK(points[1].vector == std::vector<float>{0.6F, 0.8F});
  CHECK(retrieve(*backend, "c", {1}).front().vector.empty());

  const std::vector<PointId> gone{1, 99};
  carryOut(*backend, DeletePoints{"c", gone});
  CHECK(payloadOf(*backend, "c", 1) == "absent");
  CHECK(countOf(*backend, "c") == 2);
}

TEST_CASE("scrolling goes through all points by id") {
  const auto backend = withCollection(1, Distance::dot);
  std::vector<OwnedPoints::Point> points;
  for (std::uint64_t id = 0; id < 25; ++id) points.push_back({(id * 7) % 25, {1}, "{\"n\":" + std::to_string((id * 7) % 25) + "}"});
  points.push_back({PointId::parse("00000000-0000-4000-8000-000000000000"), {1}, "{}"});
  store(*backend, "c", points);
  for (const std::size_t page : {1u, 7u, 26u, 100u}) {
    const auto all = everything(*backend, "c", page);
    REQUIRE(all.size() == 26);
    for (std::uint64_t id = 0; id < 25; ++id) CHECK(all[id].id == PointId(id));
    CHECK_FALSE(all.back().id.isNumber());
  }
  ScrollPoints request;
  request.collection = "c";
  request.filter = R"({"must":[{"key":"n","range":{"gte":10}}]})";
  request.limit = 10;
  const auto page = ask<ScrollPage>(*backend, request);
  REQUIRE(page.points.size() == 10);
  CHECK(page.points.front().id == PointId(10));
  CHECK(page.points.front().payload.empty());
  CHECK(page.next == PointId(20));
  CHECK(countOf(*backend, "c", request.filter) == 15);
  request.limit = 0;
  CHECK(isError(call(*backend, request), Kind::fatal, Errc::refused));
}

TEST_CASE("queries are answered as a real server answered them") {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  REQUIRE(parser.load(std::string(QBATCH_TEST_DATA) + "/query_answers.json").get(root) == simdjson::SUCCESS);
  const auto floats = [](simdjson::dom::element values) {
    std::vector<float> result;
    for (const auto value : values.get_array()) result.push_back(static_cast<float>(value.get_double()));
    return result;
  };
  std::size_t compared = 0;
  for (const auto collection : root["collections"].get_array()) {
    const auto distance = parseDistance(std::string_view(collection["distance"]));
    REQUIRE(distance);
    const auto backend = withCollection(4, *distance);
    std::vector<OwnedPoints::Point> points;
    for (const auto point : collection["points"].get_array()) {
      points.push_back({PointId::parse(std::string_view(point["id"])), floats(point["vector"]), simdjson::minify(point["payload"])});
    }
    store(*backend, "c", points);
    for (const auto step : collection["queries"].get_array()) {
      CAPTURE(toString(*distance), simdjson::minify(step));
      const auto vector = floats(step["vector"]);
      const std::vector<std::span<const float>> vectors{vector};
      QueryPoints query;
      query.collection = "c";
      query.vectors = vectors;
      query.limit = std::uint64_t(step["limit"]);
      query.offset = std::uint64_t(step["offset"]);
      query.filter = simdjson::minify(step["filter"]);
      if (double threshold = 0; step["score_threshold"].get(threshold) == simdjson::SUCCESS) query.minScore = static_cast<float>(threshold);
      const auto hits = ask<std::vector<std::vector<StoredPoint>>>(*backend, query).front();
      std::size_t place = 0;
      for (const auto wanted : step["hits"].get_array()) {
        REQUIRE(place < hits.size());
        CHECK(hits[place].id.toString() == std::string_view(wanted["id"]));
        CHECK(std::fabs(static_cast<double>(hits[place].score) - double(wanted["score"])) < 1e-5);
        ++place;
      }
      CHECK(hits.size() == place);
      ++compared;
    }
  }
  CHECK(compared == 40);
}

TEST_CASE("queries carry payloads, and refuse what cannot be") {
  const auto backend = withCollection(2, Distance::euclid);
  store(*backend, "c", {{1, {1, 1}, R"({"a":1})"}, {2, {2, 2}, R"({"a":2})"}, {3, {9, 9}, R"({"a":3})"}});
  const std::vector<float> near{1, 1}, wrong{1}, bad{1, std::nanf("")};
  std::vector<std::span<const float>> vectors{near, near};
  QueryPoints query;
  query.collection = "c";
  query.vectors = vectors;
  query.minScore = 2.0F;
  const auto answers = ask<std::vector<std::vector<StoredPoint>>>(*backend, query);
  REQUIRE(answers.size() == 2);
  REQUIRE(answers[1].size() == 2);  // the third is further away than 2
  CHECK(answers[1][1].payload == R"({"a":2})");

  vectors[1] = wrong;
  CHECK(isError(call(*backend, query), Kind::itemAtFault, Errc::refused));
  vectors[1] = bad;
  CHECK(isError(call(*backend, query), Kind::itemAtFault, Errc::refused));
  vectors[1] = near;
  query.filter = R"({"must":[{"key":"a"}]})";
  CHECK(isError(call(*backend, query), Kind::fatal, Errc::refused));
  query.filter = R"({"must":[{"key":"a","geo_radius":{"center":{"lon":1,"lat":1},"radius":5}}]})";
  CHECK(isError(call(*backend, query), Kind::fatal, Errc::unsupported));
  query.filter = "";
  query.limit = 0;
  CHECK(isError(call(*backend, query), Kind::fatal, Errc::refused));
}
