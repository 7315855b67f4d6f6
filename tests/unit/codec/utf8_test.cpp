#include "codec/utf8.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

/// Encodes by the definition, without any check: also what UTF-8 forbids.
std::string encoded(std::uint32_t point, int bytes) {
  if (bytes == 1) return {static_cast<char>(point)};
  std::string text(static_cast<std::size_t>(bytes), '\0');
  for (int i = bytes - 1; i > 0; --i, point >>= 6) text[static_cast<std::size_t>(i)] = static_cast<char>(0x80u | (point & 0x3Fu));
  text[0] = static_cast<char>((0xF00u >> bytes & 0xFFu) | point);
  return text;
}

int neededBytes(std::uint32_t point) { return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4; }

}  // namespace

TEST_CASE("every code point in every length of encoding is judged as the standard says") {
  std::size_t wrong = 0;
  for (std::uint32_t point = 0; point < 0x120000; ++point) {
    for (int bytes = neededBytes(point); bytes <= 4; ++bytes) {
      const bool valid = bytes == neededBytes(point) && point < 0x110000 && (point < 0xD800 || point > 0xDFFF);
      const auto found = findInvalidUtf8("ab" + encoded(point, bytes));
      if (found != (valid ? std::nullopt : std::optional<std::size_t>(2))) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("the first invalid byte is found") {
  CHECK(findInvalidUtf8("") == std::nullopt);
  CHECK(findInvalidUtf8("plain") == std::nullopt);
  CHECK(findInvalidUtf8(std::string_view("a\0b", 3)) == std::nullopt);
  CHECK(findInvalidUtf8("grün\xC3") == 5);
  CHECK(findInvalidUtf8("\x80") == 0);
  CHECK(findInvalidUtf8("a\xE2\x82") == 1);
  CHECK(findInvalidUtf8("a\xE2\x82z") == 1);
  CHECK(findInvalidUtf8("\xF0\x9F\x8C\x8D\xFF") == 4);
  CHECK(findInvalidUtf8(std::string(1000, 'x') + "\xFE" + std::string(1000, 'y')) == 1000);
}

TEST_CASE("every invalid byte becomes one replacement character") {
  CHECK(toValidUtf8("") == "");
  CHECK(toValidUtf8("grün 🌍") == "grün 🌍");
  CHECK(toValidUtf8("a\xFFz") == "a\xEF\xBF\xBDz");
  CHECK(toValidUtf8("\xE2\x82z\xC3") == "\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD");
  CHECK(toValidUtf8("\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("whatever the bytes, the replaced text is valid and valid text is left alone") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::vector<std::string> parts = {"a", "ü", "€", "🌍", "\x80", "\xC3", "\xE2\x82", "\xF0\x9F", "\xFF", "\xED\xA0\x80"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::uint64_t i = random() % 40; i > 0; --i) text += parts[random() % parts.size()];
    const std::string valid = toValidUtf8(text);
    REQUIRE(findInvalidUtf8(valid) == std::nullopt);
    REQUIRE((valid == text) == (findInvalidUtf8(text) == std::nullopt));
    if (const auto bad = findInvalidUtf8(text)) REQUIRE(findInvalidUtf8(std::string_view(text).substr(0, *bad)) == std::nullopt);
  }
}
