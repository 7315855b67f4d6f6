#pragma once
#include <unordered_map>
#include <vector>

#include "qbatch/backend.hpp"

namespace qbatch::run {

/// Finds points by their id. Refers to them.
class PointsById {
 public:
  explicit PointsById(const std::vector<StoredPoint>& points) {
    for (const auto& point : points) byId_.emplace(point.id, &point);
  }
  /// nullptr where there is none.
  [[nodiscard]] const StoredPoint* find(const PointId& id) const {
    const auto found = byId_.find(id);
    return found == byId_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<PointId, const StoredPoint*> byId_;
};

}  // namespace qbatch::run
