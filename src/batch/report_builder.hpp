#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "report_data.hpp"

namespace qbatch::batch {

/// Collects outcomes by the caller's index, in any order, and makes the report's data of them. Keeps nothing for items that are done.
class ReportBuilder {
 public:
  explicit ReportBuilder(std::size_t items);

  /// Exactly once for every index. Throws std::out_of_range for an index that is not there.
  void settle(std::size_t index, Outcome outcome, const Error& error = {}, unsigned attempts = 0);
  void settle(std::size_t first, std::size_t last, Outcome outcome, const Error& error, unsigned attempts);
  /// Item `index` is the same point as `leader` and shares its outcome, whatever that will be. `note` is given where the outcome is done or
  /// accepted. Counts as the settlement of `index`; `leader` itself must be settled, not follow another.
  void follow(std::size_t index, std::size_t leader, std::optional<ItemNote> note = {});
  /// A note that holds where item note.index ends done or accepted.
  void note(ItemNote note);

  [[nodiscard]] std::size_t settledItems() const noexcept { return settled_; }  // followers not counted before finish()
  [[nodiscard]] std::size_t failedItems() const noexcept { return failures_.size(); }
  /// The data, with failures and notes by index, followers resolved and Stats::items, ::accepted set. Once, when every item is settled;
  /// throws std::logic_error where that is not so.
  [[nodiscard]] std::shared_ptr<ReportData> finish();

 private:
  struct Follower {
    std::size_t index, leader;
    std::optional<ItemNote> note;
  };

  [[nodiscard]] const ItemFailure* failureOf(std::size_t index) const noexcept;  // failures_ sorted
  [[nodiscard]] bool isAccepted(std::size_t index) const noexcept;               // accepted_ sorted
  void resolveFollowers();
  void sortAndJoin();

  std::size_t items_;
  std::size_t settled_ = 0;
  std::vector<ItemFailure> failures_;
  std::vector<std::pair<std::size_t, std::size_t>> accepted_;
  std::vector<Follower> followers_;
  std::vector<ItemNote> notes_;
};

}  // namespace qbatch::batch
