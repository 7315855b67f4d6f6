#include "local/sqlite.hpp"

#include <fstream>

#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("statements bind, step and are used again") {
  const test::ScratchFolder folder;
  Database database((folder.path() / "a.db").string());
  database.execute("CREATE TABLE t(number INTEGER, text TEXT, bytes BLOB)");
  Statement insert(database, "INSERT INTO t VALUES(?,?,?)");
  const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}};
  insert.bind(1, -7).bindText(2, "größe").bindBlob(3, bytes).run();
  insert.bind(1, 8).bindText(2, {}).bindBlob(3, {}).run();
  Statement query(database, "SELECT number, text, bytes, text IS NULL, bytes IS NULL FROM t ORDER BY number");
  REQUIRE(query.step());
  CHECK(query.integer(0) == -7);
  CHECK(query.text(1) == "größe");
  CHECK(std::equal(bytes.begin(), bytes.end(), query.blob(2).begin(), query.blob(2).end()));
  REQUIRE(query.step());
  CHECK(query.text(1).empty());
  CHECK(query.integer(3) == 0);
  CHECK(query.integer(4) == 0);
  CHECK_FALSE(query.step());
  CHECK(database.integer("SELECT count(*) FROM t") == 2);
}

TEST_CASE("a failed statement can be used again") {
  const test::ScratchFolder folder;
  Database database((folder.path() / "a.db").string());
  database.execute("CREATE TABLE t(number INTEGER UNIQUE)");
  Statement insert(database, "INSERT INTO t VALUES(?)");
  insert.bind(1, 1).run();
  CHECK_THROWS_AS(insert.bind(1, 1).run(), SqliteFault);
  insert.bind(1, 2).run();
  CHECK(database.integer("SELECT sum(number) FROM t") == 3);
}

TEST_CASE("faults say which file, what and what to do") {
  const test::ScratchFolder folder;
  const auto messageOf = [](const auto& action) {
    try {
      action();
    } catch (const SqliteFault& fault) {
      return fault.error();
    }
    return Error();
  };
  const Error missing = messageOf([&] { const Database database((folder.path() / "none/a.db").string()); });
  CHECK(missing.code() == make_error_code(Errc::storageBroken));
  CHECK(missing.message().find("none/a.db") != std::string::npos);

  std::ofstream((folder.path() / "text").string()) << std::string(4096, 'x');
  Database text((folder.path() / "text").string());
  const Error notADatabase = messageOf([&] { text.execute("SELECT * FROM sqlite_schema"); });
  CHECK(notADatabase.code() == make_error_code(Errc::storageBroken));
  CHECK(notADatabase.message().find("restore a copy") != std::string::npos);

  Database first((folder.path() / "a.db").string());
  first.execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
  Database second((folder.path() / "a.db").string());
  const Error busy = messageOf([&] { second.execute("BEGIN EXCLUSIVE"); });
  CHECK(busy.code() == make_error_code(Errc::inUse));
}
