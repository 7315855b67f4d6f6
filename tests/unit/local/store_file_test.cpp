#include "local/store_file.hpp"

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

std::string bytesOf(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

StoredCollection patterns(std::int64_t number = 1) { return {number, "patterns", R"({"settings":{},"payload_schema":{}})"}; }

const std::vector<std::byte> record(16, std::byte{1});

std::size_t pointsIn(StoreFile& file) {
  std::size_t count = 0;
  file.eachPoint([&](const StoredRow&) { ++count; });
  return count;
}

/// Checks that opening is refused with these words and that not a byte is changed.
void checkRefused(const std::string& file, const std::string& words) {
  const std::string before = bytesOf(file);
  try {
    StoreFile::checkHeader(file);
    StoreFile store(file);
    static_cast<void>(store.collections());
    pointsIn(store);
    FAIL_CHECK("it was not refused");
  } catch (const RequestError& error) {
    CAPTURE(error.error().message());
    CHECK(error.error().code() == make_error_code(Errc::storageBroken));
    CHECK(error.error().message().find(words) != std::string::npos);
    CHECK(error.error().message().find(file) != std::string::npos);
  }
  CHECK(bytesOf(file) == before);
}

}  // namespace

TEST_CASE("what was committed is there again, and only that") {
  const test::ScratchFolder folder;
  const std::string name = (folder.path() / "a.db").string();
  {
    StoreFile file(name);
    file.begin();
    file.putCollection(patterns());
    file.setAlias("live", 1);
    file.putPoint({5, 1, PointId(77), record, R"({"a":1})"});
    file.putPoint({6, 1, PointId(78), record, "{}"});
    file.commit();
    file.begin();
    file.erasePoint(6);
    file.putPoint({5, 1, PointId(77), record, R"({"a":2})"});
    file.commit();
    file.begin();
    file.erasePoint(5);
    CHECK(file.rollback());
  }
  StoreFile file(name);
  const auto collections = file.collections();
  REQUIRE(collections.size() == 1);
  CHECK(collections[0].number == 1);
  CHECK(collections[0].name == "patterns");
  CHECK(collections[0].config == patterns().config);
  CHECK(file.aliases() == std::vector<std::pair<std::string, std::int64_t>>{{"live", 1}});
  std::size_t points = 0;
  file.eachPoint([&](const StoredRow& row) {
    ++points;
    CHECK(row.number == 5);
    CHECK(row.id == PointId(77));
    CHECK(row.payload == R"({"a":2})");
    CHECK(std::equal(row.record.begin(), row.record.end(), record.begin(), record.end()));
  });
  CHECK(points == 1);
}

TEST_CASE("a collection is dropped with its aliases") {
  const test::ScratchFolder folder;
  StoreFile file((folder.path() / "a.db").string());
  file.begin();
  file.putCollection(patterns());
  file.setAlias("live", 1);
  file.setAlias("other", 1);
  file.dropAlias("other");
  CHECK(file.aliases().size() == 1);
  file.dropCollection(1);
  file.commit();
  CHECK(file.collections().empty());
  CHECK(file.aliases().empty());
}

TEST_CASE("no shared-memory file is made, and nothing but the store is left after closing") {
  const test::ScratchFolder folder;
  {
    StoreFile file((folder.path() / "a.db").string());
    file.begin();
    file.putCollection(patterns());
    file.commit();
    CHECK_FALSE(std::filesystem::exists((folder.path() / "a.db-shm").string()));
    CHECK(std::filesystem::exists((folder.path() / "a.db-wal").string()));
  }
  CHECK_FALSE(std::filesystem::exists((folder.path() / "a.db-wal").string()));
  CHECK(std::filesystem::exists((folder.path() / "a.db").string()));
}

TEST_CASE("files of others are refused untouched") {
  const test::ScratchFolder folder;
  const std::string name = (folder.path() / "a").string();
  SECTION("a text file") {
    std::ofstream(name) << "some notes of mine\n";
    checkRefused(name, "not a store of qbatch");
  }
  SECTION("a long text file") {
    std::ofstream(name) << std::string(100000, 'x');
    checkRefused(name, "not a store of qbatch");
  }
  SECTION("another program's database") {
    {
      Database other(name);
      other.execute("CREATE TABLE notes(text TEXT); INSERT INTO notes VALUES('mine')");
    }
    checkRefused(name, "another program");
  }
  SECTION("another program's database whose tables are still in its log") {
    const std::string copy = (folder.path() / "copy").string();
    {
      Database other(name);
      other.execute("PRAGMA journal_mode=WAL; PRAGMA application_id=7; CREATE TABLE notes(text TEXT)");
      std::filesystem::copy_file(name, copy);
      std::filesystem::copy_file(name + "-wal", copy + "-wal");
    }
    checkRefused(copy, "another program");
  }
  SECTION("a newer format") {
    { StoreFile file(name); }
    {
      Database newer(name);
      newer.execute("PRAGMA user_version=3");
    }
    checkRefused(name, "newer version");
  }
}

TEST_CASE("an empty file becomes a store") {
  const test::ScratchFolder folder;
  { std::ofstream((folder.path() / "a").string()); }
  { StoreFile file((folder.path() / "a").string()); }
  StoreFile::checkHeader((folder.path() / "a").string());
  CHECK(StoreFile((folder.path() / "a").string()).collections().empty());
}

TEST_CASE("a point whose bytes changed is named") {
  const test::ScratchFolder folder;
  const std::string name = (folder.path() / "a.db").string();
  {
    StoreFile file(name);
    file.begin();
    file.putCollection(patterns());
    file.putPoint({1, 1, PointId(77), record, R"({"text":"needle"})"});
    file.commit();
  }
  std::string bytes = bytesOf(name);
  const auto at = bytes.find("needle");
  REQUIRE(at != std::string::npos);
  bytes[at] = 'N';
  std::ofstream(name, std::ios::binary) << bytes;
  checkRefused(name, "point 77");
}
