#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "local/group_commit.hpp"

namespace qbatch::local {

/// Writes on their way to the one thread that carries them out, first in, first out.
class WriteQueue {
 public:
  void push(std::unique_ptr<WriteJob> job);
  /// Waits for writes, and takes all that wait; empty after close(), once none is left.
  [[nodiscard]] std::vector<std::unique_ptr<WriteJob>> takeAll();
  /// What waits is still handed out; nothing may be pushed any more.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<WriteJob>> jobs_;
  bool closed_ = false;
};

}  // namespace qbatch::local
