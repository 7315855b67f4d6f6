#include "batch/positions.hpp"

#include <algorithm>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch::batch;
using namespace qbatch::test;

namespace {

std::vector<std::size_t> listed(const Positions& positions) {
  std::vector<std::size_t> all;
  for (const auto& range : positions.ranges())
    for (auto position = range.first; position < range.last; ++position) all.push_back(position);
  return all;
}

}  // namespace

TEST_CASE("positions: a range is the usual case", "[batch]") {
  const Positions positions(Range{3, 8});
  CHECK(positions.size() == 5);
  CHECK(positions.front() == 3);
  CHECK(positions.whole());
  const auto [first, second] = positions.halves();
  CHECK(first == Positions(Range{3, 5}));
  CHECK(second == Positions(Range{5, 8}));
}

TEST_CASE("positions: ranges that touch become one, empty ones nothing", "[batch]") {
  Positions positions;
  positions.append({1, 3});
  positions.append({3, 3});
  positions.append({3, 4});
  positions.append({6, 7});
  CHECK(positions.ranges() == std::vector<Range>{{1, 4}, {6, 7}});
  CHECK(positions.size() == 4);
  CHECK_FALSE(positions.whole());
}

TEST_CASE("positions: parts, halves and unions are those of the list of positions", "[batch][property]") {
  const auto first = seed();
  for (std::size_t round = 0; round < 500; ++round) {
    CAPTURE(first + round);
    Random random(first + round);
    Positions positions, others;
    std::size_t next = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      next += random.below(3);
      const auto end = next + 1 + random.below(4);
      (random.chance(70) ? positions : others).append({next, end});
      next = end;
    }
    const auto all = listed(positions);
    REQUIRE(all.size() == positions.size());
    const auto merged = listed(Positions::merged(positions, others));
    CHECK(merged.size() == positions.size() + others.size());
    CHECK(std::is_sorted(merged.begin(), merged.end()));
    if (all.size() < 2) continue;
    const auto from = random.below(all.size()), to = random.between(from, all.size());
    const auto part = listed(positions.part({from, to}));
    CHECK(part == std::vector(all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)));
    const auto [one, other] = positions.halves();
    auto both = listed(one);
    CHECK(one.size() == all.size() / 2);
    for (const auto position : listed(other)) both.push_back(position);
    CHECK(both == all);
  }
}
