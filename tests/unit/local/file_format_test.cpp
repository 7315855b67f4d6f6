#include "local/file_format.hpp"

#include <array>
#include <filesystem>

#include "support/catch.hpp"
#include "support/file_bytes.hpp"
#include "support/request_error.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;
using namespace qbatch::test;

namespace {

constexpr std::array<const char*, 1> tables{"CREATE TABLE t(number INTEGER)"};
constexpr FileFormat second{storeWords, 77, 2, tables}, other{answerWords, 78, 2, tables}, third{storeWords, 77, 3, tables};

}  // namespace

TEST_CASE("a file gets its format, and is known by it again") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a").string();
  {
    Database database(name);
    openFormat(database, second);
    database.execute("INSERT INTO t VALUES(5)");
  }
  checkHeader(name, second);
  CHECK(requestError([&] { checkHeader(name, other); }).message().find("not a file of answers") != std::string::npos);
  Database database(name);
  openFormat(database, second);
  CHECK(database.integer("SELECT number FROM t") == 5);
  CHECK(database.text("PRAGMA journal_mode") == "wal");
  CHECK(database.integer("PRAGMA synchronous") == 2);
}

TEST_CASE("an older version is upgraded, in one transaction with its number") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a").string();
  {
    Database database(name);
    openFormat(database, second);
  }
  {
    Database database(name);
    CHECK_THROWS_AS(openFormat(database, third, [&](std::int64_t) { refuseDamaged(database, third, "on purpose"); }), RequestError);
  }
  {
    Database database(name);
    std::int64_t from = 0;
    openFormat(database, third, [&](std::int64_t found) { from = found; });
    CHECK(from == 2);
    CHECK(database.integer("PRAGMA user_version") == 3);
  }
  CHECK(requestError([&] { checkHeader(name, second); }).message().find("newer version") != std::string::npos);
}

TEST_CASE("what is of another format gets no owner's file") {
  const ScratchFolder folder;
  const std::string name = (folder.path() / "a").string();
  setBytes(name, "notes of mine");
  CHECK_THROWS_AS(ownFile(name, second), RequestError);
  CHECK_FALSE(std::filesystem::exists(FileOwner::pathFor(name)));
  const auto owner = ownFile((folder.path() / "new").string(), second);
  CHECK(requestError([&] { static_cast<void>(ownFile((folder.path() / "new").string(), second)); }).code() == make_error_code(Errc::inUse));
}

TEST_CASE("memory has a format, too") {
  Database database(":memory:");
  openFormat(database, second);
  CHECK(database.integer("SELECT count(*) FROM t") == 0);
}
