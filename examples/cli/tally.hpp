#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "input.hpp"
#include "qbatch/report.hpp"

namespace cli {

enum ExitCode : int { allDone = 0, someNotDone = 1, badUsage = 2, nothingDone = 3 };

/// True where a signal or the deadline ended it: who asked for that knows that the rest is not done, and it is no fault of place or key.
[[nodiscard]] bool endedAsAsked(const qbatch::Error& stopped) noexcept;

struct FailedItem {
  Place place{};
  qbatch::Outcome outcome{};
  std::string name{};  ///< the item's id; empty where it has none
  std::string error{};
};

/// What one or several calls, and the lines that were no items, amount to for people and for the exit code.
class Tally {
 public:
  /// `places` are those of the report's items (none where a filter found them), and `nameOf` gives what messages call an item.
  void addCall(const qbatch::BatchReport& report, std::span<const Place> places, const std::function<std::string(std::size_t)>& nameOf,
               const Wordings& wordings = {});
  void addRejected(const RejectedLine& rejected);

  [[nodiscard]] std::size_t total() const noexcept { return total_; }
  [[nodiscard]] std::size_t successful() const noexcept { return total_ - failures_.size(); }
  [[nodiscard]] std::size_t count(qbatch::Outcome outcome) const noexcept { return outcomes_[static_cast<std::size_t>(outcome)]; }
  [[nodiscard]] std::size_t points() const noexcept { return points_; }
  void setPoints(std::size_t points) noexcept { points_ = points; }
  [[nodiscard]] std::size_t requests() const noexcept { return requests_; }
  [[nodiscard]] std::chrono::nanoseconds elapsed() const noexcept { return elapsed_; }
  /// In the order of the input.
  [[nodiscard]] const std::vector<FailedItem>& failures();
  /// Why a call stopped early; no error where none did.
  [[nodiscard]] const qbatch::Error& stopped() const noexcept { return stopped_; }
  [[nodiscard]] ExitCode exitCode() const noexcept;

 private:
  std::size_t total_{}, points_{}, requests_{};
  std::array<std::size_t, 6> outcomes_{};
  std::chrono::nanoseconds elapsed_{};
  std::vector<FailedItem> failures_;
  qbatch::Error stopped_;
};

}  // namespace cli
