#include "local/store_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

#include "local/row_bytes.hpp"
#include "local/store_upgrade.hpp"

namespace qbatch::local {
namespace {

constexpr std::uint32_t applicationId = 0x71626174;  // "qbat", as SQLite's application_id
constexpr std::int64_t format = storeFormat;         // SQLite's user_version; a higher one was written by a later version

// The tables, written here as SQLite keeps their text, with which a file is compared.
constexpr std::array<const char*, 3> tables{
    "CREATE TABLE collections(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL)",
    "CREATE TABLE aliases(name TEXT PRIMARY KEY, collection INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE points(number INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id BLOB NOT NULL, checksum INTEGER NOT NULL, "
    "payload TEXT NOT NULL, record BLOB NOT NULL)"};

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
  throw RequestError(Error(Errc::storageBroken, Origin::server, fmt::format("the store file `{}` {}", file, what)));
}

[[noreturn]] void refuseForeign(const std::string& file) {
  refuse(file,
         "is a database of another program, or its beginning is damaged: name another file, or restore a copy; this one was left as it is");
}

[[noreturn]] void refuseNewer(const std::string& file, std::int64_t found) {
  refuse(
      file,
      fmt::format("has format {}, and this version of qbatch reads up to format {}: use the newer version that wrote it, or restore a copy "
                  "if there is none; the file was left as it is",
                  found, format));
}

std::uint32_t bigEndianAt(const std::array<unsigned char, 100>& bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[offset + i];
  return value;
}

}  // namespace

struct StoreFile::Statements {
  explicit Statements(Database& database)
      : putCollection(database, "REPLACE INTO collections VALUES(?,?,?)"),
        dropCollection(database, "DELETE FROM collections WHERE number=?"),
        dropAliases(database, "DELETE FROM aliases WHERE collection=?"),
        setAlias(database, "REPLACE INTO aliases VALUES(?,?)"),
        dropAlias(database, "DELETE FROM aliases WHERE name=?"),
        putPoint(database, "REPLACE INTO points VALUES(?,?,?,?,?,?)"),
        erasePoint(database, "DELETE FROM points WHERE number=?") {}
  Statement putCollection, dropCollection, dropAliases, setAlias, dropAlias, putPoint, erasePoint;
};

void StoreFile::checkHeader(const std::string& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return;
    refuse(file, fmt::format("cannot be read ({}): check its permissions", std::generic_category().message(errno)));
  }
  std::array<unsigned char, 100> header{};
  const auto length = pread(descriptor, header.data(), header.size(), 0);
  const int number = errno;
  close(descriptor);
  if (length < 0) refuse(file, fmt::format("cannot be read: {}", std::generic_category().message(number)));
  if (length == 0) return;
  if (length < static_cast<ssize_t>(header.size()) || std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
    refuse(file, "is no store of qbatch, or its beginning is damaged: name another file, or restore a copy; this one was left as it is");
  }
  // The two version bytes: above 2 SQLite would take the file for one that it may only read.
  if (header[18] > 2 || header[19] > 2) refuseForeign(file);
  if (bigEndianAt(header, 68) != applicationId) refuseForeign(file);
  if (const std::int64_t found = bigEndianAt(header, 60); found > format) refuseNewer(file, found);
}

StoreFile::StoreFile(const std::string& file) : database_(file) {
  try {
    // Exclusive before the first read: the file is locked as long as it is open, and no shared-memory file is needed. All in one
    // transaction, because beginning it gives an empty file a first page: a file that holds anything holds all of what it needs.
    database_.execute("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
    checkFormat(database_.integer("SELECT count(*) FROM sqlite_schema") == 0 && database_.integer("PRAGMA application_id") == 0);
    database_.execute("COMMIT");
    if (database_.text("PRAGMA journal_mode=WAL") != "wal") refuse(file, "cannot be switched to a write-ahead log: put it on a local disk");
    database_.execute(
        "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864");
    if (const std::string found = database_.text("PRAGMA quick_check(1)"); found != "ok") refuseDamaged(found);
    statements_ = std::make_unique<Statements>(database_);
  } catch (...) {
    database_.leaveUntouched();
    throw;
  }
}

StoreFile::~StoreFile() = default;

void StoreFile::checkFormat(bool fresh) {
  if (fresh) return createTables();
  // Once more, because the newest header may stand in the write-ahead log.
  if (database_.integer("PRAGMA application_id") != applicationId) refuseForeign(database_.file());
  const std::int64_t found = database_.integer("PRAGMA user_version");
  if (found > format) refuseNewer(database_.file(), found);
  if (found < 1) refuseDamaged("it has no format number");
  if (found < format) {
    checkTables(olderTables(found));
    upgradeTables(database_, tables, [this](const std::string& what) { refuseDamaged(what); });
    database_.execute(fmt::format("PRAGMA user_version={}", format).c_str());
  }
  checkTables(tables);
}

void StoreFile::checkTables(std::span<const char* const> wanted) {
  Statement named(database_, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
  for (const char* table : wanted) {
    if (!named.step() || named.text(0) != table) refuseDamaged("its tables are not those of a store");
  }
  if (named.step()) refuseDamaged("there is something beside the tables of a store");
}

void StoreFile::createTables() {
  for (const char* table : tables) database_.execute(table);
  database_.execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", applicationId, format).c_str());
}

void StoreFile::refuseDamaged(const std::string& what) {
  database_.leaveUntouched();
  refuse(database_.file(), fmt::format("is damaged ({}): restore a copy of it; the file was left as it is", what));
}

std::vector<StoredCollection> StoreFile::collections() {
  std::vector<StoredCollection> result;
  Statement query(database_, "SELECT number, name, config FROM collections ORDER BY number");
  while (query.step()) result.push_back({query.integer(0), std::string(query.text(1)), std::string(query.text(2))});
  return result;
}

std::vector<std::pair<std::string, std::int64_t>> StoreFile::aliases() {
  std::vector<std::pair<std::string, std::int64_t>> result;
  Statement query(database_, "SELECT name, collection FROM aliases");
  while (query.step()) result.emplace_back(query.text(0), query.integer(1));
  return result;
}

void StoreFile::eachPoint(const std::function<void(const StoredRow&)>& visit) {
  Statement query(database_, "SELECT number, collection, id, checksum, payload, record FROM points ORDER BY number");
  while (query.step()) {
    StoredRow row;
    row.number = query.integer(0);
    row.collection = query.integer(1);
    const auto id = idFromBytes(query.blob(2));
    if (!id) refuseDamaged(fmt::format("record {} has no valid point id", row.number));
    row.id = *id;
    row.payload = query.text(4);
    row.record = query.blob(5);
    if (checksum(idBytes(row.id), row.record, row.payload) != query.integer(3)) {
      refuseDamaged(fmt::format("point {} in record {} is not what was stored", row.id.toString(), row.number));
    }
    visit(row);
  }
}

void StoreFile::begin() { database_.execute("BEGIN IMMEDIATE"); }

void StoreFile::commit() { database_.execute("COMMIT"); }

bool StoreFile::rollback() noexcept {
  try {
    if (database_.inTransaction()) database_.execute("ROLLBACK");
    return !database_.inTransaction();
  } catch (const std::exception&) {
    return false;
  }
}

void StoreFile::limitPages(std::int64_t pages) { database_.execute(fmt::format("PRAGMA max_page_count={}", pages).c_str()); }

void StoreFile::putCollection(const StoredCollection& collection) {
  statements_->putCollection.bind(1, collection.number).bindText(2, collection.name).bindText(3, collection.config).run();
}

void StoreFile::dropCollection(std::int64_t number) {
  statements_->dropAliases.bind(1, number).run();
  statements_->dropCollection.bind(1, number).run();
}

void StoreFile::setAlias(std::string_view alias, std::int64_t collection) {
  statements_->setAlias.bindText(1, alias).bind(2, collection).run();
}

void StoreFile::dropAlias(std::string_view alias) { statements_->dropAlias.bindText(1, alias).run(); }

void StoreFile::putPoint(const StoredRow& row) {
  const IdBytes id = idBytes(row.id);
  statements_->putPoint.bind(1, row.number)
      .bind(2, row.collection)
      .bindBlob(3, id)
      .bind(4, checksum(id, row.record, row.payload))
      .bindText(5, row.payload)
      .bindBlob(6, row.record)
      .run();
}

void StoreFile::erasePoint(std::int64_t number) { statements_->erasePoint.bind(1, number).run(); }

}  // namespace qbatch::local
