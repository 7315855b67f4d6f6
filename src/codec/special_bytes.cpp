#include "codec/special_bytes.hpp"

#include <bit>
#include <cstring>

#include "codec/processor.hpp"

#if QBATCH_MAY_HAVE_AVX2
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

void findStopsPlainly(std::string_view piece, bool& escaped, SpecialPlaces& found) noexcept {
  found.count = 0;
  for (std::size_t at = 0; at < piece.size(); ++at) {
    const char c = piece[at];
    const bool stop = escaped ? !isNamedEscape(c) : c != '\\' && isSpecialByte(static_cast<unsigned char>(c));
    escaped = !escaped && c == '\\';
    if (stop) found.at[found.count++] = static_cast<std::uint16_t>(at);
  }
}

#if QBATCH_MAY_HAVE_AVX2 || defined(__aarch64__)
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

/// A set bit for each of 64 bytes that is of the kind.
struct Masks {
  std::uint64_t other{}, backslash{}, named{};  // other: quotes and control bytes; named: letters of named escapes, quotes among them

  /// Of the last `count` of them only.
  [[nodiscard]] Masks last(std::size_t count) const noexcept {
    const std::size_t gone = blockSize - count;
    return {other >> gone, backslash >> gone, named >> gone};
  }
};

struct Specials {
  std::uint64_t operator()(const Masks& masks, std::size_t) const noexcept { return masks.other | masks.backslash; }
};

/// What follows a run of backslashes is escaped where the run's length is odd. Adding a run's first bit to the run carries to the bit
/// behind it; whether that one is even tells, with the first one's, the length's parity (Langdale and Lemire, "Parsing gigabytes of
/// JSON per second").
struct Stops {
  std::uint64_t escaped = 0;  // 1 where the first byte of what comes is

  std::uint64_t operator()(const Masks& masks, std::size_t size) noexcept {
    constexpr std::uint64_t even = 0x5555'5555'5555'5555;
    const std::uint64_t run = masks.backslash & ~escaped, starts = run & ~(run << 1);
    const std::uint64_t behindEven = run + (starts & even), behindOdd = run + (starts & ~even);
    const std::uint64_t follows = ((behindEven & ~even) | (behindOdd & even)) & ~run;
    const std::uint64_t after = escaped | follows;
    escaped = size == blockSize ? static_cast<std::uint64_t>(behindOdd < run) : follows >> size & 1;
    const std::uint64_t within = size == blockSize ? ~std::uint64_t{0} : (std::uint64_t{1} << size) - 1;
    return ((masks.other & ~(after & masks.named)) | (after & ~masks.named)) & within;
  }
};

/// `masksOf` looks at 64 bytes, `choose` says which of them to find. The last ones that do not fill a block are looked at together with
/// those before them.
template <Masks (*masksOf)(const char*) noexcept, class Choose>
[[gnu::always_inline]] inline void findByBlocks(std::string_view piece, Choose& choose, SpecialPlaces& found) noexcept {
  found.count = 0;
  std::size_t at = 0;
  for (; at + blockSize <= piece.size(); at += blockSize) append(choose(masksOf(piece.data() + at), blockSize), at, found);
  const std::size_t rest = piece.size() - at;
  if (rest == 0) return;
  if (at > 0) return append(choose(masksOf(piece.data() + piece.size() - blockSize).last(rest), rest), at, found);
  std::array<char, blockSize> block;
  block.fill(' ');
  std::memcpy(block.data(), piece.data(), rest);
  append(choose(masksOf(block.data()), rest), 0, found);
}

constexpr std::size_t fewBytes = 16;  // from which on it is worth while

#if QBATCH_MAY_HAVE_AVX2

QBATCH_AVX2 inline std::uint32_t avx2Mask(__m256i found) noexcept { return static_cast<std::uint32_t>(_mm256_movemask_epi8(found)); }

/// Unsigned, bytes up to 0x1F are what the lesser of them and 0x1F is equal to. Named escapes: all with one low half have one upper half
/// but for '"' and 'b', so a table that is looked up by the low half tells which byte may stand there.
struct Avx2Half {
  std::uint32_t other, backslash, named;
};
QBATCH_AVX2 inline Avx2Half avx2Half(const char* bytes) noexcept {
  __m256i block;
  std::memcpy(&block, bytes, sizeof block);
  const __m256i quote = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('"')), backslash = _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\'));
  const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(block, _mm256_set1_epi8(0x1F)), block);
  const __m256i table = _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 0, 'b', 0, 't', 0, 'f', 0, 0, 0, 0, 0, '\\', 0, 'n', '/'));
  const __m256i letter = _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, block), block), quote);
  const __m256i named = _mm256_or_si256(letter, _mm256_cmpeq_epi8(block, _mm256_set1_epi8('r')));
  return {avx2Mask(_mm256_or_si256(quote, control)), avx2Mask(backslash), avx2Mask(named)};
}

QBATCH_AVX2 inline Masks avx2Masks(const char* bytes) noexcept {
  const Avx2Half low = avx2Half(bytes), high = avx2Half(bytes + 32);
  const auto both = [](std::uint32_t first, std::uint32_t second) { return first | static_cast<std::uint64_t>(second) << 32; };
  return {both(low.other, high.other), both(low.backslash, high.backslash), both(low.named, high.named)};
}

QBATCH_AVX2 void findSpecialsFast(std::string_view piece, SpecialPlaces& found) noexcept {
  if (piece.size() < fewBytes) return findSpecialsPlainly(piece, found);
  Specials specials;
  findByBlocks<avx2Masks>(piece, specials, found);
}
QBATCH_AVX2 void findStopsFast(std::string_view piece, bool& escaped, SpecialPlaces& found) noexcept {
  if (piece.size() < fewBytes) return findStopsPlainly(piece, escaped, found);
  Stops stops{escaped ? 1u : 0u};
  findByBlocks<avx2Masks>(piece, stops, found);
  escaped = stops.escaped != 0;
}

bool isFast() noexcept { return hasAvx2(); }

#else

/// NEON has no mask of a vector's signs: each byte keeps one bit of its own, and neighbours are added until eight of them are one byte.
template <class Test>
[[gnu::always_inline]] inline std::uint64_t neonMask(const uint8x16x4_t& block, Test test) noexcept {
  constexpr std::array<std::uint8_t, 16> each = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t weight = vld1q_u8(each.data());
  const auto bits = [&](int i) { return vandq_u8(test(block.val[i]), weight); };
  const uint8x16_t pairs = vpaddq_u8(vpaddq_u8(bits(0), bits(1)), vpaddq_u8(bits(2), bits(3)));
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)), 0);
}

[[gnu::always_inline]] inline uint8x16_t neonEqual(uint8x16_t bytes, char c) noexcept {
  return vceqq_u8(bytes, vdupq_n_u8(static_cast<std::uint8_t>(c)));
}

inline Masks neonMasks(const char* bytes) noexcept {
  uint8x16x4_t block;
  std::memcpy(&block, bytes, sizeof block);
  const auto named = [](uint8x16_t some) {
    uint8x16_t found = neonEqual(some, '"');
    for (const char c : {'\\', '/', 'b', 'f', 'n', 'r', 't'}) found = vorrq_u8(found, neonEqual(some, c));
    return found;
  };
  const auto other = [](uint8x16_t some) { return vorrq_u8(neonEqual(some, '"'), vcltq_u8(some, vdupq_n_u8(0x20))); };
  return {neonMask(block, other), neonMask(block, [](uint8x16_t some) { return neonEqual(some, '\\'); }), neonMask(block, named)};
}

void findSpecialsFast(std::string_view piece, SpecialPlaces& found) noexcept {
  if (piece.size() < fewBytes) return findSpecialsPlainly(piece, found);
  Specials specials;
  findByBlocks<neonMasks>(piece, specials, found);
}
void findStopsFast(std::string_view piece, bool& escaped, SpecialPlaces& found) noexcept {
  if (piece.size() < fewBytes) return findStopsPlainly(piece, escaped, found);
  Stops stops{escaped ? 1u : 0u};
  findByBlocks<neonMasks>(piece, stops, found);
  escaped = stops.escaped != 0;
}

bool isFast() noexcept { return true; }

#endif

}  // namespace

SpecialFinder specialFinder() noexcept { return isFast() ? findSpecialsFast : findSpecialsPlainly; }
StopFinder stopFinder() noexcept { return isFast() ? findStopsFast : findStopsPlainly; }
#else
SpecialFinder specialFinder() noexcept { return findSpecialsPlainly; }
StopFinder stopFinder() noexcept { return findStopsPlainly; }
#endif

bool StopCursor::fill(std::size_t from) noexcept {
  if (from >= text_.size()) return false;
  const auto piece = text_.substr(from, SpecialPlaces::longestPiece);
  if (from != end_) escaped_ = false;
  stopFinder()(piece, escaped_, found_);
  found_.at[found_.count] = noPlace;
  begin_ = from;
  end_ = from + piece.size();
  index_ = 0;
  return true;
}

}  // namespace qbatch::codec
