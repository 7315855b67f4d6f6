#include "local/collection.hpp"

#include <map>
#include <random>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
VectorLayout layoutOf(std::size_t dimension) { return {{{"", dimension, Distance::dot}}, {}}; }
}  // namespace

TEST_CASE("a point that is stored again keeps its row") {
  Collection points(layoutOf(2));
  points.put(7, 70, 0, PointVectors::ofOne(0, std::vector<float>{1, 2}), "{}");
  const auto row = points.find(7);
  REQUIRE(row);
  points.put(7, 70, 0, PointVectors::ofOne(0, std::vector<float>{3, 4}), R"({"a":1})");
  CHECK(points.find(7) == row);
  CHECK(points.size() == 1);
  CHECK(points.dense(*row, 0)[1] == 4);
  CHECK(points.payload(*row) == R"({"a":1})");
  CHECK(points.number(*row) == 70);
}

TEST_CASE("rows of deleted points are used again") {
  Collection points(layoutOf(1));
  for (std::uint64_t id = 0; id < 100; ++id) points.put(id, 0, 0, PointVectors::ofOne(0, std::vector<float>{1}), "{}");
  for (std::uint64_t id = 0; id < 100; ++id) points.erase(id);
  CHECK(points.size() == 0);
  for (std::uint64_t id = 100; id < 200; ++id) points.put(id, 0, 0, PointVectors::ofOne(0, std::vector<float>{1}), "{}");
  CHECK(points.rows() == 100);
}

TEST_CASE("growing moves no vector") {
  Collection points(layoutOf(1024));
  points.put(0, 0, 0, PointVectors::ofOne(0, std::vector<float>(1024, 1)), "{}");
  const float* before = points.dense(0, 0).data();
  for (std::uint64_t id = 1; id < 3000; ++id) points.put(id, 0, 0, PointVectors::ofOne(0, std::vector<float>(1024, 2)), "{}");
  CHECK(points.rows() > 2 * points.rowsPerSegment());
  CHECK(points.dense(0, 0).data() == before);
  CHECK(points.dense(2999, 0)[1023] == 2);
}

TEST_CASE("ids ascend, numbers before UUIDs") {
  Collection points(layoutOf(1));
  const PointId uuid = PointId::parse("00000000-0000-4000-8000-000000000001");
  for (const PointId& id : {uuid, PointId(900), PointId(5)}) points.put(id, 0, 0, PointVectors::ofOne(0, std::vector<float>{1}), "{}");
  std::vector<PointId> ids;
  for (const auto& [id, row] : points.rowById()) ids.push_back(id);
  CHECK(ids == std::vector<PointId>{5, 900, uuid});
}

TEST_CASE("a collection does what a map does") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Collection points(layoutOf(3));
  std::map<PointId, std::pair<std::vector<float>, std::string>> model;
  for (int step = 0; step < 20000; ++step) {
    const PointId id(random() % 500);
    if (random() % 3 == 0) {
      points.erase(id);
      model.erase(id);
    } else {
      const std::vector<float> vector{static_cast<float>(random() % 100), 1, 2};
      const std::string payload = std::to_string(random());
      points.put(id, 1, 0, PointVectors::ofOne(0, vector), payload);
      model[id] = {vector, payload};
    }
  }
  REQUIRE(points.size() == model.size());
  std::size_t live = 0;
  for (std::size_t row = 0; row < points.rows(); ++row) live += points.live(row) ? 1 : 0;
  CHECK(live == model.size());
  for (const auto& [id, wanted] : model) {
    const auto row = points.find(id);
    REQUIRE(row);
    CHECK(points.id(*row) == id);
    CHECK(points.payload(*row) == wanted.second);
    CHECK(std::equal(wanted.first.begin(), wanted.first.end(), points.dense(*row, 0).begin()));
  }
}
