#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

// How a float of usual magnitude becomes text: scaled by an exact power of ten it is a double s in [10^8, 10^9), wrong by less than 10^-6,
// and the float's rounding interval reaches at least 1.4 to both sides of it. So the nine digits of the integer nearest to s always read
// back as the float, and the nearest multiple of 10, 100, … does so, with fewer digits, where it lies within the interval. (The interval's
// reasoning is Steele and White's of 1990; a float is short enough for double arithmetic to do without the long integers of later work.)
namespace qbatch::codec {

inline constexpr std::array<double, 24> powers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23};

inline constexpr std::uint32_t magnitudeMask = 0x7FFF'FFFF, mantissaMask = 0x7F'FFFF;
inline constexpr unsigned mantissaBits = 23;
// The usual magnitudes: from 2^-46, so that no power above 10^22, the last exact one, is needed, to below 10^9.
inline constexpr std::uint32_t leastUsual = (127u - 46u) << mantissaBits, endUsual = std::bit_cast<std::uint32_t>(1e9F);

// How much of the rounding interval a text may use. A reader's error is some 10^-8 of the interval's half, ours below 10^-6 of it.
inline constexpr double usable = 1 - 4e-6;

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

inline constexpr auto binades = [] {
  std::array<Binade, (endUsual >> mantissaBits) - (leastUsual >> mantissaBits) + 1> all{};
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = makeBinade(leastUsual + (i << mantissaBits));
  return all;
}();

[[nodiscard]] inline bool isUsual(std::uint32_t magnitude) noexcept { return magnitude - leastUsual < endUsual - leastUsual; }

[[nodiscard]] inline const Scale& scaleOf(std::uint32_t magnitude) noexcept {
  const Binade& binade = binades[(magnitude - leastUsual) >> mantissaBits];
  return binade.scales[magnitude >= binade.second ? 1 : 0];
}

/// The multiple of `step` that is nearest to `s`: adding 3 · 2^51 leaves no room for a fraction.
[[nodiscard]] inline double nearest(double s, double step, double inverse) noexcept {
  constexpr double whole = 0x3p51;
  return ((s * inverse + whole) - whole) * step;
}

}  // namespace qbatch::codec
