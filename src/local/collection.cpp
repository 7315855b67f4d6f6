#include "local/collection.hpp"

#include <algorithm>
#include <utility>

namespace qbatch::local {
namespace {

constexpr std::size_t segmentFloats = std::size_t{1} << 20;  // 4 MiB of vectors a segment
constexpr std::size_t mostRows = 16384;                      // so that short vectors do not make huge segments

std::size_t rowsFor(const VectorLayout& layout) {
  std::size_t floats = 0;
  for (const DenseParams& params : layout.dense) floats += params.dimension;
  return std::clamp(segmentFloats / std::max<std::size_t>(floats, 1), std::size_t{16}, mostRows);
}

}  // namespace

Collection::Collection(VectorLayout layout) : layout_(std::move(layout)), rowsPerSegment_(rowsFor(layout_)) {}

std::optional<std::size_t> Collection::find(const PointId& id) const {
  const auto known = rowById_.find(id);
  if (known == rowById_.end()) return std::nullopt;
  return known->second;
}

const SparseVector* Collection::sparse(std::size_t row, std::size_t column) const noexcept {
  const auto& vectors = point(row).sparse;
  return column < vectors.size() && vectors[column] ? &*vectors[column] : nullptr;
}

void Collection::addSegment() {
  Segment segment;
  for (const DenseParams& params : layout_.dense) {
    segment.columns.push_back(
        {std::make_unique_for_overwrite<float[]>(rowsPerSegment_ * params.dimension), std::vector<char>(rowsPerSegment_)});
  }
  segments_.push_back(std::move(segment));
}

std::size_t Collection::freeRow() {
  if (!free_.empty()) {
    const std::size_t row = free_.back();
    free_.pop_back();
    return row;
  }
  if (rows_ == segments_.size() * rowsPerSegment_) addSegment();
  segments_.back().points.emplace_back();
  return rows_++;
}

const FieldIndex* Collection::index(std::string_view field) const noexcept {
  const auto found = indexes_.find(field);
  return found == indexes_.end() ? nullptr : &found->second.index;
}

void Collection::indexRow(std::size_t row) {
  if (indexes_.empty()) return;
  const auto payload = reader_->read(point(row).payload);
  for (auto& [field, kept] : indexes_) {
    if (payload) kept.index.set(row, *payload);
  }
}

void Collection::setIndexes(const std::map<std::string, std::string, std::less<>>& schema) {
  std::erase_if(indexes_, [&](const auto& entry) {
    const auto wanted = schema.find(entry.first);
    return wanted == schema.end() || wanted->second != entry.second.schema;
  });
  for (const auto& [field, text] : schema) {
    auto path = PayloadPath::parse(field);
    const auto kind = indexKindOf(text);
    if (!path || !kind || indexes_.contains(field)) continue;
    FieldIndex index(std::move(*path), *kind);
    for (const auto& [id, row] : rowById_) {
      if (const auto payload = reader_->read(point(row).payload)) index.set(row, *payload);
    }
    indexes_.emplace(field, KeptIndex{text, std::move(index)});
  }
}

void Collection::put(const PointId& id, std::int64_t number, std::uint64_t version, PointVectors vectors, std::string payload) {
  const auto known = rowById_.lower_bound(id);
  std::size_t row = 0;
  if (known != rowById_.end() && known->first == id) {
    row = known->second;
  } else {
    row = freeRow();
    rowById_.emplace_hint(known, id, row);
  }
  const std::size_t place = row % rowsPerSegment_;
  auto& columns = segments_[row / rowsPerSegment_].columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool present = i < vectors.dense.size() && !vectors.dense[i].empty();
    columns[i].present[place] = present ? 1 : 0;
    if (present) std::copy(vectors.dense[i].begin(), vectors.dense[i].end(), columns[i].values.get() + place * layout_.dense[i].dimension);
  }
  point(row) = Point{id, number, version, true, std::move(payload), std::move(vectors.sparse)};
  indexRow(row);
}

void Collection::setPayload(const PointId& id, std::uint64_t version, std::string payload) {
  const std::size_t row = rowById_.at(id);
  point(row).version = version;
  point(row).payload = std::move(payload);
  indexRow(row);
}

void Collection::erase(const PointId& id) {
  const auto known = rowById_.find(id);
  if (known == rowById_.end()) return;
  free_.push_back(known->second);
  for (auto& [field, kept] : indexes_) kept.index.erase(known->second);
  point(known->second) = Point{};
  rowById_.erase(known);
}

}  // namespace qbatch::local
