#include "local/store_file.hpp"

#include <fmt/core.h>

#include <array>

#include "local/file_format.hpp"
#include "local/row_bytes.hpp"
#include "local/store_upgrade.hpp"

namespace qbatch::local {
namespace {

constexpr std::array<const char*, 3> tables{
    "CREATE TABLE collections(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, config TEXT NOT NULL)",
    "CREATE TABLE aliases(name TEXT PRIMARY KEY, collection INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE points(number INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id BLOB NOT NULL, checksum INTEGER NOT NULL, "
    "payload TEXT NOT NULL, record BLOB NOT NULL)"};

constexpr FileFormat storeFileFormat{storeWords, 0x71626174 /* "qbat" */, storeFormat, tables};

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

void StoreFile::checkHeader(const std::string& file) { local::checkHeader(file, storeFileFormat); }

std::unique_ptr<FileOwner> StoreFile::own(const std::string& file) { return ownFile(file, storeFileFormat); }

StoreFile::StoreFile(const std::string& file) : database_(file) {
  openFormat(database_, storeFileFormat, [this](std::int64_t found) {
    checkTables(database_, olderTables(found), storeFileFormat);
    upgradeTables(database_, tables, [this](const std::string& what) { refuseDamaged(what); });
  });
  statements_ = std::make_unique<Statements>(database_);
}

StoreFile::~StoreFile() = default;

void StoreFile::refuseDamaged(const std::string& what) { local::refuseDamaged(database_, storeFileFormat, what); }

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
