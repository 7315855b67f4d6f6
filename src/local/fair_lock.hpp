#pragma once
#include <mutex>
#include <shared_mutex>

namespace qbatch::local {

/// Many readers or one writer; a waiting writer goes before readers that come after it, so a stream of reads cannot starve it.
class FairLock {
 public:
  [[nodiscard]] std::shared_lock<std::shared_mutex> read() const {
    const std::lock_guard turn(gate_);
    return std::shared_lock(data_);
  }
  [[nodiscard]] std::unique_lock<std::shared_mutex> write() const {
    const std::lock_guard turn(gate_);
    return std::unique_lock(data_);
  }

 private:
  mutable std::mutex gate_;  // held while waiting for data_, never longer
  mutable std::shared_mutex data_;
};

}  // namespace qbatch::local
