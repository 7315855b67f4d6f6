#pragma once
#include <cstddef>
#include <cstdint>

namespace qbatch::batch {

/// How many requests may be in flight at once. Begins at the most allowed; a server that asks for less halves it, and each window of
/// passed requests lets it grow by one again. The first refusal by size narrows it to one until a request passes, so that not a whole
/// window of bodies is sent in vain.
class Window {
 public:
  /// `most` of 0 counts as 1. Not adaptive: throttling changes nothing.
  Window(std::size_t most, bool adaptive) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return probing_ ? 1 : size_; }

  void passed() noexcept;
  /// Request `request` was throttled; `next` is the number that the next request will have. Those sent before the last halving do not
  /// halve again: they tell of the same moment.
  void throttled(std::uint64_t request, std::uint64_t next) noexcept;
  void refusedBySize() noexcept;

 private:
  std::size_t most_, size_, passed_ = 0;
  std::uint64_t halvedBefore_ = 0;
  bool adaptive_, probing_ = false, probed_ = false;
};

}  // namespace qbatch::batch
