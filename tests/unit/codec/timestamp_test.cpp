#include "codec/timestamp.hpp"

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>

#include "support/catch.hpp"
#include "support/seed.hpp"

using qbatch::codec::parseTimestamp;
using qbatch::codec::Timestamp;

namespace {

std::int64_t secondsOf(const char* text) {
  const auto read = parseTimestamp(text);
  INFO(text);
  REQUIRE(read);
  return read->seconds;
}

}  // namespace

TEST_CASE("RFC 3339 in its forms is read") {
  CHECK(parseTimestamp("1970-01-01T00:00:00Z") == Timestamp{0, 0});
  CHECK(secondsOf("2025-01-15T12:00:00Z") == 1736942400);
  CHECK(secondsOf("2025-01-15t12:00:00z") == 1736942400);
  CHECK(secondsOf("2025-01-15 12:00:00Z") == 1736942400);
  CHECK(secondsOf("2025-01-15T14:30:00+02:30") == 1736942400);
  CHECK(secondsOf("2025-01-14T23:00:00-13:00") == 1736942400);
  CHECK(secondsOf("2025-01-15T12:00:00-00:00") == 1736942400);
  CHECK(secondsOf("1969-12-31T23:59:59Z") == -1);
  CHECK(secondsOf("0000-01-01T00:00:00Z") == -62167219200);
  CHECK(secondsOf("9999-12-31T23:59:59Z") == 253402300799);
  CHECK(secondsOf("2024-02-29T00:00:00Z") == 1709164800);
  CHECK(secondsOf("2000-02-29T00:00:00Z") == 951782400);
}

TEST_CASE("fractions count to the nanosecond, further digits are cut off") {
  CHECK(parseTimestamp("1970-01-01T00:00:01.5Z") == Timestamp{1, 500'000'000});
  CHECK(parseTimestamp("1970-01-01T00:00:01.000000001Z") == Timestamp{1, 1});
  CHECK(parseTimestamp("1970-01-01T00:00:01.0000000019999Z") == Timestamp{1, 1});
  CHECK(parseTimestamp("1970-01-01T00:00:01.123+01:00") == Timestamp{-3599, 123'000'000});
  CHECK(parseTimestamp("1969-12-31T23:59:59.25Z") == Timestamp{-1, 250'000'000});
}

TEST_CASE("instants compare in the order of time") {
  CHECK(*parseTimestamp("2025-01-15T12:00:00Z") < *parseTimestamp("2025-01-15T12:00:00.000000001Z"));
  CHECK(*parseTimestamp("2025-01-15T12:00:00.9Z") < *parseTimestamp("2025-01-15T12:00:01Z"));
  CHECK(*parseTimestamp("2025-01-15T12:00:00+01:00") < *parseTimestamp("2025-01-15T12:00:00Z"));
  CHECK(*parseTimestamp("1969-12-31T23:59:59.9Z") < *parseTimestamp("1970-01-01T00:00:00Z"));
}

TEST_CASE("a leap second stands at the end of a UTC month only") {
  CHECK(secondsOf("2016-12-31T23:59:60Z") == secondsOf("2017-01-01T00:00:00Z"));
  CHECK(secondsOf("1990-12-31T15:59:60-08:00") == secondsOf("1991-01-01T00:00:00Z"));
  CHECK(secondsOf("2017-01-01T05:29:60+05:30") == secondsOf("2017-01-01T00:00:00Z"));
  for (const char* text :
       {"2016-12-30T23:59:60Z", "2016-12-31T23:58:60Z", "2016-12-31T12:59:60Z", "1990-12-31T23:59:60-08:00", "2016-12-31T23:59:61Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parseTimestamp(text));
  }
}

TEST_CASE("anything else is refused") {
  for (const char* text : {"",
                           "2025",
                           "2025-01-15",
                           "2025-01-15T12:00:00",
                           "2025-01-15T12:00Z",
                           "2025-01-15T12:00:00Z ",
                           " 2025-01-15T12:00:00Z",
                           "2025-01-15T12:00:00ZZ",
                           "2025-01-15_12:00:00Z",
                           "2025-01-15T12:00:00.Z",
                           "2025-01-15T12:00:00,5Z",
                           "2025-01-15T12:00:00.5",
                           "2025-1-15T12:00:00Z",
                           "25-01-15T12:00:00Z",
                           "02025-01-15T12:00:00Z",
                           "-2025-01-15T12:00:00Z",
                           "2025-00-15T12:00:00Z",
                           "2025-13-15T12:00:00Z",
                           "2025-01-00T12:00:00Z",
                           "2025-01-32T12:00:00Z",
                           "2025-04-31T12:00:00Z",
                           "2025-02-29T12:00:00Z",
                           "1900-02-29T12:00:00Z",
                           "2025-01-15T24:00:00Z",
                           "2025-01-15T12:60:00Z",
                           "2025-01-15T12:00:61Z",
                           "2025-01-15T12:00:00+24:00",
                           "2025-01-15T12:00:00+12:60",
                           "2025-01-15T12:00:00+1200",
                           "2025-01-15T12:00:00+12",
                           "2025-01-15T12:00:00+12:0",
                           "2025-01-15T12:00:00 Z",
                           "2025/01/15T12:00:00Z",
                           "２025-01-15T12:00:00Z",
                           "1736942400"}) {
    CAPTURE(text);
    CHECK_FALSE(parseTimestamp(text));
  }
}

TEST_CASE("agrees with the C library on any second of the calendar") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 5000; ++round) {
    const auto instant = static_cast<std::time_t>(random() % 315569520000) - 62167219200;  // years 0000 to 9999
    std::tm fields{};
    REQUIRE(gmtime_r(&instant, &fields) != nullptr);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday,
                  fields.tm_hour, fields.tm_min, fields.tm_sec);
    CAPTURE(text);
    REQUIRE(parseTimestamp(text) == Timestamp{static_cast<std::int64_t>(instant), 0});
  }
}

TEST_CASE("times as Qdrant takes them") {
  const auto loose = [](const char* text) {
    INFO(text);
    const auto read = qbatch::codec::parseLooseTimestamp(text);
    REQUIRE(read);
    return *read;
  };
  for (const char* text :
       {"2020-03-01T00:00:00Z", "2020-03-01 00:00:00", "2020-03-01T00:00:00", "2020-03-01T00:00", "2020-03-01 00:00", "2020-03-01",
        "2020-3-1", "2020-3-1T0:0:0z", "2020-03-01t00:00:00Z", "2020-03-01 00:00:00 UTC", "2020-03-01 02:00:00+0200",
        "2020-03-01T02:00:00+02:00", "2020-02-29 15:00:00-09", "2020-02-29 15:00:00.000 -09:00"}) {
    CHECK(loose(text) == Timestamp{1583020800, 0});
  }
  CHECK(loose("2020-03-01 00:00:00.123456") == Timestamp{1583020800, 123'456'000});
  CHECK(loose("2020-03-01T00:00:60") == Timestamp{1583020859, 1'000'000'000});
  CHECK(loose("2020-03-01T00:00:60") < loose("2020-03-01T00:01:00"));
  for (const char* text : {"", "2020", "2020-03", "2020-03-01T", "2020-03-01T00", "2020-03-01T00:00Z", "2020-03-01t00:00:00", "2020-13-01",
                           "2020-02-30", "2020-03-01T24:00:00", "2020-03-01T00:00:00BAD", "2020-03-01T00:00:00+24:00", "2020-03-01x",
                           "20200-03-01", "2020-03-01T00:00:00.", "2020-03-01T00:00:00+1", "2020-03-01Z", "2020-03-011"}) {
    CAPTURE(text);
    CHECK_FALSE(qbatch::codec::parseLooseTimestamp(text));
  }
}

TEST_CASE("microseconds count from 1970 on, leap seconds as the next second") {
  using qbatch::codec::microsecondsOf;
  CHECK(microsecondsOf({1, 999}) == 1'000'000);
  CHECK(microsecondsOf({-1, 250'000'000}) == -750'000);
  CHECK(microsecondsOf({59, 1'000'000'000}) == 60'000'000);
}
