#include "embed/feature_vector.hpp"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"

using qbatch::embed::FeatureVector;

namespace {

/// A hash of a given component of a vector of four, positive or negative, told from its like by `salt`.
std::uint64_t hashAt(std::uint64_t component, bool negative, std::uint64_t salt = 0) {
  return component << 62U | salt << 1U | (negative ? 1U : 0U);
}

std::vector<float> written(FeatureVector& features, std::size_t dimension) {
  std::vector<float> row(dimension, std::numeric_limits<float>::quiet_NaN());
  REQUIRE(features.write(row));
  return row;
}

}  // namespace

TEST_CASE("the upper bits name the component, the lowest the sign", "[embed]") {
  FeatureVector features(4);
  features.add(hashAt(0, false, 7), 3);
  features.add(hashAt(3, true, 7), 4);
  CHECK(written(features, 4) == std::vector<float>{0.6F, 0.0F, 0.0F, -0.8F});
}

TEST_CASE("features of one component add up", "[embed]") {
  FeatureVector features(4);
  features.add(hashAt(1, false, 1), 1);
  features.add(hashAt(1, false, 2), 5);
  features.add(hashAt(1, true, 3), 3);
  features.add(hashAt(2, false, 4), 4);
  CHECK(written(features, 4) == std::vector<float>{0.0F, 0.6F, 0.8F, 0.0F});
}

TEST_CASE("a feature counts once, with its first weight", "[embed]") {
  FeatureVector features(4);
  features.add(hashAt(0, false, 1), 3);
  features.add(hashAt(1, false, 1), 4);
  features.add(hashAt(0, false, 1), 100);
  CHECK(written(features, 4) == std::vector<float>{0.6F, 0.8F, 0.0F, 0.0F});
}

TEST_CASE("without a feature nothing is written", "[embed]") {
  FeatureVector features(2);
  std::vector<float> row{7, 7};
  CHECK_FALSE(features.write(row));
  CHECK(row == std::vector<float>{7, 7});
}

TEST_CASE("where all features cancel, the first stands alone", "[embed]") {
  FeatureVector features(4);
  features.add(hashAt(2, true, 1), 9);
  features.add(hashAt(2, false, 2), 9);
  CHECK(written(features, 4) == std::vector<float>{0.0F, 0.0F, -1.0F, 0.0F});
}

TEST_CASE("the hash 0 is a feature like any other", "[embed]") {
  FeatureVector features(4);
  features.add(0, 5);
  features.add(0, 5);
  CHECK(written(features, 4) == std::vector<float>{1.0F, 0.0F, 0.0F, 0.0F});
}

TEST_CASE("clearing forgets everything, also after a table that has grown", "[embed]") {
  FeatureVector features(4);
  for (const std::uint64_t count : {3U, 3000U, 40000U}) {
    for (std::uint64_t i = 0; i < count; ++i) features.add(hashAt(0, false, i * 977), 1);
    features.clear();
    std::vector<float> row(4);
    CHECK_FALSE(features.write(row));
    features.add(hashAt(1, false), 2);
    CHECK(written(features, 4) == std::vector<float>{0.0F, 1.0F, 0.0F, 0.0F});
    features.clear();
  }
}

TEST_CASE("sums too large to be squared keep their direction", "[embed]") {
  FeatureVector features(4);
  for (std::uint64_t i = 0; i < 75000; ++i) features.add(hashAt(0, false, i * 977), 65536);
  for (std::uint64_t i = 0; i < 100000; ++i) features.add(hashAt(1, true, i * 977), 65536);
  const auto row = written(features, 4);
  CHECK(row[0] == Approx(0.6).margin(1e-6));
  CHECK(row[1] == Approx(-0.8).margin(1e-6));
}

TEST_CASE("random features give length 1, and agree with sums in doubles", "[embed]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (const std::size_t dimension : {1U, 16U, 100U, 1024U, 65536U}) {
    FeatureVector features(dimension);
    std::vector<double> sums(dimension);
    for (int i = 0; i < 3000; ++i) {
      const std::uint64_t hash = random();
      const auto weight = static_cast<std::uint32_t>(1 + random() % 65536);
      features.add(hash, weight);
      const auto component = static_cast<std::size_t>((hash >> 32U) * dimension >> 32U);
      sums[component] += (hash & 1U) != 0 ? -static_cast<double>(weight) : static_cast<double>(weight);
    }
    double squares = 0;
    for (const double sum : sums) squares += sum * sum;
    const auto row = written(features, dimension);
    double length = 0;
    for (std::size_t i = 0; i < dimension; ++i) {
      length += static_cast<double>(row[i]) * static_cast<double>(row[i]);
      REQUIRE(std::abs(static_cast<double>(row[i]) - sums[i] / std::sqrt(squares)) < 1e-6);
    }
    CHECK(length == Approx(1.0).margin(1e-5));
  }
}
