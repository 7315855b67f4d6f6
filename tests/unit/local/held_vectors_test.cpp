#include "local/held_vectors.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("a filter is told which vectors a point has") {
  const VectorLayout layout{{{"", 1, Distance::dot}, {"b", 1, Distance::dot}}, {"s", "t"}};
  PointVectors vectors = PointVectors::ofOne(0, {1});
  vectors.sparse = {std::nullopt, SparseVector{{5}, {0.5F}}};
  const VectorsView view(layout, vectors);
  const HeldVectorsOf held(view);
  PayloadReader reader;
  const PointId id(1);
  const auto passes = [&](const std::string& name) {
    return FilterTree::parse(R"({"must":{"has_vector":")" + name + "\"}}").passes({id, "{}", &held}, reader);
  };
  CHECK(passes(""));
  CHECK_FALSE(passes("b"));
  CHECK_FALSE(passes("s"));
  CHECK(passes("t"));
  CHECK_FALSE(passes("other"));
}
