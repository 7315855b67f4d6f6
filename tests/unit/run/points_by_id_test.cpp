#include "run/points_by_id.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using run::PointsById;

TEST_CASE("points are found by their ids, of either kind") {
  const auto uuid = PointId::parse("123e4567-e89b-12d3-a456-426614174000");
  std::vector<StoredPoint> points(3);
  points[0].id = 7;
  points[1].id = uuid;
  points[2].id = 8;
  const PointsById byId(points);
  CHECK(byId.find(7) == &points[0]);
  CHECK(byId.find(uuid) == &points[1]);
  CHECK(byId.find(8) == &points[2]);
  CHECK(byId.find(9) == nullptr);
  CHECK(byId.find(PointId::parse("123e4567-e89b-12d3-a456-426614174001")) == nullptr);
}

TEST_CASE("where a point stands twice the first counts, and among none there is none") {
  std::vector<StoredPoint> points(2);
  points[0].id = points[1].id = 7;
  CHECK(PointsById(points).find(7) == &points[0]);
  const std::vector<StoredPoint> none;
  CHECK(PointsById(none).find(7) == nullptr);
}
