#pragma once
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "report_data.hpp"

namespace qbatch::batch {

/// Collects outcomes by the caller's index, in any order, and makes the report's data of them. Keeps nothing for items that are done.
class ReportBuilder {
 public:
  explicit ReportBuilder(std::size_t items);

  /// Exactly once for every index.
  void settle(std::size_t index, Outcome outcome, const Error& error = {}, unsigned attempts = 0);
  void settle(std::size_t first, std::size_t last, Outcome outcome, const Error& error, unsigned attempts);
  /// Item `index` is the same point as `leader` and shares its outcome, whatever that will be. `note` is given where the outcome is done or accepted.
  void follow(std::size_t index, std::size_t leader, ItemNote note);
  /// A note that holds where item note.index ends done or accepted.
  void note(ItemNote note);

  [[nodiscard]] std::size_t settledItems() const noexcept;  // followers not counted before finish()
  [[nodiscard]] std::size_t failedItems() const noexcept;
  /// The data, with failures and notes by index, followers resolved and Stats::items, ::accepted set. Once, when every item is settled.
  [[nodiscard]] std::shared_ptr<ReportData> finish();
};

}  // namespace qbatch::batch
