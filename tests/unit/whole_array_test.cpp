#include "whole_array.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace qbatch;

namespace {

const std::vector<RefusedItem> refusedAt(std::initializer_list<std::size_t> indices) {
  std::vector<RefusedItem> refused;
  for (const auto index : indices) refused.push_back({index, "raw", "why"});
  return refused;
}

}  // namespace

TEST_CASE("refused elements are rejected in their places, and the others keep what became of them") {
  ReportData data;
  data.size = 3;
  data.ids = {PointId(10), PointId(11), PointId(12)};
  data.failures = {{1, Outcome::failed, Error(Errc::embedding, Origin::embedder, "e"), 2}};
  const auto refused = refusedAt({0, 3});
  const WholeArray whole(data, refused);
  CHECK(whole.data().size == 5);
  REQUIRE(whole.data().failures.size() == 3);
  CHECK(whole.data().failures[0].index == 0);
  CHECK(whole.data().failures[0].outcome == Outcome::rejected);
  CHECK(whole.data().failures[0].error.message() == "why");
  CHECK(whole.data().failures[0].attempts == 0);
  CHECK(whole.data().failures[1].index == 2);
  CHECK(whole.data().failures[1].outcome == Outcome::failed);
  CHECK(whole.data().failures[2].index == 3);
  CHECK(whole.data().ids[1] == PointId(10));
  CHECK(whole.data().ids[2] == PointId(11));
  CHECK(whole.data().ids[4] == PointId(12));
  CHECK_FALSE(whole.isGood(0));
  CHECK(whole.isGood(4));
  CHECK(whole.place(4) == 2);
  CHECK(&whole.refused(3) == &refused[1]);
}

TEST_CASE("hits stand with their queries, and a search that never began has none") {
  ReportData data;
  data.size = 2;
  data.hits = {{Hit()}, {Hit(), Hit()}};
  const auto refused = refusedAt({1});
  const WholeArray whole(data, refused);
  REQUIRE(whole.data().hits.size() == 3);
  CHECK(whole.data().hits[0].size() == 1);
  CHECK(whole.data().hits[1].empty());
  CHECK(whole.data().hits[2].size() == 2);
  data.hits.clear();
  CHECK(WholeArray(data, refused).data().hits.empty());
}

TEST_CASE("an array of refused elements alone") {
  const auto refused = refusedAt({0, 1});
  const WholeArray whole(ReportData(), refused);
  CHECK(whole.data().size == 2);
  CHECK(whole.data().failures.size() == 2);
}
