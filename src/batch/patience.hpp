#pragma once
#include <cstddef>
#include <string>

#include "batch/retry.hpp"

namespace qbatch::batch {

/// How long a batch bears passing faults. Trouble begins with a request that met one and ends with any progress: a success, or a refusal
/// that says something about the items. While it lasts, requests that failed are repeated and hardly anything new is sent, so that an
/// outage finds most items unsent.
class Patience {
 public:
  explicit Patience(const RetryOptions& options) noexcept;

  void progress(TimePoint now) noexcept;
  /// There was nothing to send for a while: the time does not count against the server.
  void idle() noexcept { failures_ = 0; }
  /// The server has answered, whatever it said: from now on `patience` counts, not `connectPatience`.
  void answered() noexcept { answered_ = true; }
  /// A request that left at `sentAt` met a passing fault.
  void failed(TimePoint sentAt, TimePoint now, Jitter& jitter) noexcept;

  /// TimePoint::max() where there is no trouble.
  [[nodiscard]] TimePoint giveUpAt() const noexcept;
  /// The beginning of a sentence that says why the batch gave up; the last fault's message follows.
  [[nodiscard]] std::string whyGivenUp() const;
  /// When a chunk that was never tried may be sent: TimePoint::min() without trouble, TimePoint::max() while the `tried` requests in flight
  /// or waiting to be repeated have not failed three times each. So a chunk that alone makes the server fail does not hold up the rest.
  [[nodiscard]] TimePoint newChunkAt(std::size_t tried) const noexcept;

 private:
  [[nodiscard]] milliseconds patience() const noexcept { return answered_ ? patience_ : connectPatience_; }

  milliseconds patience_, connectPatience_;
  TimePoint lastProgress_ = TimePoint::min(), since_{}, probeAt_{};
  std::size_t failures_ = 0;  // since the last progress; 0: no trouble
  bool answered_ = false;
};

}  // namespace qbatch::batch
