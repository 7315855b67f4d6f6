#include "embed/feature_hash.hpp"

namespace qbatch::embed {
namespace {

// FNV-1a's own numbers (Fowler, Noll, Vo).
constexpr std::uint64_t offsetBasis = 0xCBF29CE484222325U;
constexpr std::uint64_t prime = 0x100000001B3U;

[[nodiscard]] constexpr std::uint64_t step(std::uint64_t hash, std::uint64_t value) noexcept { return (hash ^ value) * prime; }

// FNV alone leaves the upper bits of short inputs nearly alike. These are the shifts and factors of SplitMix64 (Steele, Lea, Flood 2014).
[[nodiscard]] constexpr std::uint64_t finish(std::uint64_t hash) noexcept {
  hash = (hash ^ hash >> 30U) * 0xBF58476D1CE4E5B9U;
  hash = (hash ^ hash >> 27U) * 0x94D049BB133111EBU;
  return hash ^ hash >> 31U;
}

}  // namespace

std::uint64_t hashFeature(FeatureKind kind, std::u32string_view text) noexcept {
  std::uint64_t hash = step(offsetBasis, static_cast<std::uint64_t>(kind));
  for (const char32_t codePoint : text) hash = step(hash, codePoint);
  return finish(hash);
}

std::uint64_t hashPair(std::uint64_t first, std::uint64_t second) noexcept {
  return finish(step(step(step(offsetBasis, static_cast<std::uint64_t>(FeatureKind::pair)), first), second));
}

}  // namespace qbatch::embed
