#include "codec/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

namespace qbatch::codec {
namespace {

std::int64_t exponentOf(std::string_view digits) noexcept {
  constexpr std::int64_t most = 1'000'000'000'000'000'000;
  if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (result.ec == std::errc::result_out_of_range) return digits.front() == '-' ? -most : most;
  return std::clamp(exponent, -most, most);
}

/// True where the number's absolute value is above 1; only asked for numbers that are far from it.
bool isLarge(std::string_view number) noexcept {
  const std::size_t mark = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, mark);
  const std::int64_t exponent = mark == std::string_view::npos ? 0 : exponentOf(number.substr(mark + 1));
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), mantissa.size()));
  return exponent + point - static_cast<std::int64_t>(first) > 0;
}

}  // namespace

double doubleFromText(std::string_view number) noexcept {
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
  const double magnitude = isLarge(number) ? std::numeric_limits<double>::infinity() : 0.0;
  return number.front() == '-' ? -magnitude : magnitude;
}

bool fits64Bits(std::string_view number) noexcept {
  if (number.size() < std::numeric_limits<std::int64_t>::digits10) return true;
  const auto fits = [number](auto value) { return std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc(); };
  return number.front() == '-' ? fits(std::int64_t{}) : fits(std::uint64_t{});
}

}  // namespace qbatch::codec
