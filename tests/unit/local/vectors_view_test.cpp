#include "local/vectors_view.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("a view shows the same of a point in hand and of one that is stored") {
  const VectorLayout layout{{{"a", 2, Distance::dot}, {"b", 1, Distance::dot}}, {"s", "t"}};
  PointVectors vectors = PointVectors::ofOne(0, {1, 2});
  vectors.sparse = {SparseVector{{5}, {0.5F}}};
  Collection points(layout);
  points.put(1, 1, 1, vectors, "{}");
  for (const VectorsView& view : {VectorsView(layout, vectors), VectorsView(points, 0)}) {
    CHECK(view.dense(0)[1] == 2);
    CHECK(view.dense(1).empty());
    REQUIRE(view.sparse(0) != nullptr);
    CHECK(view.sparse(0)->indices == std::vector<std::uint32_t>{5});
    CHECK(view.sparse(1) == nullptr);
    CHECK(view.holds("a"));
    CHECK_FALSE(view.holds("b"));
    CHECK(view.holds("s"));
    CHECK_FALSE(view.holds("t"));
    CHECK_FALSE(view.holds("none"));
    const PointVectors copy = view.copy();
    CHECK(copy.dense == std::vector<std::vector<float>>{{1, 2}, {}});
    CHECK(copy.sparse == std::vector<std::optional<SparseVector>>{SparseVector{{5}, {0.5F}}, std::nullopt});
  }
}
