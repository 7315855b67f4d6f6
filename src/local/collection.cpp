#include "local/collection.hpp"

#include <algorithm>
#include <utility>

namespace qbatch::local {
namespace {
constexpr std::size_t segmentFloats = std::size_t{1} << 20;  // 4 MiB of vectors a segment
constexpr std::size_t mostRows = 16384;                      // so that short vectors do not make huge segments
}  // namespace

Collection::Collection(std::size_t dimension)
    : dimension_(dimension), rowsPerSegment_(std::clamp(segmentFloats / std::max<std::size_t>(dimension, 1), std::size_t{16}, mostRows)) {}

std::optional<std::size_t> Collection::find(const PointId& id) const {
  const auto known = rowById_.find(id);
  if (known == rowById_.end()) return std::nullopt;
  return known->second;
}

std::size_t Collection::freeRow() {
  if (!free_.empty()) {
    const std::size_t row = free_.back();
    free_.pop_back();
    return row;
  }
  if (rows_ == segments_.size() * rowsPerSegment_) {
    Segment segment;
    segment.vectors = std::make_unique_for_overwrite<float[]>(rowsPerSegment_ * dimension_);
    segments_.push_back(std::move(segment));
  }
  segments_.back().points.emplace_back();
  return rows_++;
}

void Collection::put(const PointId& id, std::int64_t number, std::span<const float> vector, std::string payload) {
  const auto known = rowById_.lower_bound(id);
  std::size_t row = 0;
  if (known != rowById_.end() && known->first == id) {
    row = known->second;
  } else {
    row = freeRow();
    rowById_.emplace_hint(known, id, row);
  }
  std::copy(vector.begin(), vector.end(), segments_[row / rowsPerSegment_].vectors.get() + row % rowsPerSegment_ * dimension_);
  point(row) = Point{id, number, true, std::move(payload)};
}

void Collection::setPayload(const PointId& id, std::string payload) { point(rowById_.at(id)).payload = std::move(payload); }

void Collection::erase(const PointId& id) {
  const auto known = rowById_.find(id);
  if (known == rowById_.end()) return;
  free_.push_back(known->second);
  point(known->second) = Point{};
  rowById_.erase(known);
}

}  // namespace qbatch::local
