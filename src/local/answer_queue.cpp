#include "local/answer_queue.hpp"

namespace qbatch::local {

bool AnswerQueue::push(std::list<AnswerJob>& jobs) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    jobs_.splice(jobs_.end(), jobs);
  }
  changed_.notify_one();
  return true;
}

AnswerQueue::Taken AnswerQueue::takeAll() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
  Taken taken;
  taken.jobs.splice(taken.jobs.end(), jobs_);
  taken.closed = closed_;
  return taken;
}

void AnswerQueue::close() noexcept {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace qbatch::local
