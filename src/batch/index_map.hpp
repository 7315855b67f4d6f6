#pragma once
#include <cstddef>
#include <vector>

namespace qbatch::batch {

/// Positions 0..size() in the machine's order to the caller's indices, as runs: one run where nothing was left out.
class IndexMap {
 public:
  IndexMap() = default;
  /// Maps 0..count to themselves.
  explicit IndexMap(std::size_t count) { append(0, count); }
  /// Appends the caller's indices [first, first + count).
  void append(std::size_t first, std::size_t count = 1);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// The caller's index of a position; `position` must be below size().
  [[nodiscard]] std::size_t operator[](std::size_t position) const noexcept;

 private:
  struct Run {
    std::size_t position, index;
  };
  std::vector<Run> runs_;
  std::size_t size_ = 0;
};

}  // namespace qbatch::batch
