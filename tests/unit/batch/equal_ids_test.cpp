#include "batch/equal_ids.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;
using Indices = std::vector<std::size_t>;

namespace {

struct Result {
  Indices sent;
  std::vector<Indices> groups;
};

/// Sends the last of each group.
Result lastOfEach(const std::vector<PointId>& ids, std::vector<bool> good = {}) {
  if (good.empty()) good.assign(ids.size(), true);
  Result result;
  const auto sent = oneOfEachId(
      good, [&](std::size_t i) -> const PointId& { return ids[i]; },
      [&](IdGroup group) {
        result.groups.emplace_back(group.begin(), group.end());
        return group.back();
      });
  for (std::size_t position = 0; position < sent.size(); ++position) result.sent.push_back(sent[position]);
  return result;
}

}  // namespace

TEST_CASE("equal_ids: different ids are all sent, in whatever order they come", "[batch]") {
  CHECK(lastOfEach({1, 2, 3}).sent == Indices{0, 1, 2});
  CHECK(lastOfEach({3, 1, 2}).sent == Indices{0, 1, 2});
  CHECK(lastOfEach({3, 1, 2}).groups.empty());
  CHECK(lastOfEach({}).sent.empty());
}

TEST_CASE("equal_ids: of each id the item is sent that was chosen", "[batch]") {
  const auto result = lastOfEach({5, 1, 5, 7, 1, 5});
  CHECK(result.sent == Indices{3, 4, 5});
  CHECK(result.groups == std::vector<Indices>{{1, 4}, {0, 2, 5}});
  CHECK(lastOfEach({1, 1}).sent == Indices{1});
}

TEST_CASE("equal_ids: items that are not good take no part", "[batch]") {
  const auto result = lastOfEach({5, 1, 5, 5}, {true, true, false, true});
  CHECK(result.sent == Indices{1, 3});
  CHECK(result.groups == std::vector<Indices>{{0, 3}});
  CHECK(lastOfEach({1, 2, 3}, {true, false, true}).sent == Indices{0, 2});
  CHECK(lastOfEach({2, 2}, {false, false}).sent.empty());
}

TEST_CASE("equal_ids: a number and a UUID with the same bytes are two ids", "[batch]") {
  CHECK(lastOfEach({PointId::fromUuid({}), PointId(0)}).groups.empty());
}
