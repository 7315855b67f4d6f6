#include "local/candidates.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

/// Ten points, of which the even ones are "even", the first three have n 0, 1, 2 and the others none.
Collection tenPoints() {
  Collection points(VectorLayout{});
  for (std::uint64_t id = 0; id < 10; ++id) {
    const std::string kind = id % 2 == 0 ? "even" : "odd";
    points.put(id, 0, 0, {}, R"({"kind":")" + kind + '"' + (id < 3 ? ",\"n\":" + std::to_string(id) : "") + R"(,"on":true})");
  }
  points.setIndexes({{"kind", R"("keyword")"}, {"n", R"({"type":"integer","lookup":true})"}, {"on", R"("bool")"}, {"t", R"("text")"}});
  return points;
}
/// The ids, in order; nullopt where all points are candidates.
std::optional<std::vector<PointId>> idsFor(const Collection& points, std::string_view filter) {
  const auto rows = candidateRows(points, FilterTree::parse(filter));
  if (!rows) return std::nullopt;
  std::vector<PointId> ids;
  for (const std::size_t row : *rows) ids.push_back(points.id(row));
  std::sort(ids.begin(), ids.end());
  return ids;
}
using Ids = std::vector<PointId>;

}  // namespace

TEST_CASE("a value that must be there leaves the points that have it") {
  const Collection points = tenPoints();
  CHECK(idsFor(points, R"({"must":{"key":"kind","match":{"value":"even"}}})") == Ids{0, 2, 4, 6, 8});
  CHECK(idsFor(points, R"({"must":[{"key":"n","match":{"value":2}}]})") == Ids{2});
  CHECK(idsFor(points, R"({"must":[{"key":"n","match":{"value":7}}]})") == Ids{});
  CHECK(idsFor(points, R"({"must":[{"key":"on","match":{"value":false}}]})") == Ids{});
  CHECK(idsFor(points, R"({"must":[{"key":"on","match":{"value":true}}]})")->size() == 10);
}

TEST_CASE("of several values the rarest decides") {
  const Collection points = tenPoints();
  CHECK(idsFor(points, R"({"must":[{"key":"kind","match":{"value":"even"}},{"key":"n","match":{"value":1}}]})") == Ids{1});
  CHECK(idsFor(points, R"({"must":[{"key":"n","match":{"value":1}},{"key":"x","match":{"value":1}}]})") == Ids{1});
}

TEST_CASE("ids that must be among some are looked up") {
  const Collection points = tenPoints();
  CHECK(idsFor(points, R"({"must":[{"has_id":[3,99,1]}]})") == Ids{1, 3});
  CHECK(idsFor(points, R"({"must":[{"has_id":[3]},{"key":"kind","match":{"value":"even"}}]})") == Ids{3});
  CHECK(idsFor(points, R"({"must":[{"has_id":[]}]})") == Ids{});
}

TEST_CASE("where no index knows, all points are candidates") {
  const Collection points = tenPoints();
  for (const char* filter :
       {R"({})", R"({"must":{"key":"x","match":{"value":"even"}}})",  // no index
        R"({"must":{"key":"kind","match":{"value":1}}})",             // of another kind
        R"({"must":{"key":"n","match":{"value":"1"}}})", R"({"must":{"key":"t","match":{"value":"even"}}})",
        R"({"should":[{"key":"kind","match":{"value":"even"}}]})", R"({"must_not":[{"has_id":[3]}]})",
        R"({"must":{"key":"n","match":{"except":[1]}}})", R"({"should":[{"has_id":[3]}]})", R"({"must":{"key":"n","range":{"gte":1}}})"}) {
    CAPTURE(filter);
    CHECK_FALSE(idsFor(points, filter));
  }
}

TEST_CASE("candidates follow the points") {
  Collection points = tenPoints();
  const char* one = R"({"must":[{"key":"n","match":{"value":1}}]})";
  points.erase(1);
  CHECK(idsFor(points, one) == Ids{});
  points.setPayload(9, 1, R"({"n":[4,1]})");
  CHECK(idsFor(points, one) == Ids{9});
  points.put(77, 0, 0, {}, R"({"n":1})");  // takes the row that became free
  CHECK(idsFor(points, one) == Ids{9, 77});
  points.put(77, 0, 0, {}, R"({})");
  CHECK(idsFor(points, one) == Ids{9});
  points.setIndexes({{"n", R"("keyword")"}});
  CHECK_FALSE(idsFor(points, one));
  points.setIndexes({});
  CHECK_FALSE(idsFor(points, R"({"must":{"key":"kind","match":{"value":"even"}}})"));
}
