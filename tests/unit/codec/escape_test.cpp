#include "codec/escape.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "codec/special_bytes.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/guarded_text.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  appendEscaped(out, text);
  return out;
}
std::string plainly(std::string_view text) {
  std::string out;
  appendEscapedPlainly(out, text);
  return out;
}

/// A text with `percent` special bytes, the others of any kind.
std::string someText(qbatch::test::Random& random, std::size_t size, unsigned percent) {
  std::string text(size, '\0');
  for (char& c : text) {
    constexpr std::string_view special = "\"\\\n\t\r\b\f\x01\x1f\0";
    c = random.chance(percent) ? special[random.below(special.size())] : static_cast<char>(random.between(0x20, 0xFF));
  }
  return text;
}

}  // namespace

TEST_CASE("each byte is escaped where JSON demands it and nowhere else, in the shortest way") {
  for (unsigned byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    constexpr std::string_view digits = "0123456789abcdef";
    const char c = static_cast<char>(byte);
    std::string expected(1, c);
    if (byte < 0x20) expected = std::string("\\u00") + digits[byte >> 4] + digits[byte & 15u];
    if (c == '"' || c == '\\') expected = std::string("\\") + c;
    for (const std::string_view named : {"\bb", "\ff", "\nn", "\rr", "\tt"}) {
      if (c == named[0]) expected = std::string("\\") + named[1];
    }
    CHECK(plainly({&c, 1}) == expected);
    CHECK(escaped({&c, 1}) == expected);
    CHECK(escaped(std::string(70, 'a') + c + std::string(70, 'b')) == std::string(70, 'a') + expected + std::string(70, 'b'));
  }
}

TEST_CASE("what is escaped is appended, and an empty text is nothing") {
  std::string out = "x";
  appendEscaped(out, "");
  CHECK(out == "x");
  appendEscaped(out, "a\n");
  CHECK(out == "xa\\n");
}

TEST_CASE("a text of nothing but long escapes, over several pieces") {
  for (const std::size_t size : {SpecialPlaces::longestPiece - 1, SpecialPlaces::longestPiece, 3 * SpecialPlaces::longestPiece + 1}) {
    std::string expected;
    for (std::size_t i = 0; i < size; ++i) expected += "\\u0001";
    CHECK(escaped(std::string(size, '\x01')) == expected);
  }
}

// Texts end at a guard, so that a read behind their end stops the program; where they begin, each alignment comes up.
TEST_CASE("escaping fast gives what escaping byte by byte gives, and reads nothing else") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  qbatch::test::GuardedText guarded(5000);
  for (std::size_t round = qbatch::test::campaignSize(5000); round > 0; --round) {
    const auto size = random.below(random.chance(80) ? 300 : 5001);
    const auto text = someText(random, size, static_cast<unsigned>(random.chance(50) ? random.below(6) : random.below(101)));
    REQUIRE(escaped(guarded.hold(text)) == plainly(text));
    const auto exact = std::make_unique<char[]>(size);  // for AddressSanitizer
    std::memcpy(exact.get(), text.data(), size);
    REQUIRE(escaped({exact.get(), size}) == plainly(text));
  }
}
