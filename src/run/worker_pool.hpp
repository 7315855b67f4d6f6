#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

namespace qbatch::run {

/// A fixed number of threads that carry out tasks, and timers whose tasks they carry out. Tasks must not throw. The destructor waits for
/// every task that was posted; it must not run on one of the pool's own threads.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  void post(std::function<void()> task);
  [[nodiscard]] std::size_t threads() const noexcept { return threads_; }
  /// True inside a task of this pool, and so inside every callback and embedder that it calls.
  [[nodiscard]] bool onPoolThread() const noexcept;

  /// One pending task at most. Not thread-safe: whoever owns it guards it.
  class Timer {
   public:
    explicit Timer(WorkerPool& pool);
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer();
    /// Carries out `task` on the pool at `at`, unless armed again or cancelled before. A task that is due already may still run then.
    void arm(std::chrono::steady_clock::time_point at, std::function<void()> task);
    void cancel();

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

 private:
  struct Impl;
  std::size_t threads_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qbatch::run
