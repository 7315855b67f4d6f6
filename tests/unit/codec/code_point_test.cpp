#include "codec/code_point.hpp"

#include <random>
#include <string>
#include <vector>

#include "codec/utf8.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

std::vector<char32_t> readAll(std::string_view text) {
  std::vector<char32_t> all;
  for (std::size_t offset = 0; offset < text.size();) all.push_back(readCodePoint(text, offset));
  return all;
}

}  // namespace

TEST_CASE("code points of every length are read", "[embed]") {
  CHECK(readAll("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z") == std::vector<char32_t>{U'a', 0xE9, 0x20AC, 0x1F600, U'z'});
  CHECK(readAll("\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF") ==
        std::vector<char32_t>{0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF});
}

TEST_CASE("each byte that is not UTF-8 is one replacement character", "[embed]") {
  const char32_t bad = replacementCharacter;
  CHECK(readAll("\x80") == std::vector<char32_t>{bad});
  CHECK(readAll("\xC3") == std::vector<char32_t>{bad});
  CHECK(readAll("\xC3(") == std::vector<char32_t>{bad, U'('});
  CHECK(readAll("\xC0\xAF") == std::vector<char32_t>{bad, bad});                    // overlong
  CHECK(readAll("\xE0\x9F\xBF") == std::vector<char32_t>{bad, bad, bad});           // overlong
  CHECK(readAll("\xF0\x8F\xBF\xBF") == std::vector<char32_t>{bad, bad, bad, bad});  // overlong
  CHECK(readAll("\xED\xA0\x80") == std::vector<char32_t>{bad, bad, bad});           // a surrogate
  CHECK(readAll("\xF4\x90\x80\x80") == std::vector<char32_t>{bad, bad, bad, bad});  // above U+10FFFF
  CHECK(readAll("\xE2\x82"
                "a") == std::vector<char32_t>{bad, bad, U'a'});
}

TEST_CASE("nothing behind the end of the text is read", "[embed]") {
  const std::string_view buffer = "\xF0\x9F\x98\x80";
  for (std::size_t size = 1; size < 4; ++size) CHECK(readAll(buffer.substr(0, size)) == std::vector<char32_t>(size, replacementCharacter));
}

TEST_CASE("reading agrees with the codec on what is UTF-8", "[embed]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  // Bytes near the borders of UTF-8's rules, so that valid sequences come up often.
  const std::string bytes = std::string("a\x7F\x80\x8F\x90\x9F\xA0\xBF\xC1\xC2\xDF\xE0\xE1\xED\xEF\xF0\xF1\xF4\xF5\xFF");
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (auto length = random() % 6; length > 0; --length) text.push_back(bytes[random() % bytes.size()]);
    bool found = false;
    for (const char32_t codePoint : readAll(text)) found = found || codePoint == replacementCharacter;
    CAPTURE(text);
    REQUIRE(found == qbatch::codec::findInvalidUtf8(text).has_value());
  }
}

TEST_CASE("code points are told apart by kind", "[embed]") {
  for (const char32_t blank : {U' ', U'\t', U'\n', U'\0', U'\x7F', U'\x85', U'\xA0', U'\x2003', U'\x200B', U'\x3000', U'\xFEFF'})
    CHECK(kindOf(blank) == CodePointKind::blank);
  for (const char32_t symbol :
       {U'_', U'+', U'"', U'~', U'\xBF', U'\xD7', U'\x2014', U'\x20AC', U'\x2192', U'\x3002', U'\xFFFD', U'\x1F600'})
    CHECK(kindOf(symbol) == CodePointKind::symbol);
  for (const char32_t letter : {U'a', U'Z', U'\xE9', U'\xB5', U'\xDF', U'\x3A9', U'\x416', U'\x5D0', U'\x627', U'\x905'})
    CHECK(kindOf(letter) == CodePointKind::letter);
  CHECK(kindOf(U'7') == CodePointKind::digit);
  for (const char32_t ideograph : {U'\x3042', U'\x30AB', U'\x4E2D', U'\xD55C', U'\xE01', U'\x20000'})
    CHECK(kindOf(ideograph) == CodePointKind::ideograph);
}

TEST_CASE("capitals become small letters", "[embed]") {
  const std::u32string capitals = U"AZ\u00C0\u00DE\u0100\u0130\u0139\u0141\u014A\u0178\u0179\u0391\u03A9\u0401\u0410\u042F";
  const std::u32string small = U"az\u00E0\u00FE\u0101i\u013A\u0142\u014B\u00FF\u017A\u03B1\u03C9\u0451\u0430\u044F";
  for (std::size_t i = 0; i < capitals.size(); ++i) CHECK(toLower(capitals[i]) == small[i]);
}

TEST_CASE("everything but a capital stays as it is", "[embed]") {
  for (const char32_t other :
       std::u32string(U"az@[{09\u00D7\u00F7\u00DF\u00E0\u00FF\u0138\u0149\u017F\u0101\u0142\u03A2\u03C9\u044F\u4E2D"))
    CHECK(toLower(other) == other);
  for (char32_t any = 0; any < 0x500; ++any) CHECK(toLower(toLower(any)) == toLower(any));
}
