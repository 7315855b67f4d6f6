#include "run/byte_budget.hpp"

#include <utility>

namespace qbatch::run {

bool ByteBudget::take(std::size_t bytes, bool force, std::function<void()> wake) {
  const auto wanted = static_cast<std::ptrdiff_t>(bytes);
  const std::lock_guard lock(mutex_);
  if (!force && wanted > free_) {
    waiting_.push_back(std::move(wake));
    return false;
  }
  free_ -= wanted;
  return true;
}

void ByteBudget::give(std::size_t bytes) {
  std::vector<std::function<void()>> waiting;
  {
    const std::lock_guard lock(mutex_);
    free_ += static_cast<std::ptrdiff_t>(bytes);
    waiting.swap(waiting_);
  }
  for (const auto& wake : waiting) wake();
}

}  // namespace qbatch::run
