#include "codec/float_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>

#include "codec/float_digits.hpp"
#include "codec/float_scale.hpp"

namespace qbatch::codec {
namespace {

constexpr std::uint32_t infinite = 0x7F80'0000;  // NaN is above it

constexpr int smallestFixed = -5;  // 0.0000123 is written so, 0.00000123 as 1.23e-6

/// digits[0].digits[1…8] · 10^exponent, with `count` digits before nothing but zeros follow.
struct Decimal {
  std::uint32_t digits{};
  int count{}, exponent{};
};

/// The fewest digits that lie safely within the rounding interval.
Decimal shortest(std::uint32_t magnitude) noexcept {
  const Scale& scale = scaleOf(magnitude);
  const double s = valueOf(magnitude) * scale.power;
  const double room = (magnitude & mantissaMask) == 0 ? scale.room / 2 : scale.room;
  Decimal found{static_cast<std::uint32_t>(nearest(s, 1, 1)), 9, scale.exponent};
  for (std::size_t power = 1; found.count > 1; ++power) {
    const double number = nearest(s, powers[power], 1 / powers[power]);
    if (!(std::fabs(number - s) <= room)) break;
    found.digits = static_cast<std::uint32_t>(number);
    --found.count;
  }
  if (found.digits == 1'000'000'000) return {100'000'000, 1, scale.exponent + 1};
  return found;
}

/// Writes nine digits.
[[gnu::always_inline]] inline void writeDigits(char* out, std::uint32_t digits) noexcept {
  const std::uint32_t lead = digits / 100'000'000;
  const std::uint64_t last = eightDigits(digits - lead * 100'000'000);
  *out = static_cast<char>('0' + lead);
  std::memcpy(out + 1, &last, sizeof last);
}

char* writeScientific(char* out, const Decimal& number) noexcept {
  writeDigits(out + 1, number.digits);
  out[0] = out[1];
  out[1] = '.';
  out += number.count == 1 ? 1 : number.count + 1;
  *out++ = 'e';
  return std::to_chars(out, out + 4, number.exponent).ptr;
}

char* writeWhole(char* out, const Decimal& number) noexcept {
  std::array<char, 24> digits{};
  writeDigits(digits.data(), number.digits);
  const int whole = number.exponent + 1;
  std::memcpy(out, digits.data(), 9);
  if (number.count <= whole) return out + whole;
  out[whole] = '.';
  std::memcpy(out + whole + 1, digits.data() + whole, 8);
  return out + number.count + 1;
}

[[gnu::always_inline]] inline char* writeDecimal(char* out, const Decimal& number) noexcept {
  if (number.exponent >= 0) return writeWhole(out, number);
  if (number.exponent < smallestFixed) return writeScientific(out, number);
  std::memcpy(out, "0.000000", 8);
  out += 1 - number.exponent;
  writeDigits(out, number.digits);
  return out + number.count;
}

/// Words that are no JSON, so that nobody can take what holds them for a number: one that is too large for a float would be stored.
char* writeNoNumber(char* out, std::uint32_t magnitude) noexcept {
  const std::string_view word = magnitude == infinite ? "Infinity" : "NaN";
  std::memcpy(out, word.data(), word.size());
  return out + word.size();
}

/// For magnitudes beyond the usual ones, subnormal ones among them.
char* writeRare(char* out, std::uint32_t magnitude) noexcept {
  if (magnitude >= infinite) return writeNoNumber(out, magnitude);
  const float value = std::bit_cast<float>(magnitude);
  const bool lowerIsNearer = (magnitude & mantissaMask) == 0 && magnitude >> mantissaBits > 1;
  const double gap = magnitude <= mantissaMask ? 0x1p-150 : lowerIsNearer ? halfGap(magnitude) / 2 : halfGap(magnitude);
  char* const limit = out + longestFloat - 1;
  const auto text = std::to_chars(out, limit, value, std::chars_format::scientific);
  double back = 0;
  std::from_chars(out, text.ptr, back);
  if (std::fabs(back - static_cast<double>(value)) <= gap * usable) return text.ptr;
  return std::to_chars(out, limit, value, std::chars_format::scientific, 8).ptr;
}

}  // namespace

char* writeFloat(char* out, float value) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & magnitudeMask;
  *out = '-';
  out += bits >> 31;
  if (isUsual(magnitude)) return writeDecimal(out, shortest(magnitude));
  if (magnitude != 0) return writeRare(out, magnitude);
  std::memcpy(out, "0.0", 3);
  return out + (bits == 0 ? 1 : 3);
}

char* writeFloats(char* out, std::span<const float> values) noexcept {
  FloatBlock block;
  for (; !values.empty(); values = values.subspan(std::min(values.size(), FloatBlock::capacity))) {
    const auto some = values.first(std::min(values.size(), FloatBlock::capacity));
    findDigits(block, some);
    for (std::size_t i = 0; i < some.size(); ++i) {
      const int exponent = block.exponent[i];
      if (block.count[i] != 0 && exponent < 0 && exponent >= smallestFixed) [[likely]] {
        *out = '-';
        out += std::bit_cast<std::uint32_t>(some[i]) >> 31;
        std::memcpy(out, "0.000000", 8);
        out += 1 - exponent;
        *out = static_cast<char>('0' + block.lead[i]);
        std::memcpy(out + 1, &block.last[i], sizeof block.last[i]);
        out += block.count[i];
      } else {
        out = writeFloat(out, some[i]);
      }
      *out++ = ',';
    }
  }
  return out;
}

}  // namespace qbatch::codec
