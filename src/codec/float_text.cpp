#include "codec/float_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>

// How a float of usual magnitude becomes text: scaled by an exact power of ten it is a double s in [10^8, 10^9), wrong by less than 10^-6,
// and the float's rounding interval reaches at least 1.4 to both sides of it. So the nine digits of the integer nearest to s always read
// back as the float, and the nearest multiple of 10, 100, … does so, with fewer digits, where it lies within the interval.
namespace qbatch::codec {
namespace {

constexpr std::array<double, 24> powers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                           1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23};

constexpr std::uint32_t magnitudeMask = 0x7FFF'FFFF, mantissaMask = 0x7F'FFFF;
constexpr unsigned mantissaBits = 23;
// The usual magnitudes: from 2^-46, so that no power above 10^22, the last exact one, is needed, to below 10^9.
constexpr std::uint32_t leastUsual = (127u - 46u) << mantissaBits, endUsual = std::bit_cast<std::uint32_t>(1e9F);

// How much of the rounding interval a text may use. A reader's error is some 10^-8 of the interval's half, ours below 10^-6 of it.
constexpr double usable = 1 - 4e-6;

constexpr std::uint32_t infinite = 0x7F80'0000;  // NaN is above it

constexpr int smallestFixed = -5;  // 0.0000123 is written so, 0.00000123 as 1.23e-6

/// digits[0].digits[1…8] · 10^exponent, with `count` digits before nothing but zeros follow.
struct Decimal {
  std::uint32_t digits{};
  int count{}, exponent{};
};

/// How floats of one binary and one decimal exponent are scaled.
struct Scale {
  double power{};  // s is x · power
  double room{};   // how far from s a number may lie; half of it for a power of two, whose lower neighbour is nearer than the other
  int exponent{};  // s = d.dddddddd · 10^exponent
};

/// Floats of one binary exponent have one of two decimal exponents: the second from `second` on.
struct Binade {
  std::uint32_t second = ~std::uint32_t{0};
  std::array<Scale, 2> scales{};
};

/// Half the distance from a normal float to the next one away from 0.
constexpr double halfGap(std::uint32_t magnitude) noexcept {
  return std::bit_cast<double>(static_cast<std::uint64_t>((magnitude >> mantissaBits) + 1023 - 127 - 24) << 52);
}

constexpr double valueOf(std::uint32_t magnitude) noexcept { return static_cast<double>(std::bit_cast<float>(magnitude)); }

constexpr Scale makeScale(std::uint32_t magnitude, std::size_t power) noexcept {
  return {powers[power], halfGap(magnitude) * powers[power] * usable, 8 - static_cast<int>(power)};
}

constexpr Binade makeBinade(std::uint32_t first) noexcept {
  std::size_t power = powers.size() - 1;
  while (valueOf(first) * powers[power] >= 1e9) --power;
  Binade binade;
  binade.scales[0] = makeScale(first, power);
  std::uint32_t low = first, high = first | mantissaMask;  // bisection for the first float that is 10^9 with this power
  if (power == 0 || valueOf(high) * powers[power] < 1e9) return binade;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (valueOf(middle) * powers[power] >= 1e9 ? high : low) = middle;
  }
  binade.second = high;
  binade.scales[1] = makeScale(first, power - 1);
  return binade;
}

constexpr auto binades = [] {
  std::array<Binade, (endUsual >> mantissaBits) - (leastUsual >> mantissaBits) + 1> all{};
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = makeBinade(leastUsual + (i << mantissaBits));
  return all;
}();

bool isUsual(std::uint32_t magnitude) noexcept { return magnitude - leastUsual < endUsual - leastUsual; }

const Scale& scaleOf(std::uint32_t magnitude) noexcept {
  const Binade& binade = binades[(magnitude - leastUsual) >> mantissaBits];
  return binade.scales[magnitude >= binade.second ? 1 : 0];
}

/// The multiple of `step` that is nearest to `s`: adding 3 · 2^51 leaves no room for a fraction.
inline double nearest(double s, double step, double inverse) noexcept {
  constexpr double whole = 0x3p51;
  return ((s * inverse + whole) - whole) * step;
}

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

/// Writes nine digits; for the last eight of them all lanes of a word are divided at once.
[[gnu::always_inline]] inline void writeDigits(char* out, std::uint32_t digits) noexcept {
  const std::uint32_t lead = digits / 100'000'000, rest = digits - lead * 100'000'000;
  const std::uint32_t upper = rest / 10'000;
  const std::uint64_t fours = upper | static_cast<std::uint64_t>(rest - upper * 10'000) << 32;
  const std::uint64_t hundreds = (fours * 10486 >> 20) & 0x0000'007F'0000'007F;
  const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
  const std::uint64_t tens = (twos * 103 >> 10) & 0x000F'000F'000F'000F;
  std::uint64_t ones = (tens | (twos - tens * 10) << 8) | 0x3030'3030'3030'3030;
  if constexpr (std::endian::native == std::endian::big) {
    std::uint64_t turned = 0;
    for (int i = 0; i < 8; ++i, ones >>= 8) turned = turned << 8 | (ones & 0xFF);
    ones = turned;
  }
  *out = static_cast<char>('0' + lead);
  std::memcpy(out + 1, &ones, sizeof ones);
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

/// Floats on their way, field by field, so that compilers can work on several at once.
struct Block {
  static constexpr std::size_t capacity = 64;
  std::array<double, capacity> s{}, room{}, found{};
  std::array<int, capacity> exponent{};
};

void scaleBlock(Block& block, std::span<const float> values) noexcept {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(values[i]) & magnitudeMask;
    const bool ordinary = isUsual(magnitude) && (magnitude & mantissaMask) != 0;
    const std::uint32_t safe = ordinary ? magnitude : leastUsual;  // no NaN may come into what is computed: its sign is anybody's guess
    const Scale& scale = scaleOf(safe);
    block.s[i] = valueOf(safe) * scale.power;
    block.room[i] = ordinary ? scale.room : std::numeric_limits<double>::infinity();
    block.exponent[i] = scale.exponent;
  }
}

/// `number` where it lies within the room, else `other`, for non-negative numbers; by bits, because compilers do not work on several
/// comparisons of doubles at once.
inline double chosen(double number, double other, double distance, double room) noexcept {
  const std::int64_t outside = std::bit_cast<std::int64_t>(room - std::fabs(distance)) >> 63;
  return std::bit_cast<double>((std::bit_cast<std::int64_t>(number) & ~outside) | (std::bit_cast<std::int64_t>(other) & outside));
}

/// Sets `found` to 16 · digits + count where the float needs seven to nine digits, as nearly all do, else to 0. No branches: no processor
/// could foretell the choice.
void findDigits(Block& block) noexcept {
  for (std::size_t i = 0; i < Block::capacity; ++i) {
    const double s = block.s[i], room = block.room[i];
    const double eight = nearest(s, 10, 0.1), seven = nearest(s, 100, 0.01), six = nearest(s, 1000, 0.001);
    const double many = chosen(eight * 16 + 8, nearest(s, 1, 1) * 16 + 9, eight - s, room);
    block.found[i] = chosen(0, chosen(seven * 16 + 7, many, seven - s, room), six - s, room);
  }
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
  Block block;
  while (!values.empty()) {
    const auto some = values.first(std::min(values.size(), Block::capacity));
    scaleBlock(block, some);
    findDigits(block);
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto found = static_cast<std::int64_t>(block.found[i]);
      if (found == 0) {
        out = writeFloat(out, some[i]);
      } else {
        *out = '-';
        out += std::signbit(some[i]) ? 1 : 0;
        out = writeDecimal(out, {static_cast<std::uint32_t>(found >> 4), static_cast<int>(found & 15), block.exponent[i]});
      }
      *out++ = ',';
    }
    values = values.subspan(some.size());
  }
  return out;
}

}  // namespace qbatch::codec
