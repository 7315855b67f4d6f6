#pragma once
#include <cstdint>
#include <string_view>

namespace qbatch::embed {

/// Keeps features of different kinds apart that are spelt alike. The values are part of the hashes: they may never change.
enum class FeatureKind : std::uint64_t { word = 1, pair = 2, gram = 3, symbols = 4 };

/// A 64-bit FNV-1a over code points, one step for each, begun with the feature's kind and ended by a finaliser that spreads every input
/// bit over the whole number. Made of integer arithmetic alone, so every platform has the same numbers.
[[nodiscard]] std::uint64_t hashFeature(FeatureKind kind, std::u32string_view text) noexcept;

/// The hash of two words in this order, given by the hashes of the words.
[[nodiscard]] std::uint64_t hashPair(std::uint64_t first, std::uint64_t second) noexcept;

}  // namespace qbatch::embed
