#include "local/catalog.hpp"

#include <functional>

#include "local/row_bytes.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

CollectionConfig config(std::string name) { return CollectionConfig::parse(std::move(name), R"({"vectors":{"size":1,"distance":"Dot"}})"); }
StoredCollection collection(std::int64_t number, std::string name) { return {number, name, config(name).text()}; }

std::vector<std::byte> recordOf(std::vector<float> vector) {
  const VectorLayout layout{{{"", vector.size(), Distance::dot}}, {}};
  const PointVectors vectors = PointVectors::ofOne(0, std::move(vector));
  std::vector<std::byte> record;
  appendRecord(record, 7, VectorsView(layout, vectors));
  return record;
}
const std::vector<std::byte> one = recordOf({1}), two = recordOf({1, 2});

/// What loading a store says in which `change` was made beside one sound collection with one point.
std::string loadError(const std::function<void(StoreFile&)>& change) {
  const test::ScratchFolder folder;
  StoreFile file((folder.path() / "a.db").string());
  file.begin();
  file.putCollection(collection(1, "c"));
  file.putPoint({1, 1, PointId(77), one, "{}"});
  change(file);
  file.commit();
  Catalog catalog;
  try {
    catalog.load(file);
  } catch (const RequestError& error) {
    CHECK(error.error().code() == make_error_code(Errc::storageBroken));
    CHECK(catalog.names()->collections.empty());
    return error.error().message();
  }
  return {};
}

bool says(const std::string& message, const std::string& words) { return message.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("a file is loaded with collections, aliases and points, and numbers go on behind its own") {
  const test::ScratchFolder folder;
  StoreFile file((folder.path() / "a.db").string());
  file.begin();
  file.putCollection(collection(3, "c"));
  file.putCollection(collection(8, "d"));
  file.setAlias("live", 8);
  file.setAlias("also", 8);
  file.putPoint({40, 8, PointId(77), one, R"({"a":1})"});
  file.commit();
  Catalog catalog;
  catalog.load(file);
  const auto names = catalog.names();
  CHECK(names->find("c")->shelf->points.size() == 0);
  CHECK(names->find("live") == names->find("d"));
  CHECK(names->aliasesOf("d") == std::vector<std::string>{"also", "live"});
  CHECK_FALSE(names->find("none"));
  CHECK(names->find("d")->shelf->points.payload(0) == R"({"a":1})");
  CHECK(names->find("d")->shelf->operations == 7);
  CHECK(catalog.nextCollectionNumber() == 9);
  CHECK(catalog.nextPointNumber() == 41);
}

TEST_CASE("records that contradict each other are damage, and the point is named") {
  CHECK(loadError([](StoreFile&) {}).empty());
  CHECK(says(loadError([](StoreFile& file) {
               file.putPoint({2, 1, PointId(78), two, "{}"});
             }),
             "point 78: its vectors are not those of its collection"));
  CHECK(says(loadError([](StoreFile& file) {
               file.putPoint({2, 1, PointId(78), one, "[1]"});
             }),
             "point 78: its payload is no JSON object"));
  CHECK(says(loadError([](StoreFile& file) { file.putPoint({2, 9, PointId(78), one, "{}"}); }), "point 78: its collection is missing"));
  CHECK(says(loadError([](StoreFile& file) { file.putPoint({2, 1, PointId(77), one, "{}"}); }), "point 77: it is stored twice"));
  CHECK(says(loadError([](StoreFile& file) { file.setAlias("live", 9); }), "alias `live`"));
}

TEST_CASE("names that were handed out do not change when others are published") {
  Catalog catalog;
  const auto before = catalog.names();
  auto changed = std::make_shared<Names>();
  const auto made = std::make_shared<const CollectionConfig>(config("c"));
  changed->collections.emplace("c", CollectionEntry{made, std::make_shared<Shelf>(1, made->layout)});
  catalog.publish(changed);
  CHECK_FALSE(before->find("c"));
  CHECK(catalog.names()->find("c"));
}
