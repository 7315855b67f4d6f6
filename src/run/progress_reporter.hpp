#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include "qbatch/options.hpp"
#include "run/worker_pool.hpp"

namespace qbatch::run {

/// Brings a run's progress to the caller's function: on the pool, one call at a time, no lock held, the newest figures only. Thread-safe.
class ProgressReporter : public std::enable_shared_from_this<ProgressReporter> {
 public:
  ProgressReporter(WorkerPool& pool, std::function<void(const Progress&)> function);

  /// Delivers soon.
  void changed(const Progress& latest);
  /// Delivers `last`, then calls `then` with the number of exceptions that the function threw. Calls it at once where there is no function.
  void finish(const Progress& last, std::function<void(std::size_t errors)> then);

  /// Delivers `last` and waits for that, on a thread that is not the pool's; returns the number of exceptions that the function threw.
  [[nodiscard]] std::size_t finishAndWait(const Progress& last);

 private:
  void due(const Progress& latest, std::function<void(std::size_t)> then);
  void deliver();

  WorkerPool& pool_;
  const std::function<void(const Progress&)> function_;
  std::mutex mutex_;
  Progress latest_;
  std::function<void(std::size_t)> then_;
  bool busy_ = false, due_ = false;
  std::size_t errors_ = 0;
};

}  // namespace qbatch::run
