#include "codec/special_bytes.hpp"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define QBATCH_AVX2 [[gnu::target("avx2,bmi,popcnt")]]
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace qbatch::codec {

void findSpecialsPlainly(std::string_view piece, SpecialPlaces& found) noexcept {
  found.count = 0;
  for (std::size_t at = 0; at < piece.size(); ++at) {
    if (isSpecialByte(static_cast<unsigned char>(piece[at]))) found.at[found.count++] = static_cast<std::uint16_t>(at);
  }
}

#if defined(__x86_64__) || defined(__aarch64__)
namespace {

constexpr std::size_t blockSize = 64;

/// Writes the places of the bits of `mask`, four at a time: how many there are cannot be foretold, that there are few can.
[[gnu::always_inline]] inline void append(std::uint64_t mask, std::size_t begin, SpecialPlaces& found) noexcept {
  const auto bits = static_cast<std::size_t>(std::popcount(mask));
  std::uint16_t* out = found.at.data() + found.count;
  for (std::size_t written = 0; written < bits; written += 4) {
    for (int i = 0; i < 4; ++i) {
      *out++ = static_cast<std::uint16_t>(begin + static_cast<std::size_t>(std::countr_zero(mask)));
      mask &= mask - 1;
    }
  }
  found.count += bits;
}

/// `maskOf` tells the special ones of 64 bytes. The last ones that do not fill a block are looked at together with those before them.
template <std::uint64_t (*maskOf)(const char*) noexcept>
[[gnu::always_inline]] inline void findByBlocks(std::string_view piece, SpecialPlaces& found) noexcept {
  found.count = 0;
  std::size_t at = 0;
  for (; at + blockSize <= piece.size(); at += blockSize) append(maskOf(piece.data() + at), at, found);
  const std::size_t rest = piece.size() - at;
  if (rest == 0) return;
  if (at > 0) return append(maskOf(piece.data() + piece.size() - blockSize) >> (blockSize - rest), at, found);
  if (rest < 16) return findSpecialsPlainly(piece, found);
  std::array<char, blockSize> block;
  block.fill(' ');
  std::memcpy(block.data(), piece.data(), rest);
  append(maskOf(block.data()), 0, found);
}

#if defined(__x86_64__)

/// A set bit for each special one of 32 bytes: unsigned, those up to 0x1F are what the lesser of them and 0x1F is equal to.
QBATCH_AVX2 inline std::uint32_t avx2Half(const char* bytes) noexcept {
  __m256i block;
  std::memcpy(&block, bytes, sizeof block);
  const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8(0x1F)), block);
  const __m256i quote = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"'));
  const __m256i backslash = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\'));
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(control, _mm256_or_si256(quote, backslash))));
}

QBATCH_AVX2 inline std::uint64_t avx2Mask(const char* bytes) noexcept {
  return avx2Half(bytes) | static_cast<std::uint64_t>(avx2Half(bytes + 32)) << 32;
}

QBATCH_AVX2 void findByAvx2(std::string_view piece, SpecialPlaces& found) noexcept { findByBlocks<avx2Mask>(piece, found); }

SpecialFinder fastest() noexcept {
  const bool supported = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("popcnt") != 0;
  return supported ? findByAvx2 : findSpecialsPlainly;
}

#else

/// 0xFF for each special one of 16 bytes.
inline uint8x16_t neonSpecials(const char* bytes) noexcept {
  uint8x16_t block;
  std::memcpy(&block, bytes, sizeof block);
  const uint8x16_t quote = vceqq_u8(block, vdupq_n_u8('"')), backslash = vceqq_u8(block, vdupq_n_u8('\\'));
  return vorrq_u8(vcltq_u8(block, vdupq_n_u8(0x20)), vorrq_u8(quote, backslash));
}

/// NEON has no mask of a vector's signs: each byte keeps one bit of its own, and neighbours are added until eight of them are one byte.
inline std::uint64_t neonMask(const char* bytes) noexcept {
  constexpr std::array<std::uint8_t, 16> each = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t weight = vld1q_u8(each.data());
  const uint8x16_t first = vandq_u8(neonSpecials(bytes), weight), second = vandq_u8(neonSpecials(bytes + 16), weight);
  const uint8x16_t third = vandq_u8(neonSpecials(bytes + 32), weight), fourth = vandq_u8(neonSpecials(bytes + 48), weight);
  const uint8x16_t pairs = vpaddq_u8(vpaddq_u8(first, second), vpaddq_u8(third, fourth));
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)), 0);
}

void findByNeon(std::string_view piece, SpecialPlaces& found) noexcept { findByBlocks<neonMask>(piece, found); }

SpecialFinder fastest() noexcept { return findByNeon; }

#endif

}  // namespace
#else
namespace {
SpecialFinder fastest() noexcept { return findSpecialsPlainly; }
}  // namespace
#endif

SpecialFinder specialFinder() noexcept {
  static const SpecialFinder chosen = fastest();
  return chosen;
}

}  // namespace qbatch::codec
