#include "run/shared_retry_budget.hpp"

namespace qbatch::run {

void SharedRetryBudget::success() noexcept {
  const std::lock_guard lock(mutex_);
  RetryBudget::success();
}

bool SharedRetryBudget::take(batch::TimePoint now) noexcept {
  const std::lock_guard lock(mutex_);
  return RetryBudget::take(now);
}

batch::TimePoint SharedRetryBudget::nextAt(batch::TimePoint now) noexcept {
  const std::lock_guard lock(mutex_);
  return RetryBudget::nextAt(now);
}

}  // namespace qbatch::run
