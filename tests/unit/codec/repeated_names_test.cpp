#include "codec/repeated_names.hpp"

#include <string>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::codec;

namespace {

std::string marked(const std::vector<std::string>& names) {
  std::vector<CheckedJson::Member> members;
  for (const auto& name : names) members.push_back({.name = name});
  const bool any = markRepeated(members);
  std::string marks;
  for (const auto& member : members) marks += member.repeated ? '1' : '0';
  CHECK(any == (marks.find('1') != std::string::npos));
  return marks;
}

}  // namespace

TEST_CASE("of members of one name all but the last are marked") {
  CHECK(marked({}).empty());
  CHECK(marked({"a"}) == "0");
  CHECK(marked({"a", "b", "a", "", "a", ""}) == "101100");
}

TEST_CASE("names are marked as comparing each with each tells") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  for (std::size_t round = qbatch::test::campaignSize(2000); round > 0; --round) {
    std::vector<std::string> names(random.below(40));
    for (auto& name : names) {
      for (auto size = random.below(random.chance(50) ? 3 : 12); size > 0; --size) name += static_cast<char>(random.between('a', 'e'));
    }
    std::string expected;
    for (std::size_t i = 0; i < names.size(); ++i) {
      bool repeated = false;
      for (std::size_t later = i + 1; later < names.size(); ++later) repeated |= names[later] == names[i];
      expected += repeated ? '1' : '0';
    }
    REQUIRE(marked(names) == expected);
  }
}
