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

#include "qbatch/point_id.hpp"

namespace qbatch::local {

/// The points of one collection in memory: ids, payload texts and vectors in segments of contiguous rows, so that growing never copies
/// what is there. Rows of deleted points are used again. Not synchronised: one writer, or any number of readers.
class Collection {
 public:
  explicit Collection(std::size_t dimension);
  Collection(Collection&&) noexcept = default;
  Collection& operator=(Collection&&) noexcept = default;

  [[nodiscard]] std::size_t dimension() const noexcept { return dimension_; }
  /// How many points there are.
  [[nodiscard]] std::size_t size() const noexcept { return rowById_.size(); }
  /// The rows in use or free; rows are numbered from 0.
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  /// Rows r with equal r / rowsPerSegment() lie one after the other in memory.
  [[nodiscard]] std::size_t rowsPerSegment() const noexcept { return rowsPerSegment_; }
  /// Every point's row, numbers before UUIDs, ascending.
  [[nodiscard]] const std::map<PointId, std::size_t>& rowById() const noexcept { return rowById_; }

  /// The point's row; nullopt where there is no such point.
  [[nodiscard]] std::optional<std::size_t> find(const PointId& id) const;

  // Of one row. Views hold until the point changes.
  [[nodiscard]] bool live(std::size_t row) const noexcept { return point(row).live; }
  [[nodiscard]] const PointId& id(std::size_t row) const noexcept { return point(row).id; }
  /// The number under which the store file keeps the point.
  [[nodiscard]] std::int64_t number(std::size_t row) const noexcept { return point(row).number; }
  [[nodiscard]] std::string_view payload(std::size_t row) const noexcept { return point(row).payload; }
  [[nodiscard]] std::span<const float> vector(std::size_t row) const noexcept {
    return {segments_[row / rowsPerSegment_].vectors.get() + row % rowsPerSegment_ * dimension_, dimension_};
  }

  /// Stores a point in place of what its id held before.
  void put(const PointId& id, std::int64_t number, std::span<const float> vector, std::string payload);
  /// Of a point that exists.
  void setPayload(const PointId& id, std::string payload);
  /// Without effect where there is no such point.
  void erase(const PointId& id);

 private:
  struct Point {
    PointId id{0};
    std::int64_t number{};
    bool live = false;
    std::string payload;
  };
  struct Segment {
    std::vector<Point> points;
    std::unique_ptr<float[]> vectors;
  };

  [[nodiscard]] const Point& point(std::size_t row) const noexcept {
    return segments_[row / rowsPerSegment_].points[row % rowsPerSegment_];
  }
  [[nodiscard]] Point& point(std::size_t row) noexcept { return segments_[row / rowsPerSegment_].points[row % rowsPerSegment_]; }
  std::size_t freeRow();

  std::size_t dimension_, rowsPerSegment_;
  std::size_t rows_ = 0;
  std::vector<Segment> segments_;
  std::vector<std::size_t> free_;
  std::map<PointId, std::size_t> rowById_;
};

}  // namespace qbatch::local
