#include "batch/concurrency.hpp"

#include <algorithm>

namespace qbatch::batch {

Window::Window(std::size_t most, bool adaptive) noexcept : most_(std::max<std::size_t>(most, 1)), size_(most_), adaptive_(adaptive) {}

void Window::passed() noexcept {
  probing_ = false;
  if (size_ == most_ || ++passed_ < size_) return;
  passed_ = 0;
  ++size_;
}

void Window::throttled(std::uint64_t request, std::uint64_t next) noexcept {
  passed_ = 0;
  if (!adaptive_ || request < halvedBefore_) return;
  halvedBefore_ = next;
  size_ = std::max<std::size_t>(size_ / 2, 1);
}

void Window::refusedBySize() noexcept {
  if (probed_) return;
  probed_ = probing_ = true;
}

}  // namespace qbatch::batch
