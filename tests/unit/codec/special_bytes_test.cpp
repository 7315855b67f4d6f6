#include "codec/special_bytes.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/guarded_text.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

std::vector<std::size_t> places(SpecialFinder find, std::string_view text) {
  SpecialPlaces found;
  find(text, found);
  return {found.at.begin(), found.at.begin() + static_cast<std::ptrdiff_t>(found.count)};
}

std::vector<std::size_t> stops(StopFinder find, std::string_view text, bool& escaped) {
  SpecialPlaces found;
  find(text, escaped, found);
  return {found.at.begin(), found.at.begin() + static_cast<std::ptrdiff_t>(found.count)};
}

/// Texts in which much hangs on how many backslashes follow each other.
std::string someText(qbatch::test::Random& random, std::size_t size) {
  std::string text(size, ' ');
  const auto percent = static_cast<unsigned>(random.below(101)), backslashes = static_cast<unsigned>(random.below(101));
  for (char& c : text) {
    const bool any = random.chance(percent);
    c = static_cast<char>(any ? random.below(256) : random.between('a', 'z'));
    if (any && random.chance(backslashes)) c = random.chance(70) ? '\\' : '"';
  }
  return text;
}

}  // namespace

TEST_CASE("quotes, backslashes and control bytes are special, whatever their place in a block") {
  for (unsigned byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    const bool special = byte < 0x20 || byte == '"' || byte == '\\';
    CHECK(isSpecialByte(static_cast<unsigned char>(byte)) == special);
    for (const std::size_t size : {1u, 15u, 16u, 17u, 63u, 64u, 65u, 127u, 128u, 130u}) {
      for (std::size_t place = 0; place < size; ++place) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(byte);
        REQUIRE(places(specialFinder(), text) == (special ? std::vector<std::size_t>{place} : std::vector<std::size_t>{}));
      }
    }
  }
}

TEST_CASE("as many special bytes as a piece can hold") {
  for (std::size_t size = 0; size <= SpecialPlaces::longestPiece; ++size) {
    const auto found = places(specialFinder(), std::string(size, '\n'));
    REQUIRE(found.size() == size);
    for (std::size_t i = 0; i < size; ++i) REQUIRE(found[i] == i);
  }
}

TEST_CASE("the fast finders find what looking at each byte finds, and read nothing else") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  qbatch::test::GuardedText guarded(SpecialPlaces::longestPiece);
  for (std::size_t round = qbatch::test::campaignSize(5000); round > 0; --round) {
    const auto text = someText(random, random.below(random.chance(50) ? 200 : SpecialPlaces::longestPiece + 1));
    const auto held = guarded.hold(text);
    REQUIRE(places(specialFinder(), held) == places(findSpecialsPlainly, held));
    bool escaped = random.chance(50), plainly = escaped;
    REQUIRE(stops(stopFinder(), held, escaped) == stops(findStopsPlainly, held, plainly));
    REQUIRE(escaped == plainly);
  }
}

TEST_CASE("reading a string stops at its end, at control bytes and at escapes that have no letter of their own") {
  const auto stopsOf = [](std::string_view text) {
    bool escaped = false;
    return stops(findStopsPlainly, text, escaped);
  };
  CHECK(stopsOf("plain \xFF") == std::vector<std::size_t>{});
  CHECK(stopsOf("a\"") == std::vector<std::size_t>{1});
  CHECK(stopsOf("\\\"\\\\\"") == std::vector<std::size_t>{4});
  CHECK(stopsOf(R"(\"\\\/\b\f\n\r\t)") == std::vector<std::size_t>{});
  CHECK(stopsOf("\\u0041\\x\\\n\n") == std::vector<std::size_t>{1, 7, 9, 10});
  bool escaped = false;
  CHECK(stops(findStopsPlainly, "a\\", escaped).empty());
  CHECK(escaped);
  CHECK(stops(findStopsPlainly, "\"\"", escaped) == std::vector<std::size_t>{1});
  CHECK_FALSE(escaped);
}

TEST_CASE("a cursor goes through the stops of a text of several pieces") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  for (std::size_t round = qbatch::test::campaignSize(500); round > 0; --round) {
    const auto text = someText(random, random.below(4000));
    StopCursor all(text);
    bool escaped = false;
    for (std::size_t begin = 0, from = 0; begin < text.size(); begin += SpecialPlaces::longestPiece) {
      for (const std::size_t place : stops(findStopsPlainly, std::string_view(text).substr(begin, SpecialPlaces::longestPiece), escaped)) {
        REQUIRE(all.next(from) == begin + place);
        from = begin + place + 1;
      }
      if (from < begin + SpecialPlaces::longestPiece) from = std::min(text.size(), begin + SpecialPlaces::longestPiece);
    }
  }
}
