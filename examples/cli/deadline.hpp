#pragma once
#include <algorithm>
#include <chrono>

namespace cli {

/// One deadline for several calls, each of which takes what is left of it.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = std::chrono::milliseconds;

  /// 0 is none.
  explicit Deadline(Time time) : time_(time), end_(Clock::now() + time) {}
  /// For a call's options: 0 where there is no deadline, and at least a millisecond where it has passed.
  [[nodiscard]] Time left() const {
    if (time_ == Time(0)) return time_;
    return std::max(Time(1), std::chrono::duration_cast<Time>(end_ - Clock::now()));
  }

 private:
  Time time_;
  Clock::time_point end_;
};

}  // namespace cli
