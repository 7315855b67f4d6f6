#include "run/progress_reporter.hpp"

#include <future>
#include <utility>

namespace qbatch::run {

ProgressReporter::ProgressReporter(WorkerPool& pool, std::function<void(const Progress&)> function)
    : pool_(pool), function_(std::move(function)) {}

void ProgressReporter::changed(const Progress& latest) {
  if (function_) due(latest, nullptr);
}

void ProgressReporter::finish(const Progress& last, std::function<void(std::size_t)> then) {
  if (!function_) return then(0);
  due(last, std::move(then));
}

std::size_t ProgressReporter::finishAndWait(const Progress& last) {
  std::promise<std::size_t> told;
  finish(last, [&](std::size_t errors) { told.set_value(errors); });
  return told.get_future().get();
}

void ProgressReporter::due(const Progress& latest, std::function<void(std::size_t)> then) {
  const std::lock_guard lock(mutex_);
  latest_ = latest;
  due_ = true;
  if (then) then_ = std::move(then);
  if (std::exchange(busy_, true)) return;
  pool_.post([self = shared_from_this()] { self->deliver(); });
}

void ProgressReporter::deliver() {
  std::unique_lock lock(mutex_);
  while (std::exchange(due_, false)) {
    const auto latest = latest_;
    lock.unlock();
    bool threw = false;
    try {
      function_(latest);
    } catch (...) {
      threw = true;
    }
    lock.lock();
    if (threw) ++errors_;
  }
  busy_ = false;
  if (!then_) return;
  const auto then = std::exchange(then_, nullptr);
  const auto errors = errors_;
  lock.unlock();
  then(errors);
}

}  // namespace qbatch::run
