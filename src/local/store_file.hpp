#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/file_owner.hpp"
#include "local/sqlite.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::local {

/// A point as the file keeps it. Views.
struct StoredRow {
  std::int64_t number{};      ///< unique in the file
  std::int64_t collection{};  ///< the collection's number
  PointId id{0};
  std::span<const std::byte> record{};  ///< version and vectors, see appendRecord
  std::string_view payload{};
};

struct StoredCollection {
  std::int64_t number{};
  std::string name{};
  std::string config{};  ///< see CollectionConfig::text
};

/// The one SQLite file that keeps collections, aliases and points. What commit() returned from is on the disk. Used by one thread at a
/// time; the file must be owned (FileOwner). Every function throws SqliteFault or RequestError with a sentence that says what to do.
class StoreFile {
 public:
  /// Throws RequestError where the file's first bytes tell that it is no store of this format. Changes nothing, and locks nothing.
  static void checkHeader(const std::string& file);
  /// Becomes the owner of what is a store, or no file yet. Throws RequestError.
  [[nodiscard]] static std::unique_ptr<FileOwner> own(const std::string& file);
  /// Opens `file` (a canonical path) or creates it; a store of an older format becomes one of this format. Refuses, without changing a
  /// byte, what is no store.
  explicit StoreFile(const std::string& file);
  ~StoreFile();

  [[nodiscard]] std::vector<StoredCollection> collections();
  /// Alias and the number of its collection.
  [[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> aliases();
  /// Every point, in the order in which they were first stored. Views hold during the call.
  void eachPoint(const std::function<void(const StoredRow&)>& visit);

  /// Throws RequestError (storageBroken): the file is damaged, and what to do. Closing will not change it.
  [[noreturn]] void refuseDamaged(const std::string& what);

  void begin();
  /// Throws where the changes may or may not be on the disk, and where they are not; see SqliteFault.
  void commit();
  /// False where SQLite could not take the changes back.
  [[nodiscard]] bool rollback() noexcept;

  /// Lets the file grow to so many pages only, as a quota does; beyond it writes fail as on a full disk.
  void limitPages(std::int64_t pages);

  // Changes, within begin() and commit().
  /// Or gives the collection of this number another text.
  void putCollection(const StoredCollection& collection);
  /// Its aliases go with it; its points must be gone before.
  void dropCollection(std::int64_t number);
  void setAlias(std::string_view alias, std::int64_t collection);
  void dropAlias(std::string_view alias);
  void putPoint(const StoredRow& row);
  void erasePoint(std::int64_t number);

 private:
  struct Statements;

  Database database_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace qbatch::local
