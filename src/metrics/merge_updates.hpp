#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/backend.hpp"
#include "qbatch/options.hpp"
#include "qbatch/pattern.hpp"

namespace qbatch::metrics {

/// The updates of one point as one change.
struct MergedUpdates {
  MetricChange change;
  std::vector<std::size_t> merged;                             // which it is made of
  std::vector<std::pair<std::size_t, std::string>> overflows;  // whose amounts could not be added to those before, and why
};

/// Sums the increments; of success rates and set members the last one counts, of times the latest. `indices` are those of the point's
/// updates, one at least, ascending. The updates must have passed checkUpdate.
[[nodiscard]] MergedUpdates mergeUpdates(std::span<const MetricUpdate> updates, std::span<const std::size_t> indices,
                                         const FieldNames& fields);

}  // namespace qbatch::metrics
