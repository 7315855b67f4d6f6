#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "support/campaign.hpp"

namespace qbatch::test {

/// Calls what it was given from a thread of its own, later and in random order: answers of a backend. The destructor calls what is left.
class LateAnswers {
 public:
  explicit LateAnswers(std::uint64_t seed) : random_(seed), thread_([this] { loop(); }) {}
  LateAnswers(const LateAnswers&) = delete;
  LateAnswers& operator=(const LateAnswers&) = delete;
  ~LateAnswers() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    }
    thread_.join();
  }

  void add(std::function<void()> answer) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(answer));
    changed_.notify_all();
  }

 private:
  void loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      if (random_.chance(50)) {  // for more to come meanwhile
        lock.unlock();
        std::this_thread::yield();
        lock.lock();
      }
      std::swap(waiting_[random_.below(waiting_.size())], waiting_.back());
      const auto answer = std::move(waiting_.back());
      waiting_.pop_back();
      lock.unlock();
      answer();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> waiting_{};
  bool ended_ = false;
  Random random_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace qbatch::test
