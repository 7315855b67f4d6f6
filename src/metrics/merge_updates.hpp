#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "qbatch/backend.hpp"
#include "qbatch/options.hpp"
#include "qbatch/pattern.hpp"

namespace qbatch::metrics {

/// The updates of a call, one change a point.
struct MergedUpdates {
  std::vector<std::size_t> leaders;                            // ascending: the first item of each point
  std::unordered_map<std::size_t, MetricChange> changes;       // by leader
  std::vector<std::pair<std::size_t, std::size_t>> followers;  // item, its leader
  std::vector<std::pair<std::size_t, std::string>> overflows;  // items whose amounts could not be added to those before, and why
};

/// Sums the increments of each point; of success rates and set members the last one counts, of times the latest. `good[i]` is false for
/// items that are left out. The updates must have passed checkUpdate.
[[nodiscard]] MergedUpdates mergeUpdates(std::span<const MetricUpdate> updates, const std::vector<bool>& good, const FieldNames& fields);

}  // namespace qbatch::metrics
