#include "local/staged_writes.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

CollectionInfo collection(std::string name) {
  CollectionInfo info;
  info.name = std::move(name);
  info.dimension = 1;
  return info;
}

/// A catalog with the collection `c` that holds point 1.
struct Stored {
  Catalog catalog;
  Stored() {
    StagedWrites staged(catalog, nullptr);
    staged.createCollection(collection("c"));
    staged.put(*staged.names().find("c"), 1, {1}, "one");
    staged.publish();
  }
  [[nodiscard]] Shelf& shelf() const { return *catalog.names()->find("c"); }
};

}  // namespace

TEST_CASE("what is staged is seen by the writer alone until it is published") {
  Stored stored;
  Catalog& catalog = stored.catalog;
  Shelf& shelf = stored.shelf();
  {
    StagedWrites staged(catalog, nullptr);
    staged.put(shelf, 2, {2}, "two");
    staged.setPayload(shelf, 1, "changed");
    staged.createCollection(collection("d"));
    staged.setAlias("live", "d");
    CHECK(staged.point(shelf, 2)->payload == "two");
    CHECK(staged.point(shelf, 1)->payload == "changed");
    CHECK(staged.point(shelf, 1)->vector[0] == 1);
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
  staged.put(shelf, 1, {5}, "again");
  CHECK(staged.point(shelf, 1)->number == number);
  staged.setPayload(shelf, 1, "and again");
  CHECK(staged.point(shelf, 1)->vector[0] == 5);
  staged.put(shelf, 2, {2}, "two");
  staged.erase(shelf, 2);
  staged.erase(shelf, 3);
  staged.publish();
  CHECK(shelf.points.size() == 1);
  CHECK(shelf.points.payload(*shelf.points.find(1)) == "and again");
  CHECK(shelf.points.vector(*shelf.points.find(1))[0] == 5);
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
  CHECK(names->find("c")->points.size() == 1);
}
