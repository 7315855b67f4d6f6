#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "local/field_index.hpp"
#include "local/payload_reader.hpp"
#include "local/point_vectors.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch::local {

/// The points of one collection in memory: ids, payload texts and dense vectors in segments of contiguous rows, so that growing never
/// copies what is there. Rows of deleted points are used again. Not synchronised: one writer, or any number of readers.
class Collection {
 public:
  explicit Collection(VectorLayout layout);
  Collection(Collection&&) noexcept = default;
  Collection& operator=(Collection&&) noexcept = default;

  [[nodiscard]] const VectorLayout& layout() const noexcept { return layout_; }
  /// How many points there are.
  [[nodiscard]] std::size_t size() const noexcept { return rowById_.size(); }
  /// The rows in use or free; rows are numbered from 0.
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  /// Rows r with equal r / rowsPerSegment() lie one after the other in memory.
  [[nodiscard]] std::size_t rowsPerSegment() const noexcept { return rowsPerSegment_; }
  /// Every point's row, numbers before UUIDs, ascending.
  [[nodiscard]] const std::map<PointId, std::size_t>& rowById() const noexcept { return rowById_; }

  /// The index of a payload field, by the path as PayloadPath::text() writes it; nullptr where there is none.
  [[nodiscard]] const FieldIndex* index(std::string_view field) const noexcept;

  /// The point's row; nullopt where there is no such point.
  [[nodiscard]] std::optional<std::size_t> find(const PointId& id) const;

  // Of one row. Views hold until the point changes.
  [[nodiscard]] bool live(std::size_t row) const noexcept { return point(row).live; }
  [[nodiscard]] const PointId& id(std::size_t row) const noexcept { return point(row).id; }
  /// The number under which the store file keeps the point.
  [[nodiscard]] std::int64_t number(std::size_t row) const noexcept { return point(row).number; }
  /// The number of the operation that changed the point last.
  [[nodiscard]] std::uint64_t version(std::size_t row) const noexcept { return point(row).version; }
  [[nodiscard]] std::string_view payload(std::size_t row) const noexcept { return point(row).payload; }
  /// Empty where the point lacks this vector.
  [[nodiscard]] std::span<const float> dense(std::size_t row, std::size_t column) const noexcept {
    const Column& of = segments_[row / rowsPerSegment_].columns[column];
    const std::size_t place = row % rowsPerSegment_, dimension = layout_.dense[column].dimension;
    return {of.values.get() + place * dimension, of.present[place] != 0 ? dimension : 0};
  }
  /// nullptr where the point lacks this vector.
  [[nodiscard]] const SparseVector* sparse(std::size_t row, std::size_t column) const noexcept;

  /// Stores a point in place of what its id held before.
  void put(const PointId& id, std::int64_t number, std::uint64_t version, PointVectors vectors, std::string payload);
  /// Of a point that exists.
  void setPayload(const PointId& id, std::uint64_t version, std::string payload);
  /// Without effect where there is no such point.
  void erase(const PointId& id);
  /// Keeps indexes of exactly these payload fields: path and schema. Those that were there already stay.
  void setIndexes(const std::map<std::string, std::string, std::less<>>& schema);

 private:
  struct Point {
    PointId id{0};
    std::int64_t number{};
    std::uint64_t version{};
    bool live = false;
    std::string payload;
    std::vector<std::optional<SparseVector>> sparse;
  };
  struct Column {
    std::unique_ptr<float[]> values;
    std::vector<char> present;
  };
  struct Segment {
    std::vector<Point> points;
    std::vector<Column> columns;
  };

  [[nodiscard]] const Point& point(std::size_t row) const noexcept {
    return segments_[row / rowsPerSegment_].points[row % rowsPerSegment_];
  }
  [[nodiscard]] Point& point(std::size_t row) noexcept { return segments_[row / rowsPerSegment_].points[row % rowsPerSegment_]; }
  struct KeptIndex {
    std::string schema;
    FieldIndex index;
  };
  std::size_t freeRow();
  void addSegment();
  void indexRow(std::size_t row);

  VectorLayout layout_;
  std::size_t rowsPerSegment_;
  std::size_t rows_ = 0;
  std::vector<Segment> segments_;
  std::vector<std::size_t> free_;
  std::map<PointId, std::size_t> rowById_;
  std::map<std::string, KeptIndex, std::less<>> indexes_;
  std::unique_ptr<PayloadReader> reader_ = std::make_unique<PayloadReader>();
};

}  // namespace qbatch::local
