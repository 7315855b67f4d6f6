#include "local/write_queue.hpp"

#include <utility>

namespace qbatch::local {

void WriteQueue::push(std::unique_ptr<WriteJob> job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

std::vector<std::unique_ptr<WriteJob>> WriteQueue::takeAll() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
  return std::exchange(jobs_, {});
}

void WriteQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace qbatch::local
