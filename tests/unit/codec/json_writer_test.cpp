#include "codec/json_writer.hpp"

#include <simdjson.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

std::string string(std::string_view text) {
  std::string out;
  appendString(out, text);
  return out;
}
std::string anyString(std::string_view text) {
  std::string out;
  appendAnyString(out, text);
  return out;
}
std::string real(double value) {
  std::string out;
  appendDouble(out, value);
  return out;
}
std::string single(float value) {
  std::string out;
  appendFloat(out, value);
  return out;
}

}  // namespace

TEST_CASE("a string is escaped where JSON demands it and nowhere else") {
  CHECK(string("") == "\"\"");
  CHECK(string("plain/ü🌍\x7f") == "\"plain/ü🌍\x7f\"");
  CHECK(string("\"\\") == "\"\\\"\\\\\"");
  CHECK(string("a\nb\tc\rd\be\ff") == "\"a\\nb\\tc\\rd\\be\\ff\"");
  CHECK(string(std::string_view("\0\x01\x1f ", 4)) == "\"\\u0000\\u0001\\u001f \"");
}

TEST_CASE("writers append") {
  std::string out = "x";
  appendString(out, "s");
  appendInteger(out, -1);
  appendUnsigned(out, 2);
  appendDouble(out, 3);
  appendFloat(out, 4);
  CHECK(out == "x\"s\"-123.04");
}

TEST_CASE("bytes that are not UTF-8 are replaced, not written") {
  CHECK(anyString("ü\n") == "\"ü\\n\"");
  CHECK(anyString("a\xFF\n") == "\"a\xEF\xBF\xBD\\n\"");
}

TEST_CASE("every string reads back as it was") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  simdjson::dom::parser parser;
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (std::uint64_t i = random() % 60; i > 0; --i) {
      if (random() % 8 == 0) {
        text += "🌍";
      } else {
        text += static_cast<char>(random() % 128);
      }
    }
    std::string_view back;
    REQUIRE(parser.parse(string(text)).get(back) == simdjson::SUCCESS);
    REQUIRE(back == text);
  }
}

TEST_CASE("integers are written whole") {
  std::string out;
  appendInteger(out, std::numeric_limits<std::int64_t>::min());
  out += ' ';
  appendInteger(out, std::numeric_limits<std::int64_t>::max());
  out += ' ';
  appendUnsigned(out, std::numeric_limits<std::uint64_t>::max());
  CHECK(out == "-9223372036854775808 9223372036854775807 18446744073709551615");
}

TEST_CASE("a double is written as short as it reads back, and stays a float") {
  CHECK(real(0) == "0.0");
  CHECK(real(-0.0) == "-0.0");
  CHECK(real(3) == "3.0");
  CHECK(real(0.1) == "0.1");
  CHECK(real(-2.5) == "-2.5");
  CHECK(real(1e22) == "1e+22");
  CHECK(real(1e-7) == "1e-07");
  CHECK(real(9007199254740992) == "9007199254740992.0");
  CHECK(real(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
  CHECK(real(std::numeric_limits<double>::denorm_min()) == "5e-324");
}

TEST_CASE("a float is written as short as it reads back") {
  CHECK(single(0.89F) == "0.89");
  CHECK(single(1) == "1");
  CHECK(single(-0.0F) == "-0");
  CHECK(single(0.1F) == "0.1");
  CHECK(single(std::numeric_limits<float>::max()) == "3.4028235e+38");
  CHECK(single(16777217.0F) == "16777216");
}

TEST_CASE("any finite number reads back to the last bit") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  simdjson::dom::parser parser;
  for (int round = 0; round < 20000; ++round) {
    const std::uint64_t bits = random();
    const double value = std::bit_cast<double>(bits);
    const auto small = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isfinite(value)) {
      const std::string text = real(value);
      double back = 0;
      REQUIRE(parser.parse(text).get(back) == simdjson::SUCCESS);
      REQUIRE(std::bit_cast<std::uint64_t>(back) == bits);
    }
    if (std::isfinite(small)) {
      const std::string text = single(small);
      float back = 0;
      std::from_chars(text.data(), text.data() + text.size(), back);
      REQUIRE(std::bit_cast<std::uint32_t>(back) == static_cast<std::uint32_t>(bits));
    }
  }
}
