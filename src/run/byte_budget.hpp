#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

namespace qbatch::run {

/// A number of bytes that all runs of a client share. Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t bytes) : free_(static_cast<std::ptrdiff_t>(bytes)) {}

  /// Takes `bytes` where there is room, or in any case where `force` is set (a run's only chunk must always fit). Otherwise returns false,
  /// and calls `wake` once when something was given back.
  [[nodiscard]] bool take(std::size_t bytes, bool force, std::function<void()> wake);
  void give(std::size_t bytes);

 private:
  std::mutex mutex_;
  std::ptrdiff_t free_;  // below zero after a forced take
  std::vector<std::function<void()>> waiting_;
};

}  // namespace qbatch::run
