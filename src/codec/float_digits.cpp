#include "codec/float_digits.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "codec/float_scale.hpp"
#include "codec/processor.hpp"

#if QBATCH_MAY_HAVE_AVX2
#include <immintrin.h>
#endif

namespace qbatch::codec {
namespace {

/// Floats that are scaled; those that are not done here have an endless room, in which any text lies.
struct Scaled {
  alignas(32) std::array<double, FloatBlock::capacity> s;
  alignas(32) std::array<double, FloatBlock::capacity> room;
};

void scale(Scaled& scaled, FloatBlock& block, std::span<const float> values) noexcept {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(values[i]) & magnitudeMask;
    const bool ordinary = isUsual(magnitude) && (magnitude & mantissaMask) != 0;
    const std::uint32_t safe = ordinary ? magnitude : leastUsual;  // no NaN may come into what is computed: its sign is anybody's guess
    const Scale& scale = scaleOf(safe);
    scaled.s[i] = valueOf(safe) * scale.power;
    scaled.room[i] = ordinary ? scale.room : std::numeric_limits<double>::infinity();
    block.exponent[i] = scale.exponent;
  }
  for (std::size_t i = values.size(); i < FloatBlock::capacity; ++i) scaled.s[i] = scaled.room[i] = 0;
}

/// `number` where it lies within the room, else `other`, for non-negative numbers; by bits, because compilers do not work on several
/// comparisons of doubles at once.
inline double chosen(double number, double other, double distance, double room) noexcept {
  const std::int64_t outside = std::bit_cast<std::int64_t>(room - std::fabs(distance)) >> 63;
  return std::bit_cast<double>((std::bit_cast<std::int64_t>(number) & ~outside) | (std::bit_cast<std::int64_t>(other) & outside));
}

#if QBATCH_MAY_HAVE_AVX2

// Written in vectors' own names: the code is the reasoning of findDigitsPortably, four floats at a time.
#define QBATCH_AVX2 [[gnu::target("avx2"), gnu::always_inline]] inline

QBATCH_AVX2 __m256d nearestFour(__m256d s, double step, double inverse) noexcept {
  const __m256d whole = _mm256_set1_pd(0x3p51);
  const __m256d steps = _mm256_sub_pd(_mm256_add_pd(_mm256_mul_pd(s, _mm256_set1_pd(inverse)), whole), whole);
  return _mm256_mul_pd(steps, _mm256_set1_pd(step));
}

QBATCH_AVX2 __m256d within(__m256d number, __m256d s, __m256d room) noexcept {
  const __m256d sign = _mm256_set1_pd(-0.0);
  return _mm256_cmp_pd(_mm256_andnot_pd(sign, _mm256_sub_pd(number, s)), room, _CMP_LE_OQ);
}

/// For non-negative integers below 2^52.
QBATCH_AVX2 __m256i integers(__m256d numbers) noexcept {
  const __m256d beyond = _mm256_set1_pd(0x1p52);
  return _mm256_xor_si256(_mm256_castpd_si256(_mm256_add_pd(numbers, beyond)), _mm256_castpd_si256(beyond));
}

/// eightDigits() of four numbers in lanes of 64 bits.
QBATCH_AVX2 __m256i eightDigitsOfFour(__m256i numbers) noexcept {
  const __m256i upper = _mm256_srli_epi64(_mm256_mul_epu32(numbers, _mm256_set1_epi64x(3'518'437'209)), 45);  // / 10^4
  const __m256i lower = _mm256_sub_epi64(numbers, _mm256_mul_epu32(upper, _mm256_set1_epi64x(10'000)));
  const __m256i fours = _mm256_or_si256(upper, _mm256_slli_epi64(lower, 32));
  const __m256i hundreds = _mm256_srli_epi32(_mm256_mullo_epi32(fours, _mm256_set1_epi32(10486)), 20);
  const __m256i rest = _mm256_sub_epi32(fours, _mm256_mullo_epi32(hundreds, _mm256_set1_epi32(100)));
  const __m256i twos = _mm256_or_si256(hundreds, _mm256_slli_epi32(rest, 16));
  const __m256i tens = _mm256_srli_epi16(_mm256_mullo_epi16(twos, _mm256_set1_epi16(103)), 10);
  const __m256i last = _mm256_sub_epi16(twos, _mm256_mullo_epi16(tens, _mm256_set1_epi16(10)));
  return _mm256_or_si256(_mm256_or_si256(tens, _mm256_slli_epi16(last, 8)), _mm256_set1_epi8('0'));
}

/// The lower halves of four lanes.
QBATCH_AVX2 __m128i halves(__m256i lanes) noexcept {
  return _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(lanes, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6)));
}

[[gnu::target("avx2")]] void findDigitsByAvx2(FloatBlock& block, std::span<const float> values) noexcept {
  Scaled scaled;
  scale(scaled, block, values);
  for (std::size_t i = 0; i < values.size(); i += 4) {
    const __m256d s = _mm256_load_pd(&scaled.s[i]), room = _mm256_load_pd(&scaled.room[i]);
    const __m256d eight = nearestFour(s, 10, 0.1), seven = nearestFour(s, 100, 0.01), six = nearestFour(s, 1000, 0.001);
    const __m256d inEight = within(eight, s, room), inSeven = within(seven, s, room), inSix = within(six, s, room);
    const __m256d inFive = within(nearestFour(s, 10'000, 0.0001), s, room);
    const __m256d many = _mm256_blendv_pd(nearestFour(s, 1, 1), eight, inEight), few = _mm256_blendv_pd(seven, six, inSix);
    const __m256i digits = integers(_mm256_blendv_pd(many, few, inSeven));
    const __m256i lead = _mm256_srli_epi64(_mm256_mul_epu32(digits, _mm256_set1_epi64x(1'441'151'881)), 57);  // / 10^8
    const __m256i rest = _mm256_sub_epi64(digits, _mm256_mul_epu32(lead, _mm256_set1_epi64x(100'000'000)));
    _mm256_store_si256(reinterpret_cast<__m256i*>(&block.last[i]), eightDigitsOfFour(rest));
    // A comparison that holds is -1.
    const __m256i eightOrFewer = _mm256_add_epi64(_mm256_set1_epi64x(9), _mm256_castpd_si256(inEight));
    const __m256i sevenOrFewer = _mm256_add_epi64(_mm256_castpd_si256(inSeven), _mm256_castpd_si256(inSix));
    const __m256i count = _mm256_andnot_si256(_mm256_castpd_si256(inFive), _mm256_add_epi64(eightOrFewer, sevenOrFewer));
    _mm_store_si128(reinterpret_cast<__m128i*>(&block.lead[i]), halves(lead));
    _mm_store_si128(reinterpret_cast<__m128i*>(&block.count[i]), halves(count));
  }
}

#undef QBATCH_AVX2

#endif

}  // namespace

// No branches on what is found: no processor could foretell the choice.
void findDigitsPortably(FloatBlock& block, std::span<const float> values) noexcept {
  Scaled scaled;
  scale(scaled, block, values);
  std::array<double, FloatBlock::capacity> found;  // 16 · digits + count, or 0
  for (std::size_t i = 0; i < FloatBlock::capacity; ++i) {
    const double s = scaled.s[i], room = scaled.room[i];
    const double eight = nearest(s, 10, 0.1), seven = nearest(s, 100, 0.01), six = nearest(s, 1000, 0.001), five = nearest(s, 1e4, 1e-4);
    const double many = chosen(eight * 16 + 8, nearest(s, 1, 1) * 16 + 9, eight - s, room);
    const double few = chosen(six * 16 + 6, chosen(seven * 16 + 7, many, seven - s, room), six - s, room);
    found[i] = chosen(0, few, five - s, room);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto both = static_cast<std::int64_t>(found[i]);
    const auto digits = static_cast<std::uint32_t>(both >> 4);
    block.count[i] = static_cast<std::uint32_t>(both & 15);
    block.lead[i] = digits / 100'000'000;
    block.last[i] = eightDigits(digits - block.lead[i] * 100'000'000);
  }
}

void findDigits(FloatBlock& block, std::span<const float> values) noexcept {
#if QBATCH_MAY_HAVE_AVX2
  if (hasAvx2()) return findDigitsByAvx2(block, values);
#endif
  findDigitsPortably(block, values);
}

}  // namespace qbatch::codec
