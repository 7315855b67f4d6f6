#include "run/ids_on_the_way.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace qbatch;
using run::IdsOnTheWay;
using Windows = std::unordered_set<std::size_t>;

namespace {

Windows enter(IdsOnTheWay& ids, std::size_t window, std::vector<std::pair<std::uint64_t, std::uint64_t>> items) {
  std::vector<PointId> points;
  std::vector<std::uint64_t> hashes;
  for (const auto& [id, hash] : items) {
    points.emplace_back(id);
    hashes.push_back(hash);
  }
  return ids.enter(window, points, hashes);
}

}  // namespace

TEST_CASE("a window waits for those that hold another content of one of its ids") {
  IdsOnTheWay ids;
  CHECK(enter(ids, 0, {{1, 10}, {2, 20}}).empty());
  CHECK(enter(ids, 1, {{1, 10}, {3, 30}}).empty());  // the same content
  CHECK(enter(ids, 2, {{1, 11}, {4, 40}}) == Windows{0, 1});
  CHECK(enter(ids, 3, {{1, 10}}) == Windows{2});
  CHECK(enter(ids, 4, {{2, 20}, {3, 31}, {4, 41}}) == Windows{1, 2});
}

TEST_CASE("an id that stands twice in one window blocks nothing there, and both contents block others") {
  IdsOnTheWay ids;
  CHECK(enter(ids, 0, {{1, 10}, {1, 11}}).empty());
  CHECK(enter(ids, 1, {{1, 11}}) == Windows{0});
}

TEST_CASE("what has left blocks nothing") {
  IdsOnTheWay ids;
  CHECK(enter(ids, 0, {{1, 10}}).empty());
  CHECK(enter(ids, 1, {{1, 11}}) == Windows{0});
  ids.leave(0, std::vector{PointId(1)});
  CHECK(enter(ids, 2, {{1, 12}}) == Windows{1});
  ids.leave(1, std::vector{PointId(1)});
  ids.leave(2, std::vector{PointId(1)});
  CHECK(ids.empty());
  CHECK(enter(ids, 3, {{1, 13}}).empty());
}
