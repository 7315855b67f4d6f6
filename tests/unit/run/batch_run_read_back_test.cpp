// What a read-back compares: by the names of the fields, and by the collection's own distance.
#include <vector>

#include "run/batch_run.hpp"
#include "support/catch.hpp"
#include "support/scripted_upserts.hpp"

using namespace qbatch;
using namespace qbatch::test;

TEST_CASE("read-back: metrics of any name that were counted meanwhile are no other content") {
  ScriptedUpserts fixture;
  fixture.options.fields.usageCount = "uses";
  fixture.script = [&](std::size_t, const Carried& carried) -> std::optional<Verdict> {
    for (auto [id, point] : carried.points) {
      const auto at = point.payload.find(R"("uses":0)");
      REQUIRE(at != std::string::npos);
      point.payload.replace(at, 8, R"("uses":5)");
      fixture.backend->points[id] = point;
    }
    return lost();
  };
  const auto report = fixture.client().storePatterns(differentPatterns(2));
  CHECK(report.ok());
  CHECK(report.notes().empty());
  CHECK(fixture.upserts.size() == 1);
}

TEST_CASE("read-back: vectors are compared as the collection keeps them") {
  const auto distance = GENERATE(Distance::cosine, Distance::dot, Distance::euclid);
  ScriptedUpserts fixture;
  CollectionInfo info;
  info.name = fixture.options.collection;
  info.dimension = 4;
  info.distance = distance;
  fixture.backend->collections[info.name] = info;
  fixture.script = [&](std::size_t, const Carried& carried) -> std::optional<Verdict> {
    for (const auto& [id, point] : carried.points) fixture.backend->points[id] = point;
    return lost();
  };
  CHECK(fixture.client().storePatterns(differentPatterns(2), replacing()).ok());
  CHECK(fixture.upserts.size() == 1);
}
