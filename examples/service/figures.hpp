#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "qbatch/report.hpp"

namespace service {

/// What the service counts, for Prometheus. Thread-safe.
class Figures {
 public:
  /// A request that ended; `route` is its address's pattern ("other" where there is none).
  void request(std::string_view method, std::string_view route, int status, std::chrono::nanoseconds time, std::size_t received,
               std::size_t sent);
  /// What became of a call's items; `refused` are those that never came to the library.
  void items(std::string_view verb, const qbatch::BatchReport& report, std::size_t refused = 0);
  /// A repeat that got the first one's answer.
  void repeated() noexcept { ++repeats_; }
  /// An answer by key that could not be written. The first is said on stderr.
  void notWritten(const std::string& problem);
  void began() noexcept { ++running_; }
  void ended() noexcept {
    --running_;
    running_.notify_all();
  }
  /// Returns when nothing is being carried out.
  void waitUntilIdle() const noexcept {
    for (auto running = running_.load(); running != 0; running = running_.load()) running_.wait(running);
  }

  /// In Prometheus' text format.
  [[nodiscard]] std::string text() const;

  /// Upper bounds of the classes of time, in seconds.
  static constexpr std::array<double, 11> bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10, 60};

 private:
  struct Times {
    std::array<std::uint64_t, bounds.size() + 1> counts{};
    std::chrono::nanoseconds sum{};
  };

  std::atomic<std::uint64_t> repeats_{0}, notWritten_{0};
  std::atomic<std::int64_t> running_{0};
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> requests_, items_;  // by labels
  std::map<std::string, Times> times_;
  std::uint64_t received_ = 0, sent_ = 0, backendRequests_ = 0, retries_ = 0, splits_ = 0;
};

}  // namespace service
