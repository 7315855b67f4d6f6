#pragma once
#include <mutex>

#include "batch/retry.hpp"

namespace qbatch::run {

/// The budget of repeats for all runs of a client. Thread-safe.
class SharedRetryBudget : public batch::RetryBudget {
 public:
  void success() noexcept override;
  [[nodiscard]] bool take(batch::TimePoint now) noexcept override;
  [[nodiscard]] batch::TimePoint nextAt(batch::TimePoint now) noexcept override;

 private:
  std::mutex mutex_;
};

}  // namespace qbatch::run
