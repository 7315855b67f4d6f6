#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "local/collection.hpp"
#include "local/collection_config.hpp"
#include "local/fair_lock.hpp"
#include "local/store_file.hpp"

namespace qbatch::local {

/// A collection's points with the lock that guards them. `lock` is held for reading by everyone but the writer, and for writing by the
/// writer while it changes them; the writer may read without it.
struct Shelf : std::enable_shared_from_this<Shelf> {
  Shelf(std::int64_t itsNumber, VectorLayout layout) : number(itsNumber), points(std::move(layout)) {}

  const std::int64_t number;  // in the store file
  FairLock lock{};
  Collection points;
  std::uint64_t operations = 0;  // the writer's: the number of the last operation that changed points
};

/// A collection as its name finds it.
struct CollectionEntry {
  std::shared_ptr<const CollectionConfig> config{};
  std::shared_ptr<Shelf> shelf{};
};

/// Which collections and aliases there are. A value that is never changed once it is published.
struct Names {
  std::map<std::string, CollectionEntry, std::less<>> collections{};
  std::map<std::string, std::string, std::less<>> aliases{};  // alias, collection

  /// The collection of this name or alias; null where there is none. Valid as long as this value.
  [[nodiscard]] const CollectionEntry* find(std::string_view nameOrAlias) const;
  /// The same, where its absence is a refusal: throws Refusal (noCollection).
  [[nodiscard]] const CollectionEntry& at(std::string_view nameOrAlias) const;
  [[nodiscard]] std::vector<std::string> aliasesOf(std::string_view collection) const;
};

/// All that a store holds in memory. names() may be asked from any thread; the rest belongs to the writer.
class Catalog {
 public:
  Catalog() : names_(std::make_shared<const Names>()) {}
  /// Reads a whole store file. Throws RequestError where it is damaged.
  void load(StoreFile& file);

  [[nodiscard]] std::shared_ptr<const Names> names() const;
  void publish(std::shared_ptr<const Names> names);

  /// Numbers for the store file that no collection or point has had since it was opened.
  [[nodiscard]] std::int64_t nextCollectionNumber() noexcept { return ++lastCollection_; }
  [[nodiscard]] std::int64_t nextPointNumber() noexcept { return ++lastPoint_; }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Names> names_;
  std::int64_t lastCollection_ = 0, lastPoint_ = 0;
};

}  // namespace qbatch::local
