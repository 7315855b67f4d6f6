#include "codec/special_bytes.hpp"

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

}  // namespace

TEST_CASE("quotes, backslashes and control bytes are special, whatever their place in a block") {
  for (unsigned byte = 0; byte < 256; ++byte) {
    CAPTURE(byte);
    const bool special = byte < 0x20 || byte == '"' || byte == '\\';
    CHECK(isSpecialByte(static_cast<unsigned char>(byte)) == special);
    for (const std::size_t size : {1, 15, 16, 17, 63, 64, 65, 127, 128, 130}) {
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

TEST_CASE("the fast finder finds what looking at each byte finds, and reads nothing else") {
  const std::uint64_t seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  qbatch::test::GuardedText guarded(SpecialPlaces::longestPiece);
  for (std::size_t round = qbatch::test::campaignSize(5000); round > 0; --round) {
    std::string text(random.below(random.chance(50) ? 200 : SpecialPlaces::longestPiece + 1), ' ');
    const auto percent = static_cast<unsigned>(random.below(101));
    for (char& c : text) c = static_cast<char>(random.chance(percent) ? random.below(256) : random.between('a', 'z'));
    const auto held = guarded.hold(text);
    REQUIRE(places(specialFinder(), held) == places(findSpecialsPlainly, held));
  }
}
