#include "local/staged_writes.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

CollectionConfig collection(std::string name) {
  return CollectionConfig::parse(std::move(name), R"({"vectors":{"size":1,"distance":"Dot"}})");
}
PointVectors one(float value) { return PointVectors::ofOne(0, {value}); }

/// A catalog with the collection `c` that holds point 1.
struct Stored {
  Catalog catalog;
  Stored() {
    StagedWrites staged(catalog, nullptr);
    staged.createCollection(collection("c"));
    staged.put(*staged.names().at("c").shelf, 1, one(1), "one");
    staged.publish();
  }
  [[nodiscard]] Shelf& shelf() const { return *catalog.names()->at("c").shelf; }
};

}  // namespace

TEST_CASE("what is staged is seen by the writer alone until it is published") {
  Stored stored;
  Catalog& catalog = stored.catalog;
  Shelf& shelf = stored.shelf();
  {
    StagedWrites staged(catalog, nullptr);
    staged.put(shelf, 2, one(2), "two");
    staged.setPayload(shelf, 1, "changed");
    staged.createCollection(collection("d"));
    staged.setAlias("live", "d");
    CHECK(staged.point(shelf, 2)->payload == "two");
    CHECK(staged.point(shelf, 1)->payload == "changed");
    CHECK(staged.point(shelf, 1)->vectors.dense(0)[0] == 1);
    CHECK(staged.names().find("live"));
    CHECK(staged.bytes() > 0);
    CHECK(shelf.points.size() == 1);
    CHECK_FALSE(catalog.names()->find("d"));
  }
  // Dropped without publish().
  CHECK(shelf.points.payload(*shelf.points.find(1)) == "one");
  CHECK(shelf.points.size() == 1);
  CHECK_FALSE(catalog.names()->find("d"));
}

TEST_CASE("a point goes through every order of changes") {
  Stored stored;
  Catalog& catalog = stored.catalog;
  Shelf& shelf = stored.shelf();
  StagedWrites staged(catalog, nullptr);
  const auto number = staged.point(shelf, 1)->number;
  staged.erase(shelf, 1);
  CHECK_FALSE(staged.point(shelf, 1));
  staged.put(shelf, 1, one(5), "again");
  CHECK(staged.point(shelf, 1)->number == number);
  staged.setPayload(shelf, 1, "and again");
  CHECK(staged.point(shelf, 1)->vectors.dense(0)[0] == 5);
  staged.put(shelf, 2, one(2), "two");
  staged.erase(shelf, 2);
  staged.erase(shelf, 3);
  staged.publish();
  CHECK(shelf.points.size() == 1);
  CHECK(shelf.points.payload(*shelf.points.find(1)) == "and again");
  CHECK(shelf.points.dense(*shelf.points.find(1), 0)[0] == 5);
}

TEST_CASE("a reader that holds a dropped collection still has it") {
  Stored stored;
  Catalog& catalog = stored.catalog;
  const auto names = catalog.names();
  StagedWrites staged(catalog, nullptr);
  staged.setAlias("live", "c");
  staged.dropCollection("c");
  CHECK_FALSE(staged.names().find("live"));
  staged.publish();
  CHECK_FALSE(catalog.names()->find("c"));
  CHECK(names->find("c")->shelf->points.size() == 1);
}

TEST_CASE("every point is seen once and by id, as it is staged") {
  Stored stored;
  StagedWrites staged(stored.catalog, nullptr);
  Shelf& shelf = stored.shelf();
  staged.put(shelf, 5, one(5), "five");
  staged.put(shelf, 0, one(0), "zero");
  staged.put(shelf, 3, one(3), "three");
  staged.setPayload(shelf, 1, "changed");
  staged.erase(shelf, 3);
  std::string seen;
  staged.eachPoint(shelf, [&](const PointId& id, const PointState& state) {
    seen += id.toString() + "=" + std::string(state.payload) + " ";
    return true;
  });
  CHECK(seen == "0=zero 1=changed 5=five ");
  std::size_t count = 0;
  staged.eachPoint(shelf, [&](const PointId&, const PointState&) { return ++count < 2; });
  CHECK(count == 2);
}

TEST_CASE("operations are numbered, and numbers that were not published are given out again") {
  Stored stored;
  Shelf& shelf = stored.shelf();
  {
    StagedWrites staged(stored.catalog, nullptr);
    CHECK(staged.beginOperation(shelf) == 1);
    CHECK(staged.beginOperation(shelf) == 2);
  }
  StagedWrites staged(stored.catalog, nullptr);
  CHECK(staged.beginOperation(shelf) == 1);
  staged.setPayload(shelf, 1, "changed");
  staged.publish();
  CHECK(shelf.points.version(*shelf.points.find(1)) == 1);
  CHECK(shelf.operations == 1);
}

TEST_CASE("settings and aliases change, and a point keeps its vectors") {
  Stored stored;
  StagedWrites staged(stored.catalog, nullptr);
  staged.setAlias("live", "c");
  staged.setAlias("old", "c");
  staged.dropAlias("old");
  staged.dropAlias("none");
  auto config = *staged.names().at("c").config;
  config.payloadSchema.emplace("a", "\"keyword\"");
  staged.changeConfig(config);
  staged.publish();
  const auto names = stored.catalog.names();
  CHECK(names->aliasesOf("c") == std::vector<std::string>{"live"});
  CHECK(names->at("live").config->payloadSchema.size() == 1);
  CHECK(names->at("c").shelf->points.dense(0, 0)[0] == 1);
}
