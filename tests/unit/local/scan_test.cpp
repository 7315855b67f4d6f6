#include "local/scan.hpp"

#include <array>
#include <map>
#include <string>

#include "local/candidates.hpp"
#include "local/held_vectors.hpp"
#include "local/refusal.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

using Ids = std::vector<PointId>;
using qbatch::test::Random;

Ids scanned(const Collection& points, const FilterTree& filter, const std::optional<PointId>& from = {}, std::size_t most = 1000) {
  Ids ids;
  scan(points, filter, from, Interrupt(), [&](std::size_t row) {
    ids.push_back(points.id(row));
    return ids.size() < most;
  });
  return ids;
}

PointId someId(Random& random) {
  constexpr std::array<const char*, 3> uuids{"00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002",
                                             "ffffffff-0000-4000-8000-000000000001"};
  if (random.chance(10)) return PointId::parse(uuids[random.below(uuids.size())]);
  return PointId(random.below(60));
}
std::string someValue(Random& random, unsigned depth = 0) {
  constexpr std::array<const char*, 11> values{R"("a")", R"("b")", R"("c")", "0", "1", "2", "1.0", "1.5", "true", "false", "null"};
  const auto pick = random.below(depth < 2 ? 14 : 11);
  if (pick < values.size()) return values[pick];
  if (pick == 11) return R"({"g":)" + someValue(random, depth + 1) + "}";
  std::string list;
  for (std::size_t count = random.below(4); count > 0; --count) list += (list.empty() ? "" : ",") + someValue(random, depth + 1);
  return "[" + list + "]";
}
std::string somePayload(Random& random) {
  std::string members;
  for (const char* name : {"f", "h"}) {
    if (random.chance(80)) members += (members.empty() ? "\"" : ",\"") + std::string(name) + "\":" + someValue(random);
  }
  return "{" + members + "}";
}
constexpr std::array<const char*, 5> paths{"f", "h", "f.g", "f[]", "f[].g"};
std::string someCondition(Random& random) {
  constexpr std::array<const char*, 8> values{R"("a")", R"("b")", R"("z")", "0", "1", "7", "true", "false"};
  if (random.chance(10)) return R"({"has_id":[1,2,3,5,8,13,21,34,"00000000-0000-4000-8000-000000000002"]})";
  if (random.chance(10)) return R"({"has_vector":""})";
  const std::string path = paths[random.below(paths.size())];
  if (random.chance(10)) return R"({"is_empty":{"key":")" + path + "\"}}";
  return R"({"key":")" + path + R"(","match":{"value":)" + values[random.below(values.size())] + "}}";
}
std::string someFilter(Random& random) {
  std::string filter;
  for (const auto& [list, percent] : {std::pair("must", 85U), std::pair("should", 30U), std::pair("must_not", 30U)}) {
    if (!random.chance(percent)) continue;
    filter += (filter.empty() ? "\"" : ",\"") + std::string(list) + "\":[" + someCondition(random);
    if (random.chance(40)) filter += "," + someCondition(random);
    filter += "]";
  }
  return "{" + filter + "}";
}
std::map<std::string, std::string, std::less<>> someIndexes(Random& random) {
  constexpr std::array<const char*, 6> kinds{R"("keyword")",  R"("integer")", R"("bool")",
                                             R"("datetime")", R"("float")",   R"({"type":"keyword","on_disk":true})"};
  std::map<std::string, std::string, std::less<>> schema;
  for (const char* path : paths) {
    if (random.chance(50)) schema.emplace(path, kinds[random.below(kinds.size())]);
  }
  return schema;
}

/// A collection beside what should be in it.
struct Modelled {
  Collection points{VectorLayout{{{"", 1, Distance::dot}}, {}}};
  struct Point {
    std::string payload;
    bool hasVector;
  };
  std::map<PointId, Point> model{};

  void change(Random& random) {
    const PointId id = someId(random);
    const auto known = model.find(id);
    if (random.chance(25)) {
      points.erase(id);
      model.erase(id);
    } else if (known != model.end() && random.chance(50)) {
      points.setPayload(id, 1, known->second.payload = somePayload(random));
    } else {
      const bool hasVector = random.chance(50);
      const std::string payload = somePayload(random);
      points.put(id, 1, 1, hasVector ? PointVectors::ofOne(0, {1}) : PointVectors{}, payload);
      model[id] = {payload, hasVector};
    }
    if (random.chance(2)) points.setIndexes(someIndexes(random));
  }
  [[nodiscard]] Ids passing(const FilterTree& filter, const PointId& from) const {
    Ids ids;
    PayloadReader reader;
    for (auto place = model.lower_bound(from); place != model.end(); ++place) {
      const auto vectors = place->second.hasVector ? PointVectors::ofOne(0, {1}) : PointVectors{};
      const VectorsView view(points.layout(), vectors);
      const HeldVectorsOf held(view);
      if (filter.passes({place->first, place->second.payload, &held}, reader)) ids.push_back(place->first);
    }
    return ids;
  }
};

}  // namespace

TEST_CASE("a scan goes by ascending id from where it is told until it is told to stop") {
  Collection points(VectorLayout{});
  const PointId uuid = PointId::parse("00000000-0000-4000-8000-000000000001");
  for (const PointId& id : {uuid, PointId(30), PointId(10), PointId(20)}) points.put(id, 0, 0, {}, R"({"f":"x"})");
  const std::string some = R"({"must":{"has_id":[20,"00000000-0000-4000-8000-000000000001",10]}})";
  CHECK(scanned(points, {}) == Ids{10, 20, 30, uuid});
  CHECK(scanned(points, {}, PointId(20)) == Ids{20, 30, uuid});
  CHECK(scanned(points, {}, PointId(21), 1) == Ids{30});
  CHECK(scanned(points, FilterTree::parse(some)) == Ids{10, 20, uuid});
  CHECK(scanned(points, FilterTree::parse(some), PointId(11), 1) == Ids{20});
  points.setIndexes({{"f", R"("keyword")"}});
  CHECK(scanned(points, FilterTree::parse(R"({"must":{"key":"f","match":{"value":"x"}}})"), PointId(20)) == Ids{20, 30, uuid});
}

TEST_CASE("a scan of many points ends when it is interrupted") {
  Collection points(VectorLayout{});
  for (std::uint64_t id = 0; id < 5000; ++id) points.put(id, 0, 0, {}, "{}");
  std::stop_source stop;
  CallLimits limits;
  limits.stop = stop.get_token();
  std::size_t seen = 0;
  const auto visit = [&](std::size_t) {
    if (++seen == 100) stop.request_stop();
    return true;
  };
  CHECK_THROWS_AS(scan(points, {}, std::nullopt, Interrupt(limits), visit), Refusal);
  CHECK(seen >= 100);
  CHECK(seen < 5000);
}

TEST_CASE("passesAt asks the point of the row, its vectors included") {
  Collection points(VectorLayout{{{"", 1, Distance::dot}}, {}});
  points.put(4, 0, 0, PointVectors::ofOne(0, {1}), R"({"f":1})");
  points.put(5, 0, 0, {}, R"({"f":1})");
  PayloadReader reader;
  const auto filter = FilterTree::parse(R"({"must":[{"has_vector":""},{"key":"f","match":{"value":1}}]})");
  CHECK(passesAt(points, *points.find(4), filter, reader));
  CHECK_FALSE(passesAt(points, *points.find(5), filter, reader));
}

TEST_CASE("with any indexes a scan finds what looking at every point finds") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  Modelled modelled;
  std::size_t found = 0, byIndex = 0;
  for (std::size_t round = 0; round < qbatch::test::campaignSize(1500); ++round) {
    for (int i = 0; i < 5; ++i) modelled.change(random);
    const std::string text = someFilter(random);
    const auto filter = FilterTree::parse(text);
    const PointId from = random.chance(50) ? PointId(0) : someId(random);
    const Ids wanted = modelled.passing(filter, from);
    CAPTURE(round, text);
    REQUIRE(scanned(modelled.points, filter, from) == wanted);
    found += wanted.size();
    byIndex += candidateRows(modelled.points, filter) ? 1 : 0;
  }
  CHECK(found > 1000);  // or nothing was tested
  CHECK(byIndex > 200);
}
