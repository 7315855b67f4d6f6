#include "codec/timestamp.hpp"

#include <chrono>
#include <cstddef>

namespace qbatch::codec {
namespace {

bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes fields from the front of a text; after the first failure nothing more is taken.
class Fields {
 public:
  explicit Fields(std::string_view text) noexcept : rest_(text) {}

  /// Exactly `width` digits that make a number from `least` to `most`.
  int number(std::size_t width, int least, int most) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!valid_ || rest_.empty() || !isDigit(rest_.front())) return failed();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value >= least && value <= most ? value : failed();
  }

  /// From one to `width` digits that make a number from `least` to `most`.
  int shortNumber(std::size_t width, int least, int most) noexcept {
    std::size_t digits = 0;
    while (digits < width && digits < rest_.size() && isDigit(rest_[digits])) ++digits;
    return number(digits == 0 ? 1 : digits, least, most);
  }

  /// True where the text stands next; it is then taken.
  bool taken(std::string_view text) noexcept {
    if (!valid_ || rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  /// One of the characters; '\0' where there is none of them.
  char one(std::string_view characters) noexcept {
    if (!valid_ || rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) {
      valid_ = false;
      return '\0';
    }
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }

  /// A point and digits, where they stand next: the nanoseconds, with further digits cut off.
  std::uint32_t fraction() noexcept {
    if (!valid_ || rest_.empty() || rest_.front() != '.') return 0;
    rest_.remove_prefix(1);
    if (rest_.empty() || !isDigit(rest_.front())) valid_ = false;
    std::uint32_t nanoseconds = 0, unit = 100'000'000;
    while (!rest_.empty() && isDigit(rest_.front())) {
      nanoseconds += static_cast<std::uint32_t>(rest_.front() - '0') * unit;
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return nanoseconds;
  }

  [[nodiscard]] bool finished() const noexcept { return valid_ && rest_.empty(); }

 private:
  int failed() noexcept {
    valid_ = false;
    return 0;
  }
  std::string_view rest_;
  bool valid_ = true;
};

/// Minutes east of UTC.
int offsetOf(Fields& fields) noexcept {
  const char sign = fields.one("Zz+-");
  if (sign != '+' && sign != '-') return 0;
  const int hours = fields.number(2, 0, 23);
  fields.one(":");
  const int minutes = hours * 60 + fields.number(2, 0, 59);
  return sign == '-' ? -minutes : minutes;
}

/// Leap seconds are inserted at the end of a UTC month only; `minute` is the minute that has 61 seconds.
bool mayHaveLeapSecond(std::chrono::sys_seconds minute) noexcept {
  using namespace std::chrono;
  const sys_seconds next = minute + minutes(1);
  const sys_days day = floor<days>(next);
  return next == day && year_month_day(day).day() == std::chrono::day(1);
}

/// Where the offset stands after the time; nothing is UTC. nullopt where something else stands there.
std::optional<int> looseOffsetOf(Fields& fields) noexcept {
  while (fields.taken(" ")) {
  }
  if (fields.taken("Z") || fields.taken("z") || fields.taken("UTC")) return 0;
  const bool west = fields.taken("-");
  if (!west && !fields.taken("+")) return std::nullopt;
  int minutes = fields.number(2, 0, 23) * 60;
  if (!fields.finished()) {
    fields.taken(":");
    minutes += fields.number(2, 0, 59);
  }
  return west ? -minutes : minutes;
}

std::chrono::sys_seconds startOf(std::chrono::year_month_day date, int hour, int minute) noexcept {
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

std::chrono::year_month_day dateOf(int year, int month, int day) noexcept {
  return {std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)), std::chrono::day(static_cast<unsigned>(day))};
}

}  // namespace

std::optional<Timestamp> parseTimestamp(std::string_view text) noexcept {
  using namespace std::chrono;
  Fields fields(text);
  const int yearNumber = fields.number(4, 0, 9999);
  fields.one("-");
  const int monthNumber = fields.number(2, 1, 12);
  fields.one("-");
  const int dayNumber = fields.number(2, 1, 31);
  fields.one("Tt ");
  const int hour = fields.number(2, 0, 23);
  fields.one(":");
  const int minute = fields.number(2, 0, 59);
  fields.one(":");
  const int second = fields.number(2, 0, 60);
  const std::uint32_t nanoseconds = fields.fraction();
  const int offset = offsetOf(fields);
  if (!fields.finished()) return std::nullopt;

  const year_month_day date = dateOf(yearNumber, monthNumber, dayNumber);
  if (!date.ok()) return std::nullopt;
  const sys_seconds start = startOf(date, hour, minute - offset);
  if (second == 60 && !mayHaveLeapSecond(start)) return std::nullopt;
  return Timestamp{(start + seconds(second)).time_since_epoch().count(), nanoseconds};
}

std::optional<Timestamp> parseLooseTimestamp(std::string_view text) noexcept {
  Fields fields(text);
  const int year = fields.shortNumber(4, 0, 9999);
  fields.one("-");
  const int month = fields.shortNumber(2, 1, 12);
  fields.one("-");
  const int day = fields.shortNumber(2, 1, 31);
  int hour = 0, minute = 0, second = 0, offset = 0;
  std::uint32_t nanoseconds = 0;
  if (!fields.finished()) {
    const bool smallT = fields.one("Tt ") == 't';
    hour = fields.shortNumber(2, 0, 23);
    fields.one(":");
    minute = fields.shortNumber(2, 0, 59);
    if (fields.finished() && smallT) return std::nullopt;
    if (!fields.finished()) {
      fields.one(":");
      second = fields.shortNumber(2, 0, 60);
      nanoseconds = fields.fraction();
      const bool bare = fields.finished();
      const auto given = bare ? std::optional(0) : looseOffsetOf(fields);
      if (!given || (bare && smallT)) return std::nullopt;
      offset = *given;
    }
  }
  const auto date = dateOf(year, month, day);
  if (!fields.finished() || !date.ok()) return std::nullopt;
  const std::int64_t start = startOf(date, hour, minute - offset).time_since_epoch().count();
  if (second == 60) return Timestamp{start + 59, nanoseconds + 1'000'000'000};
  return Timestamp{start + second, nanoseconds};
}

std::int64_t microsecondsOf(const Timestamp& time) noexcept { return time.seconds * 1'000'000 + time.nanoseconds / 1000; }

}  // namespace qbatch::codec
