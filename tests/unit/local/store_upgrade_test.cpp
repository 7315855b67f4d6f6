#include "local/store_upgrade.hpp"

#include <filesystem>
#include <fstream>

#include "local/catalog.hpp"
#include "local/row_bytes.hpp"
#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;
using namespace qbatch::test;

namespace {

/// A store as version 0.1 of format 1 wrote it: a collection with an alias and two points.
void writeFormat1(const std::string& name, std::int64_t wrongBy = 0) {
  Database file(name);
  file.execute("PRAGMA journal_mode=WAL");
  for (const char* table : olderTables(1)) file.execute(table);
  file.execute("PRAGMA application_id=1902272884; PRAGMA user_version=1");
  file.execute("INSERT INTO collections VALUES(3,'c','code',2,'Manhattan','e1'); INSERT INTO aliases VALUES('live',3)");
  Statement put(file, "INSERT INTO points VALUES(?,3,?,?,?,?)");
  const std::string payload = R"({"usage_count":4})";
  for (std::int64_t number = 1; number <= 2; ++number) {
    const std::vector<float> vector{static_cast<float>(number), 0.5F};
    const auto bytes = std::as_bytes(std::span(vector));
    const auto id = idBytes(PointId(static_cast<std::uint64_t>(70 + number)));
    put.bind(1, number).bindBlob(2, id).bind(3, checksum(id, bytes, payload) + (number == 2 ? wrongBy : 0)).bindText(4, payload);
    put.bindBlob(5, bytes).run();
  }
}

std::string bytesOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a store of format 1 is opened, and is one of the present format from then on") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a.db").string();
  writeFormat1(name);
  for (int opened = 0; opened < 2; ++opened) {
    const auto backend = makeLocalBackend(name);
    const auto info = describe(*backend, "live");
    REQUIRE(info);
    CHECK(info->name == "c");
    CHECK(info->vectorName == "code");
    CHECK(info->distance == Distance::manhattan);
    CHECK(info->embedder == "e1");
    CHECK(info->points == 2);
    RetrievePoints request;
    request.collection = "c";
    request.vectorName = "code";
    const std::vector<PointId> ids{71, 72};
    request.ids = ids;
    request.withVector = true;
    const auto points = ask<std::vector<StoredPoint>>(*backend, request);
    REQUIRE(points.size() == 2);
    CHECK(points[1].payload == R"({"usage_count":4})");
    CHECK(points[1].vector == std::vector<float>{2, 0.5F});
  }
  CHECK(Database(name).integer("PRAGMA user_version") == storeFormat);
}

TEST_CASE("a damaged store of format 1 is refused as it is") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a.db").string();
  writeFormat1(name, 1);
  const std::string before = bytesOf(name);
  try {
    static_cast<void>(makeLocalBackend(name));
    FAIL("it was opened");
  } catch (const RequestError& error) {
    CHECK(error.error().message().find("point 72") != std::string::npos);
    CHECK(error.error().message().find("restore a copy") != std::string::npos);
  }
  CHECK(bytesOf(name) == before);
  CHECK(Database(name).integer("PRAGMA user_version") == 1);
}
