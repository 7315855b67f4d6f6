#include "local/point_vectors.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("a layout finds columns by name") {
  const VectorLayout layout{{{"", 2, Distance::dot}, {"code", 3, Distance::cosine}}, {"words"}};
  CHECK(layout.denseColumn("") == 0);
  CHECK(layout.denseColumn("code") == 1);
  CHECK_FALSE(layout.denseColumn("words"));
  CHECK(layout.sparseColumn("words") == 0);
  CHECK_FALSE(layout.sparseColumn("code"));
}

TEST_CASE("vectors know their size") {
  PointVectors vectors = PointVectors::ofOne(1, {1, 2, 3});
  REQUIRE(vectors.dense.size() == 2);
  CHECK(vectors.dense[0].empty());
  CHECK(vectors.bytes() == 12);
  vectors.sparse = {std::nullopt, SparseVector{{7, 9}, {1, 2}}};
  CHECK(vectors.bytes() == 28);
}
