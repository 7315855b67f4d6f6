#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// Where a text has bytes that a JSON string cannot hold as they are, or that end it: '"', '\\' and what is below 0x20.
namespace qbatch::codec {

[[nodiscard]] constexpr bool isSpecialByte(unsigned char byte) noexcept { return byte < 0x20 || byte == '"' || byte == '\\'; }

/// The places of special bytes in one piece of a text, in order.
struct SpecialPlaces {
  static constexpr std::size_t longestPiece = 1024;
  std::size_t count{};
  std::array<std::uint16_t, longestPiece + 8> at;  ///< not initialised from `count` on; finders may write eight more than they find
};

/// Fills `found` with the places of `piece`, which is at most SpecialPlaces::longestPiece long. Reads nothing beyond it.
using SpecialFinder = void (*)(std::string_view piece, SpecialPlaces& found) noexcept;

/// Byte by byte.
void findSpecialsPlainly(std::string_view piece, SpecialPlaces& found) noexcept;

/// The fastest finder for this processor: AVX2 or NEON where there is one of them, else findSpecialsPlainly. Chosen once.
[[nodiscard]] SpecialFinder specialFinder() noexcept;

}  // namespace qbatch::codec
