#include "local/store_upgrade.hpp"

#include <fmt/core.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "local/collection_config.hpp"
#include "local/row_bytes.hpp"

namespace qbatch::local {
namespace {

// Format 1 kept one dense vector a point, as its bare values.
constexpr std::array<const char*, 3> tablesOf1{
    "CREATE TABLE collections(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, vector_name TEXT NOT NULL, dimension INTEGER NOT "
    "NULL, "
    "distance TEXT NOT NULL, embedder TEXT NOT NULL)",
    "CREATE TABLE aliases(name TEXT PRIMARY KEY, collection INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE points(number INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id BLOB NOT NULL, checksum INTEGER NOT NULL, "
    "payload TEXT NOT NULL, vector BLOB NOT NULL)"};

/// What stands in front of the values in a record of format 2: version 0, column 0, and the number of values.
std::vector<std::byte> recordOf(std::span<const std::byte> values) {
  std::vector<std::byte> record(16);
  const auto count = static_cast<std::uint32_t>(values.size() / sizeof(float));
  for (std::size_t i = 0; i < 4; ++i) record[12 + i] = static_cast<std::byte>(count >> (8 * i));
  record.insert(record.end(), values.begin(), values.end());
  return record;
}

class Upgrade {
 public:
  Upgrade(Database& database, const std::function<void(const std::string&)>& refuseDamaged)
      : database_(database), refuseDamaged_(refuseDamaged) {}

  void collections() {
    Statement old(database_, "SELECT number, name, vector_name, dimension, distance, embedder FROM old_collections ORDER BY number");
    Statement put(database_, "INSERT INTO collections VALUES(?,?,?)");
    while (old.step()) {
      CollectionInfo info;
      info.name = old.text(1);
      info.vectorName = old.text(2);
      const std::int64_t dimension = old.integer(3);
      const auto distance = parseDistance(old.text(4));
      if (dimension < 1 || dimension > 65536 || !distance)
        refuseDamaged_(fmt::format("collection `{}` has no valid dimension and distance", info.name));
      info.dimension = static_cast<std::size_t>(dimension);
      info.distance = *distance;
      info.embedder = old.text(5);
      const std::string config = CollectionConfig::of(info).text();
      put.bind(1, old.integer(0)).bindText(2, info.name).bindText(3, config).run();
    }
  }

  void points() {
    Statement old(database_, "SELECT number, collection, id, checksum, payload, vector FROM old_points ORDER BY number");
    Statement put(database_, "INSERT INTO points VALUES(?,?,?,?,?,?)");
    while (old.step()) {
      const auto values = old.blob(5);
      const auto bytes = old.blob(2);
      const auto id = idFromBytes(bytes);
      if (!id) refuseDamaged_(fmt::format("record {} has no valid point id", old.integer(0)));
      if (values.size() % sizeof(float) != 0 || checksum(idBytes(*id), values, old.text(4)) != old.integer(3))
        refuseDamaged_(fmt::format("point {} in record {} is not what was stored", id->toString(), old.integer(0)));
      const auto record = recordOf(values);
      put.bind(1, old.integer(0)).bind(2, old.integer(1)).bindBlob(3, bytes).bind(4, checksum(idBytes(*id), record, old.text(4)));
      put.bindText(5, old.text(4)).bindBlob(6, record).run();
    }
  }

 private:
  Database& database_;
  const std::function<void(const std::string&)>& refuseDamaged_;
};

}  // namespace

std::span<const char* const> olderTables(std::int64_t) { return tablesOf1; }

void upgradeTables(Database& database, std::span<const char* const> tables, const std::function<void(const std::string&)>& refuseDamaged) {
  for (const char* name : {"collections", "aliases", "points"})
    database.execute(fmt::format("ALTER TABLE {0} RENAME TO old_{0}", name).c_str());
  for (const char* table : tables) database.execute(table);
  Upgrade upgrade(database, refuseDamaged);
  upgrade.collections();
  database.execute("INSERT INTO aliases SELECT name, collection FROM old_aliases");
  upgrade.points();
  for (const char* name : {"collections", "aliases", "points"}) database.execute(fmt::format("DROP TABLE old_{}", name).c_str());
}

}  // namespace qbatch::local
