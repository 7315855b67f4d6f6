#include "local/distance.hpp"

#include <cmath>
#include <limits>
#include <random>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
constexpr Distance distances[] = {Distance::cosine, Distance::dot, Distance::euclid, Distance::manhattan};

double exact(Distance distance, const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    sum += largerIsBetter(distance) ? x * y : distance == Distance::euclid ? (x - y) * (x - y) : std::fabs(x - y);
  }
  return sum;
}
}  // namespace

TEST_CASE("the fast kernels agree with the plain ones and with exact sums, at every length") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<float> values(-1, 1);
  for (std::size_t size = 0; size < 140; ++size) {
    std::vector<float> a(size), b(size);
    for (float& value : a) value = values(random);
    for (float& value : b) value = values(random);
    for (const Distance distance : distances) {
      CAPTURE(size, toString(distance));
      const double wanted = exact(distance, a, b);
      CHECK(std::fabs(static_cast<double>(kernelFor(distance)(a.data(), b.data(), size)) - wanted) < 1e-4);
      CHECK(std::fabs(static_cast<double>(plainKernelFor(distance)(a.data(), b.data(), size)) - wanted) < 1e-4);
    }
  }
}

TEST_CASE("whole numbers are summed exactly by all kernels") {
  const std::vector<float> a{3, -1, 4, 1, -5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3},
      b{2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5, 2, 3};
  for (const Distance distance : distances) {
    CAPTURE(toString(distance));
    const auto wanted = static_cast<float>(exact(distance, a, b));
    CHECK(kernelFor(distance)(a.data(), b.data(), a.size()) == wanted);
    CHECK(plainKernelFor(distance)(a.data(), b.data(), a.size()) == wanted);
  }
}

TEST_CASE("only Cosine changes vectors, and only once") {
  const std::vector<float> vector{3, 4};
  CHECK(prepared(Distance::cosine, vector) == std::vector<float>{0.6F, 0.8F});
  CHECK(prepared(Distance::dot, vector) == vector);
  CHECK(prepared(Distance::euclid, vector) == vector);
  CHECK(prepared(Distance::manhattan, vector) == vector);
  CHECK(prepared(Distance::cosine, std::vector<float>{0, 0}) == std::vector<float>{0, 0});

  const auto once = prepared(Distance::cosine, std::vector<float>{0.1F, -0.7F, 12.5F, 3e-4F});
  CHECK(prepared(Distance::cosine, once) == once);
}

TEST_CASE("very large and very small vectors are normalised, too") {
  constexpr float largest = std::numeric_limits<float>::max(), smallest = std::numeric_limits<float>::denorm_min();
  CHECK(prepared(Distance::cosine, std::vector<float>{largest, 0}) == std::vector<float>{1, 0});
  CHECK(prepared(Distance::cosine, std::vector<float>{0, -smallest}) == std::vector<float>{0, -1});
}

TEST_CASE("scores: the root for Euclid, the result for the others") {
  CHECK(scoreOf(Distance::euclid, 25) == 5);
  CHECK(scoreOf(Distance::manhattan, 25) == 25);
  CHECK(scoreOf(Distance::dot, -25) == -25);
}
