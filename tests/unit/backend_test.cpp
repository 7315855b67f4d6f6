#include "qbatch/backend.hpp"

#include "support/catch.hpp"

using namespace qbatch;

TEST_CASE("distances have Qdrant's names and are read in any case") {
  CHECK(toString(Distance::cosine) == "Cosine");
  CHECK(toString(Distance::dot) == "Dot");
  CHECK(toString(Distance::euclid) == "Euclid");
  CHECK(toString(Distance::manhattan) == "Manhattan");
  for (const auto distance : {Distance::cosine, Distance::dot, Distance::euclid, Distance::manhattan}) {
    CHECK(parseDistance(toString(distance)) == distance);
  }
  CHECK(parseDistance("COSINE") == Distance::cosine);
  CHECK(parseDistance("euclid") == Distance::euclid);
  for (const char* word : {"", "cos", "Cosine ", "euclidean", "l2"}) CHECK(parseDistance(word) == std::nullopt);
}
