#include "stream/item_hash.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <unordered_set>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::stream;

namespace {

Pattern usual() {
  Pattern pattern{"Read a file", "open(path).read()", "python", Payload::parse(R"({"stars":3})"), 7, {0.5F, -1.0F, 2.25F}};
  return pattern;
}

std::uint64_t changed(const std::function<void(Pattern&)>& change) {
  Pattern pattern = usual();
  change(pattern);
  return contentHash(pattern);
}

}  // namespace

TEST_CASE("hashes are what they have always been, as checkpoints hold them") {
  // Worked out by a second implementation, in Python.
  CHECK(contentHash(Pattern{}) == 0xc40527cbbfc28837);
  CHECK(contentHash(usual()) == 0xb3debedeac3b224d);
  CHECK(contentHash(Pattern{"d", "c", "l", {}, PointId::parse("123e4567-e89b-12d3-a456-426614174000"), {1.0F}}) == 0x7c394a60c29b3a79);
  CHECK(contentHash("") == 0xa9976170b78e58ad);
  CHECK(contentHash("not json at all") == 0xac3e07618664be29);
  CHECK(itemDigest(0, 0) == 0xb124cd2cb5bb112e);
  CHECK(itemDigest(123456789, 0xb3debedeac3b224d) == 0x6359b246249f648b);
}

TEST_CASE("each part of a pattern changes its hash") {
  const std::vector<std::function<void(Pattern&)>> changes{
      [](Pattern&) {},
      [](Pattern& p) { p.description += '.'; },
      [](Pattern& p) { p.code[3] = 'N'; },
      [](Pattern& p) { p.language.clear(); },
      [](Pattern& p) { p.metadata.set("stars", 4); },
      [](Pattern& p) { p.metadata = {}; },
      [](Pattern& p) { p.id = 8; },
      [](Pattern& p) { p.id.reset(); },
      [](Pattern& p) { p.id = 0; },
      [](Pattern& p) { p.id = PointId::fromUuid(PointId(7).bytes()); },
      [](Pattern& p) { p.vector[0] = 0.25F; },
      [](Pattern& p) { p.vector[1] = 1.0F; },
      [](Pattern& p) { p.vector[2] = std::nextafter(2.25F, 3.0F); },
      [](Pattern& p) { p.vector.push_back(0); },
      [](Pattern& p) { p.vector.push_back(-0.0F); },
      [](Pattern& p) { p.vector.push_back(std::numeric_limits<float>::quiet_NaN()); },
      [](Pattern& p) { p.vector.pop_back(); },
      [](Pattern& p) { p.vector.clear(); },
      [](Pattern& p) { std::swap(p.vector[0], p.vector[1]); },
      [](Pattern& p) { std::swap(p.description, p.code); },
  };
  std::unordered_set<std::uint64_t> hashes;
  for (const auto& change : changes) CHECK(hashes.insert(changed(change)).second);
}

TEST_CASE("bytes that move from one field to the next change the hash") {
  const auto of = [](std::string description, std::string code, std::string language) {
    return contentHash(Pattern{std::move(description), std::move(code), std::move(language), {}, {}, {}});
  };
  std::unordered_set<std::uint64_t> hashes;
  const std::string text = "0123456789abcdef";
  std::size_t ways = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (std::size_t j = i; j <= text.size(); ++j, ++ways) hashes.insert(of(text.substr(0, i), text.substr(i, j - i), text.substr(j)));
  }
  CHECK(hashes.size() == ways);
  CHECK(of(std::string(8, '\0'), "", "") != of("", std::string(8, '\0'), ""));
  CHECK(contentHash(std::string(3, '\0')) != contentHash(std::string(4, '\0')));
  CHECK(contentHash(Pattern{"a", "", "", {}, {}, {}}) != contentHash("a"));
}

TEST_CASE("every single bit of a text changes the hash") {
  std::string text(61, 'x');
  std::unordered_set<std::uint64_t> hashes{contentHash(text)};
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    const char former = text[bit / 8];
    text[bit / 8] = static_cast<char>(static_cast<unsigned char>(former) ^ (1U << bit % 8));
    CHECK(hashes.insert(contentHash(text)).second);
    text[bit / 8] = former;
  }
}

TEST_CASE("digests of ranges add up, and tell items in another order or at another place apart") {
  const auto seed = test::seed();
  CAPTURE(seed);
  test::Random random(seed);
  constexpr std::size_t items = 300;
  std::vector<std::uint64_t> hashes(items);
  // Some are equal, and some are as small as indices are.
  for (auto& hash : hashes) hash = random.chance(50) ? random.below(items) : random.below(std::numeric_limits<std::uint64_t>::max());
  const auto digest = [&](std::size_t first, std::size_t last) {
    std::uint64_t sum = 0;
    for (std::size_t i = first; i < last; ++i) sum += itemDigest(i, hashes[i]);
    return sum;
  };
  const auto whole = digest(0, items);
  CHECK(whole == digest(0, 100) + digest(100, 217) + digest(217, items));
  for (int round = 0; round < 200; ++round) {
    const auto i = random.below(items), j = random.below(items);
    std::swap(hashes[i], hashes[j]);
    CHECK((digest(0, items) == whole) == (hashes[i] == hashes[j]));
    std::swap(hashes[i], hashes[j]);
  }
  std::unordered_set<std::uint64_t> digests;
  for (std::size_t i = 0; i < items; ++i)
    for (std::uint64_t hash = 0; hash < items; ++hash) digests.insert(itemDigest(i, hash));
  CHECK(digests.size() == items * items);
}
