#include "numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace cli {
namespace {

template <class Number>
std::optional<Number> readAll(std::string_view text) noexcept {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> readWholeNumber(std::string_view text) noexcept { return readAll<std::uint64_t>(text); }

std::optional<double> readNumber(std::string_view text) noexcept {
  const auto number = readAll<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<float> toFloat32(double number) noexcept {
  // From here on a number is nearer to 2^128 than to the largest float32.
  constexpr double bound = 0x1.ffffffp127;
  if (!(std::abs(number) < bound)) return std::nullopt;
  constexpr double largest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(number, -largest, largest));
}

}  // namespace cli
