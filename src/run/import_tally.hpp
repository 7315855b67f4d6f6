#pragma once
#include <chrono>
#include <cstddef>
#include <optional>

#include "qbatch/import.hpp"
#include "run/import_window.hpp"

namespace qbatch::run {

/// What an import amounts to so far. Used under the import's lock.
class ImportTally {
 public:
  explicit ImportTally(std::size_t expected) : expected_(expected) {}

  /// The index of the item that has just been read.
  std::size_t read() noexcept { return data_.items++; }
  [[nodiscard]] std::size_t items() const noexcept { return data_.items; }
  /// What the walk beside the ledger has passed over so far.
  void passOver(std::size_t settled, std::size_t letters) noexcept {
    data_.alreadyDone = settled;
    data_.alreadyDead = letters;
  }
  [[nodiscard]] std::size_t passedOver() const noexcept { return data_.alreadyDone; }
  /// The number of the window that begins.
  std::size_t beginWindow() noexcept { return data_.windows++; }
  [[nodiscard]] std::size_t windows() const noexcept { return data_.windows; }

  /// An item that goes into no window.
  void leave(std::size_t index, const Error& why);
  /// Requests beside those of windows.
  void add(const Stats& stats);
  void settle(const ImportWindow& window, const StoreReport& report, std::size_t letters);

  [[nodiscard]] Progress progress(std::chrono::duration<double> elapsed) const;
  /// Once, at the end.
  [[nodiscard]] ImportReport::Data take() { return std::move(data_); }

 private:
  void noteFailures(const ImportWindow& window, const StoreReport& report);

  const std::size_t expected_;
  ImportReport::Data data_;
  std::size_t settled_ = 0, failed_ = 0, bytes_ = 0;
  std::optional<double> share_;
};

}  // namespace qbatch::run
