#include "embed/tokenizer.hpp"

#include <random>
#include <string>
#include <vector>

#include "codec/code_point.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::embed;
using namespace qbatch::codec;

namespace {

/// The tokens in one line: words plain, identifiers in brackets, symbols in angle brackets. ASCII only.
std::string shown(std::string_view text) {
  Tokenizer tokenizer(text);
  std::string line;
  for (Token token; tokenizer.next(token);) {
    if (!line.empty()) line += ' ';
    std::string plain;
    for (const char32_t codePoint : token.text) plain.push_back(codePoint < 0x80 ? static_cast<char>(codePoint) : '?');
    switch (token.kind) {
      case Token::Kind::word:
        line += plain;
        break;
      case Token::Kind::identifier:
        line += '[' + plain + ']';
        break;
      case Token::Kind::symbols:
        line += '<' + plain + '>';
        break;
    }
  }
  return line;
}

std::vector<std::u32string> texts(std::string_view text) {
  Tokenizer tokenizer(text);
  std::vector<std::u32string> all;
  for (Token token; tokenizer.next(token);) all.emplace_back(token.text);
  return all;
}

}  // namespace

TEST_CASE("words are split at blanks and signs, and made small", "[embed]") {
  CHECK(shown("Read the File, then\tclose it.") == "read the file <,> then close it <.>");
  CHECK(shown("a->b != c") == "a <->> b <!=> c");
}

TEST_CASE("identifiers are split, and follow whole", "[embed]") {
  CHECK(shown("camelCase") == "camel case [camelcase]");
  CHECK(shown("PascalCaseName") == "pascal case name [pascalcasename]");
  CHECK(shown("snake_case_name") == "snake case name [snakecasename]");
  CHECK(shown("SCREAMING_CASE") == "screaming case [screamingcase]");
  CHECK(shown("HTTPServer") == "http server [httpserver]");
  CHECK(shown("parseHTTPHeader") == "parse http header [parsehttpheader]");
  CHECK(shown("getURL") == "get url [geturl]");
  CHECK(shown("utf8") == "utf 8 [utf8]");
  CHECK(shown("sha256Sum") == "sha 256 sum [sha256sum]");
  CHECK(shown("ABc") == "a bc [abc]");
  CHECK(shown("3D") == "3 d [3d]");
  CHECK(shown("x") == "x");
  CHECK(shown("HTTP") == "http");
}

TEST_CASE("underscores around a word are dropped, and are symbols alone", "[embed]") {
  CHECK(shown("__init__") == "init");
  CHECK(shown("_private_name") == "private name [privatename]");
  CHECK(shown("_ + ___") == "<_> <+> <_>");
}

TEST_CASE("spellings of one identifier meet", "[embed]") {
  CHECK(texts("http_server").back() == U"httpserver");
  CHECK(texts("HttpServer").back() == U"httpserver");
  CHECK(texts("HTTP_SERVER").back() == U"httpserver");
}

TEST_CASE("letters beyond ASCII are words", "[embed]") {
  CHECK(texts("\xC3\x9C"
              "bergr\xC3\xB6\xC3\x9F"
              "e") == std::vector<std::u32string>{U"\u00FCbergr\u00F6\u00DFe"});
  CHECK(texts("\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82, \xCE\xA9") ==
        std::vector<std::u32string>{U"\u043F\u0440\u0438\u0432\u0435\u0442", U",", U"\u03C9"});
}

TEST_CASE("each ideograph is a word", "[embed]") {
  CHECK(texts("\xE4\xB8\xAD\xE6\x96\x87x\xE5\xAD\x97") == std::vector<std::u32string>{U"\u4E2D", U"\u6587", U"x", U"\u5B57"});
}

TEST_CASE("bytes that are not UTF-8 are symbols", "[embed]") {
  CHECK(texts("ab\xFF\xFE"
              "cd") == std::vector<std::u32string>{U"ab", U"\uFFFD\uFFFD", U"cd"});
}

TEST_CASE("a blank text has no tokens", "[embed]") {
  CHECK(texts("").empty());
  CHECK(texts(std::string_view(" \t\r\n\0\x7F\xC2\xA0\xE3\x80\x80", 12)).empty());
}

TEST_CASE("the parts of any text hold all its visible characters", "[embed]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const std::string bytes = "abXYZ09__ .-(\n\xC3\x89\xA9\xE4\xB8\xAD\xFF";
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (auto length = random() % 24; length > 0; --length) text.push_back(bytes[random() % bytes.size()]);
    std::u32string expected, got;
    for (std::size_t offset = 0; offset < text.size();) {
      const char32_t codePoint = readCodePoint(text, offset);
      if (kindOf(codePoint) != CodePointKind::blank && codePoint != U'_') expected.push_back(toLower(codePoint));
    }
    Tokenizer tokenizer(text);
    for (Token token; tokenizer.next(token);) {
      REQUIRE_FALSE(token.text.empty());
      if (token.kind != Token::Kind::identifier && token.text != U"_") got += token.text;
    }
    CAPTURE(text);
    REQUIRE(got == expected);
  }
}
