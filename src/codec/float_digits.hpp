#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace qbatch::codec {

/// What the texts of some floats are made of, field by field, so that several are worked on at once. A float is
/// lead.last… · 10^exponent, with `count` digits.
struct FloatBlock {
  static constexpr std::size_t capacity = 64;
  alignas(32) std::array<std::uint64_t, capacity> last;  ///< eight digits as text, in the order of memory
  alignas(32) std::array<std::uint32_t, capacity> lead;  ///< 0 to 9
  alignas(32)
      std::array<std::uint32_t, capacity> count;  ///< 6 to 9; 0 where the float, of few digits or an unusual magnitude, is not done here
  alignas(32) std::array<int, capacity> exponent;
};

/// Finds the digits of up to `capacity` floats, with what the processor has for it (chosen when the program runs).
void findDigits(FloatBlock& block, std::span<const float> values) noexcept;
/// The same without vector instructions of a certain processor: the oracle of the tests, and the way of all other processors.
void findDigitsPortably(FloatBlock& block, std::span<const float> values) noexcept;

/// The text of a number below 10^8, in the order of memory: all lanes of a word are divided at once.
[[nodiscard, gnu::always_inline]] inline std::uint64_t eightDigits(std::uint32_t number) noexcept {
  const std::uint32_t upper = number / 10'000;
  const std::uint64_t fours = upper | static_cast<std::uint64_t>(number - upper * 10'000) << 32;
  const std::uint64_t hundreds = (fours * 10486 >> 20) & 0x0000'007F'0000'007F;
  const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
  const std::uint64_t tens = (twos * 103 >> 10) & 0x000F'000F'000F'000F;
  std::uint64_t ones = (tens | (twos - tens * 10) << 8) | 0x3030'3030'3030'3030;
  if constexpr (std::endian::native == std::endian::big) {
    std::uint64_t turned = 0;
    for (int i = 0; i < 8; ++i, ones >>= 8) turned = turned << 8 | (ones & 0xFF);
    ones = turned;
  }
  return ones;
}

}  // namespace qbatch::codec
