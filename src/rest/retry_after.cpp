#include "rest/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace qbatch::rest {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds longest = std::chrono::hours(1);

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> month(std::string_view name) {
  constexpr std::array<std::string_view, 12> names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin()) + 1;
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::chrono::sys_seconds> httpDate(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" || text[19] != ':' || text[22] != ':')
    return std::nullopt;
  const auto day = number(text.substr(5, 2)), monthNumber = month(text.substr(8, 3)), year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)), second = number(text.substr(23, 2));
  if (!day || !monthNumber || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*monthNumber),
                                         std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace

std::optional<milliseconds> retryAfter(std::string_view header, std::chrono::system_clock::time_point now) {
  const auto begin = header.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  header = header.substr(begin, header.find_last_not_of(" \t") - begin + 1);
  if (std::all_of(header.begin(), header.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    const auto seconds = number(header);
    return seconds && *seconds < 3600 ? milliseconds(std::chrono::seconds(*seconds)) : longest;
  }
  const auto date = httpDate(header);
  if (!date) return std::nullopt;
  // In whole seconds: nanoseconds would not reach as far as dates do.
  const auto wait = *date - std::chrono::floor<std::chrono::seconds>(now);
  return std::clamp<milliseconds>(std::min<std::chrono::seconds>(wait, std::chrono::hours(2)), milliseconds(0), longest);
}

}  // namespace qbatch::rest
