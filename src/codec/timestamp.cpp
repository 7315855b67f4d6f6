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

  const year_month_day date(year(yearNumber), month(static_cast<unsigned>(monthNumber)), day(static_cast<unsigned>(dayNumber)));
  if (!date.ok()) return std::nullopt;
  const sys_seconds start = sys_days(date) + hours(hour) + minutes(minute - offset);
  if (second == 60 && !mayHaveLeapSecond(start)) return std::nullopt;
  return Timestamp{(start + seconds(second)).time_since_epoch().count(), nanoseconds};
}

}  // namespace qbatch::codec
