#include "local/distance.hpp"

#include <array>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#define QBATCH_AVX2 [[gnu::target("avx2,fma")]]
#endif

namespace qbatch::local {
namespace {

float multiplied(float a, float b) noexcept { return a * b; }
float squared(float a, float b) noexcept { return (a - b) * (a - b); }
float absolute(float a, float b) noexcept { return std::fabs(a - b); }

/// Sums `term` over all pairs in several accumulators, which the compiler may keep in one vector register.
template <float (*term)(float, float) noexcept>
float plainSum(const float* a, const float* b, std::size_t size) {
  constexpr std::size_t lanes = 8;
  std::array<float, lanes> sums{};
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += term(a[i + lane], b[i + lane]);
  }
  float rest = 0;
  for (; i < size; ++i) rest += term(a[i], b[i]);
  for (const float sum : sums) rest += sum;
  return rest;
}

#if defined(__x86_64__)

QBATCH_AVX2 inline float laneSum(__m256 lanes) noexcept {
  const __m128 halves = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  const __m128 quarters = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
  return _mm_cvtss_f32(_mm_add_ss(quarters, _mm_shuffle_ps(quarters, quarters, 1)));
}

QBATCH_AVX2 float avx2Dot(const float* a, const float* b, std::size_t size) {
  __m256 sum0 = _mm256_setzero_ps(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    sum0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sum0);
    sum1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), sum1);
    sum2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), sum2);
    sum3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), sum3);
  }
  for (; i + 8 <= size; i += 8) sum0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sum0);
  float sum = laneSum(_mm256_add_ps(_mm256_add_ps(sum0, sum1), _mm256_add_ps(sum2, sum3)));
  for (; i < size; ++i) sum += multiplied(a[i], b[i]);
  return sum;
}

QBATCH_AVX2 float avx2Squares(const float* a, const float* b, std::size_t size) {
  __m256 sum0 = _mm256_setzero_ps(), sum1 = sum0;
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m256 first = _mm256_sub_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
    const __m256 second = _mm256_sub_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8));
    sum0 = _mm256_fmadd_ps(first, first, sum0);
    sum1 = _mm256_fmadd_ps(second, second, sum1);
  }
  float sum = laneSum(_mm256_add_ps(sum0, sum1));
  for (; i < size; ++i) sum += squared(a[i], b[i]);
  return sum;
}

QBATCH_AVX2 float avx2Absolutes(const float* a, const float* b, std::size_t size) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  __m256 sum0 = _mm256_setzero_ps(), sum1 = sum0;
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    sum0 = _mm256_add_ps(sum0, _mm256_andnot_ps(sign, _mm256_sub_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i))));
    sum1 = _mm256_add_ps(sum1, _mm256_andnot_ps(sign, _mm256_sub_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8))));
  }
  float sum = laneSum(_mm256_add_ps(sum0, sum1));
  for (; i < size; ++i) sum += absolute(a[i], b[i]);
  return sum;
}

bool machineHasAvx2() noexcept {
  static const bool has = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  return has;
}

#endif

}  // namespace

Kernel plainKernelFor(Distance distance) noexcept {
  switch (distance) {
    case Distance::euclid:
      return plainSum<squared>;
    case Distance::manhattan:
      return plainSum<absolute>;
    case Distance::cosine:
    case Distance::dot:
      break;
  }
  return plainSum<multiplied>;
}

Kernel kernelFor(Distance distance) noexcept {
#if defined(__x86_64__)
  if (machineHasAvx2()) {
    switch (distance) {
      case Distance::euclid:
        return avx2Squares;
      case Distance::manhattan:
        return avx2Absolutes;
      case Distance::cosine:
      case Distance::dot:
        break;
    }
    return avx2Dot;
  }
#endif
  return plainKernelFor(distance);
}

float scoreOf(Distance distance, float result) noexcept { return distance == Distance::euclid ? std::sqrt(result) : result; }

bool largerIsBetter(Distance distance) noexcept { return distance == Distance::cosine || distance == Distance::dot; }

std::vector<float> prepared(Distance distance, std::span<const float> vector) {
  std::vector<float> result(vector.begin(), vector.end());
  if (distance != Distance::cosine) return result;
  double squares = 0;
  for (const float value : vector) squares += static_cast<double>(value) * static_cast<double>(value);
  // What was normalised before stays bit for bit, so that reading a point and storing it again changes nothing.
  if (squares == 0 || std::fabs(squares - 1) <= 1e-6) return result;
  const double factor = 1 / std::sqrt(squares);
  for (float& value : result) value = static_cast<float>(static_cast<double>(value) * factor);
  return result;
}

}  // namespace qbatch::local
