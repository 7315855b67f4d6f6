#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "local/catalog.hpp"

namespace qbatch::local {

/// A point as a writer sees it: what is stored, or staged before. Views hold until it is staged again.
struct PointState {
  std::int64_t number{};
  std::span<const float> vector{};
  std::string_view payload{};
};

/// The changes of one transaction: written to the store file as they come, and kept aside from the memory that readers see until they are
/// published. Dropping this object without publish() leaves the memory as it was. Used by the writer alone.
class StagedWrites {
 public:
  /// `file` is null for a store in memory; otherwise its transaction was begun.
  StagedWrites(Catalog& catalog, StoreFile* file);

  /// Collections and aliases with what was staged.
  [[nodiscard]] const Names& names() const noexcept { return *names_; }
  [[nodiscard]] std::optional<PointState> point(const Shelf& shelf, const PointId& id) const;

  void createCollection(CollectionInfo info);
  void dropCollection(const std::string& name);
  void setAlias(const std::string& alias, const std::string& collection);
  /// `vector` is prepared().
  void put(Shelf& shelf, const PointId& id, std::vector<float> vector, std::string payload);
  /// Of a point that exists.
  void setPayload(Shelf& shelf, const PointId& id, std::string payload);
  /// Without effect where there is no such point.
  void erase(Shelf& shelf, const PointId& id);

  /// Bytes of vectors and payloads staged so far.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// Shows the changes to readers: to be called once, after the file's transaction was committed.
  void publish();

 private:
  struct StagedPoint {
    std::int64_t number{};
    bool erased = false;
    std::optional<std::vector<float>> vector{};  // absent: as it was
    std::string payload{};
  };
  struct StagedShelf {
    std::shared_ptr<Shelf> shelf;
    std::unordered_map<PointId, StagedPoint> points{};
  };

  Names& changedNames();
  StagedPoint& stage(Shelf& shelf, const PointId& id);
  void writePoint(const Shelf& shelf, const PointId& id);

  Catalog& catalog_;
  StoreFile* file_;
  std::shared_ptr<const Names> names_;
  std::shared_ptr<Names> changed_;  // names_, once it is a copy of our own
  std::map<std::int64_t, StagedShelf> shelves_;
  std::size_t bytes_ = 0;
};

}  // namespace qbatch::local
