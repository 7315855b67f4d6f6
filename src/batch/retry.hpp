#pragma once
#include <chrono>
#include <cstdint>

#include "qbatch/options.hpp"

namespace qbatch::batch {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

/// `now` plus `wait`, held within a century so that no option and no server's Retry-After can overflow the clock; a negative wait is 0.
[[nodiscard]] TimePoint later(TimePoint now, milliseconds wait) noexcept;

/// When a call that began then must end; 0 is never: TimePoint::max().
[[nodiscard]] TimePoint deadlineAfter(TimePoint began, milliseconds deadline) noexcept;
/// What is left until then, for a call of its own: at least a millisecond; 0 where there is no deadline.
[[nodiscard]] milliseconds timeLeft(TimePoint deadline, TimePoint now) noexcept;

/// Full jitter: waits drawn uniformly from [0, min(maxDelay, firstDelay * 2^n)]. The same seed gives the same waits on every platform.
class Jitter {
 public:
  Jitter(const RetryOptions& options, std::uint64_t seed) noexcept;
  /// The wait after `failures` earlier failures in a row (0 for the first wait).
  [[nodiscard]] Clock::duration draw(unsigned failures) noexcept;

 private:
  [[nodiscard]] std::uint64_t random() noexcept;

  milliseconds first_, most_;
  std::uint64_t state_;
};

/// How often requests may be repeated: one a second plus a tenth of the successes, of which ten can be saved up. Without it a server that
/// comes back from an outage would meet all of its clients' repeats at once.
class RetryBudget {
 public:
  virtual ~RetryBudget() = default;
  virtual void success() noexcept;
  /// Spends one repeat; false where there is none.
  [[nodiscard]] virtual bool take(TimePoint now) noexcept;
  /// When take() will succeed if no success, and nobody else's take(), comes before: `now` or later.
  [[nodiscard]] virtual TimePoint nextAt(TimePoint now) noexcept;

 private:
  void refill(TimePoint now) noexcept;

  static constexpr std::chrono::nanoseconds repeat_ = std::chrono::seconds(1);  // what one repeat costs, in time to earn it
  std::chrono::nanoseconds saved_ = 10 * repeat_;
  TimePoint filled_ = TimePoint::min();
};

}  // namespace qbatch::batch
