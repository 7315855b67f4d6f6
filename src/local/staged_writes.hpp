#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "local/catalog.hpp"
#include "local/filter_tree.hpp"
#include "local/vectors_view.hpp"

namespace qbatch::local {

/// A point as a writer sees it: what is stored, or staged before. Views hold until it is staged again.
struct PointState {
  std::int64_t number{};
  VectorsView vectors;
  std::string_view payload{};
};

/// The changes of one transaction: written to the store file as they come, and kept aside from the memory that readers see until they are
/// published. Dropping this object without publish() leaves the memory as it was. Used by the writer alone.
class StagedWrites {
 public:
  /// `file` is null for a store in memory; otherwise its transaction was begun.
  StagedWrites(Catalog& catalog, StoreFile* file);
  /// Numbers of operations that were not published are given out again.
  ~StagedWrites();
  StagedWrites(const StagedWrites&) = delete;
  StagedWrites& operator=(const StagedWrites&) = delete;

  /// Collections and aliases with what was staged.
  [[nodiscard]] const Names& names() const noexcept { return *names_; }
  [[nodiscard]] std::optional<PointState> point(const Shelf& shelf, const PointId& id) const;
  /// Calls `visit` for every point, by ascending id, until it says false; it must not stage anything.
  void eachPoint(const Shelf& shelf, const std::function<bool(const PointId&, const PointState&)>& visit) const;
  /// The same for the points that alone can pass the filter, or some more, in no special order.
  void eachCandidate(const Shelf& shelf, const FilterTree& filter,
                     const std::function<void(const PointId&, const PointState&)>& visit) const;

  void createCollection(CollectionConfig config);
  /// Of a collection that exists; its vectors stay as they are.
  void changeConfig(CollectionConfig config);
  void dropCollection(const std::string& name);
  void setAlias(const std::string& alias, const std::string& collection);
  /// Without effect where there is none.
  void dropAlias(const std::string& alias);

  /// The number of the next operation on points, which every point that it changes gets.
  std::uint64_t beginOperation(Shelf& shelf);
  /// `vectors` are prepared().
  void put(Shelf& shelf, const PointId& id, PointVectors vectors, std::string payload);
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
    std::uint64_t version{};
    bool erased = false;
    std::optional<PointVectors> vectors{};  // absent: as they were
    std::string payload{};
  };
  struct StagedShelf {
    std::shared_ptr<Shelf> shelf;
    std::uint64_t operationsBefore{};
    std::map<PointId, StagedPoint> points{};
  };

  Names& changedNames();
  void writeCollection(const CollectionEntry& entry);
  StagedShelf& stagedShelf(Shelf& shelf);
  StagedPoint& stage(Shelf& shelf, const PointId& id);
  [[nodiscard]] std::optional<PointState> stateOf(const Shelf& shelf, const PointId& id, const StagedPoint& point) const;
  void writePoint(const Shelf& shelf, const PointId& id);

  Catalog& catalog_;
  StoreFile* file_;
  std::shared_ptr<const Names> names_;
  std::shared_ptr<Names> changed_;  // names_, once it is a copy of our own
  std::map<std::int64_t, StagedShelf> shelves_;
  std::set<std::string> configChanged_;
  std::vector<std::byte> record_;
  std::size_t bytes_ = 0;
  bool published_ = false;
};

}  // namespace qbatch::local
