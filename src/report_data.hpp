#pragma once
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "qbatch/report.hpp"

namespace qbatch {

/// What a report keeps: only what is not plainly done, plus the verb's own results.
struct ReportData {
  std::size_t size{};
  std::vector<ItemFailure> failures;                          // by index
  std::vector<std::pair<std::size_t, std::size_t>> accepted;  // half-open ranges of indices, ascending, not overlapping
  std::vector<ItemNote> notes;                                // by index
  Stats stats;
  Error stopped;
  bool nothingTried = false;              // the response's status is `error`
  std::vector<PointId> ids;               // store, delete: one an item
  std::vector<std::vector<Hit>> hits;     // search: one list a query
  std::vector<std::optional<Hit>> found;  // read: one an item
  std::vector<bool> changed;              // collections: one a change
};

/// The way from a report to its data.
struct ReportAccess {
  /// Valid as long as a copy of the report lives.
  [[nodiscard]] static const ReportData& data(const BatchReport& report) noexcept;
};

}  // namespace qbatch
