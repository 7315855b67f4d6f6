#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace qbatch::http {

/// What is due when, at most one time for each id. Not thread-safe.
class TimerQueue {
 public:
  using Id = std::uint64_t;
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Takes the place of the id's former time; TimePoint::max() is no time.
  void set(Id id, TimePoint time);
  void clear(Id id);
  /// Takes out the earliest that is due at `now`; nullopt: none is.
  [[nodiscard]] std::optional<Id> takeDue(TimePoint now);
  /// TimePoint::max() where nothing waits.
  [[nodiscard]] TimePoint next() const noexcept;

 private:
  std::set<std::pair<TimePoint, Id>> byTime_;
  std::unordered_map<Id, TimePoint> times_;
};

}  // namespace qbatch::http
