#pragma once
#include <cstddef>
#include <limits>

namespace qbatch::batch {

/// What is known of the size, in items, at which the server refuses a request. Items differ in bytes, so that a few large ones may have
/// set it: 16 requests near the limit that pass in a row double it, at the price of at most one refusal in 17 requests.
class SizeLimit {
 public:
  void refused(std::size_t items) noexcept;
  void passed(std::size_t items) noexcept;
  /// The smallest number that was refused, as far as that still counts; 0: none.
  [[nodiscard]] std::size_t tooMany() const noexcept {
    return smallestRefused_ == std::numeric_limits<std::size_t>::max() ? 0 : smallestRefused_;
  }
  /// True where a request of that many items is to be divided before it is sent.
  [[nodiscard]] bool reached(std::size_t items) const noexcept { return items > 1 && items >= smallestRefused_; }

 private:
  std::size_t smallestRefused_ = std::numeric_limits<std::size_t>::max();
  unsigned passed_ = 0;
};

}  // namespace qbatch::batch
