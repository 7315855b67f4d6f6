#include "embed/feature_hash.hpp"

#include <array>
#include <set>
#include <string>

#include "support/catch.hpp"

using namespace qbatch::embed;

// Golden values: worked out by a second implementation in another language. They may only change together with the version in the
// embedder's identity.
TEST_CASE("hashes are what they always were", "[embed]") {
  CHECK(hashFeature(FeatureKind::word, U"") == 0xAA1093E3C79AB7F9U);
  CHECK(hashFeature(FeatureKind::word, U"server") == 0x00641D325E1F51ACU);
  CHECK(hashFeature(FeatureKind::gram, U"server") == 0x69038F2EEEA71B7BU);
  CHECK(hashFeature(FeatureKind::symbols, U"\u2192\U0001F600") == 0x37DB52DEDFB115A4U);
  CHECK(hashPair(hashFeature(FeatureKind::word, U"http"), hashFeature(FeatureKind::word, U"server")) == 0x52ED2EE31D88B92DU);
}

TEST_CASE("a pair has an order", "[embed]") { CHECK(hashPair(1, 2) != hashPair(2, 1)); }

TEST_CASE("short features differ in the upper and the lowest bits", "[embed]") {
  std::set<std::uint64_t> upper;
  int odd = 0;
  for (char32_t a = U'a'; a <= U'z'; ++a) {
    for (char32_t b = U'a'; b <= U'z'; ++b) {
      const std::array<char32_t, 2> text{a, b};
      const auto hash = hashFeature(FeatureKind::word, {text.data(), text.size()});
      upper.insert(hash >> 54U);
      odd += static_cast<int>(hash & 1U);
    }
  }
  // 676 features over 1,024 values: about 495 differ by chance. Half of the signs should be odd.
  CHECK(upper.size() > 450);
  CHECK(odd > 270);
  CHECK(odd < 406);
}
