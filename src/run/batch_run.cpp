#include "run/batch_run.hpp"

#include <algorithm>
#include <utility>

#include "batch/retry.hpp"
#include "run/flight.hpp"

namespace qbatch::run {

BatchRun::BatchRun(ClientCore& core, CallOptions options, Traits traits)
    : core_(core),
      options_(std::move(options)),
      traits_(traits),
      deadline_(batch::deadlineAfter(began_, options_.deadline)),
      progress_(std::make_shared<ProgressReporter>(core.callbacks(), options_.progress)),
      timer_(std::in_place, core.clock()),
      deadlineTimer_(std::in_place, core.clock()) {}

BatchRun::~BatchRun() = default;

void BatchRun::start() {
  core_.runStarted();
  self_ = shared_from_this();
  if (deadline_ != batch::TimePoint::max()) {
    const std::lock_guard lock(mutex_);
    deadlineTimer_->arm(deadline_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->endAtDeadline();
    });
  }
  if (options_.stop.stop_possible())
    callerStop_.emplace(options_.stop, [weak = weak_from_this(), gate = core_.gate()] {
      const Gate::Pass pass(gate);
      if (const auto self = weak.lock()) self->cancel(Error(Errc::cancelled, Origin::caller, "cancelled by the caller"));
    });
  pump();
}

void BatchRun::endAtDeadline() { cancel(Error(Errc::deadlineExceeded, Origin::caller, "the call's deadline passed")); }

void BatchRun::cancel(const Error& why) {
  {
    const std::lock_guard lock(mutex_);
    if (stage_ == Stage::finished || std::exchange(cancelled_, true)) return;
    if (!stopReason_) stopReason_ = why;
    if (machine_) machine_->cancel(why, batch::Clock::now());
    if (stage_ == Stage::running) dropUnplanned();
  }
  embedStop_.request_stop();
  requestStop_.request_stop();
  pump();
}

void BatchRun::wait() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return signalled_; });
}

bool BatchRun::waitFor(milliseconds time) {
  std::unique_lock lock(mutex_);
  return ended_.wait_until(lock, batch::later(batch::Clock::now(), time), [this] { return signalled_; });
}

std::shared_ptr<const ReportData> BatchRun::result() const {
  const std::lock_guard lock(mutex_);
  if (exception_) exception_.raise();
  return data_;
}

void BatchRun::pump() {
  Flights flights;
  Progress last;
  bool finished = false, stopEmbedding = false;
  {
    const std::lock_guard lock(mutex_);
    if (stage_ == Stage::finished) return;
    step(flights);
    last = snapshot();
    stopEmbedding = std::exchange(stopEmbedding_, false);
    finished = stage_ == Stage::finished;
    if (!finished) {
      if (last.done + last.failed != std::exchange(reported_, last.done + last.failed)) progress_->changed(last);
      for (const auto& flight : flights) core_.senders().post([self = shared_from_this(), flight] { self->launch(flight); });
    }
  }
  if (stopEmbedding) embedStop_.request_stop();
  if (finished) progress_->finish(last, [self = shared_from_this()](std::size_t errors) { self->signalEnd(errors); });
}

// The machine may stop the batch on any event, and also when its patience is over.
bool BatchRun::noticeStop() {
  if (stage_ != Stage::running || stopReason_ || !machine_->stopped()) return false;
  stopReason_ = machine_->stopped();
  stopEmbedding_ = true;
  dropUnplanned();
  return true;
}

void BatchRun::step(Flights& flights) {
  while (stage_ != Stage::finished) {
    if (stage_ == Stage::running) startChunks();
    if (!machine_) {
      if (resolving_) return;
      advancePreparation();
      continue;
    }
    const auto action = machine_->next(batch::Clock::now());
    if (noticeStop()) continue;
    if (const auto* send = std::get_if<batch::BatchMachine::Send>(&action)) {
      flights.push_back(makeFlight(*send));
    } else if (const auto* wait = std::get_if<batch::BatchMachine::Wait>(&action)) {
      if (wait->until != batch::TimePoint::max())
        timer_->arm(wait->until, [weak = weak_from_this()] {
          if (const auto self = weak.lock()) self->pump();
        });
      return;
    } else {
      countMachine();
      if (stage_ == Stage::running) finish();
    }
  }
}

void BatchRun::settle(const batch::Settlement& settlement) {
  auto [range, outcome, error, attempts, superseded] = settlement;
  if (outcome == Outcome::done || outcome == Outcome::accepted) successes_ += range.size();
  if (const auto lack = outcome == Outcome::done ? shortcoming() : Error()) {
    outcome = Outcome::failed;
    error = lack;
  }
  const auto first = positions_[range.first];
  if (positions_[range.last - 1] - first == range.size() - 1) {
    report_->settle(first, first + range.size(), outcome, error, attempts);
  } else {
    for (auto position = range.first; position < range.last; ++position) report_->settle(positions_[position], outcome, error, attempts);
  }
  for (auto position = range.first; superseded && position < range.last; ++position)
    report_->note({positions_[position], ItemNote::Kind::superseded, positions_[position]});
  const auto entry = std::prev(chunks_.upper_bound(range.first));
  auto& chunk = *entry->second;
  chunk.unsettled -= range.size();
  if (chunk.unsettled != 0) return;
  settledBytes_ += chunk.bytes;
  release(chunk);
  chunks_.erase(entry);
}

void BatchRun::finish() {
  const bool ran = std::exchange(stage_, Stage::finished) == Stage::running;
  machine_.reset();
  timer_.reset();
  deadlineTimer_.reset();
  if (exception_) return;
  data_ = report_->finish();
  if (ran && data_->failures.empty()) stopReason_ = {};  // it was stopped when nothing was left to stop
  stats_.items = data_->stats.items;
  stats_.accepted = data_->stats.accepted;
  stats_.points = successes_;
  if (embedStage_) stats_.embedding = embedStage_->busy();
  data_->stats = stats_;
  data_->stopped = stopReason_;
  data_->nothingTried = stopReason_ && successes_ == 0;
  complete(*data_);
  data_->stats.total = batch::Clock::now() - began_;
}

void BatchRun::signalEnd(std::size_t callbackErrors) {
  std::shared_ptr<BatchRun> self;
  std::vector<std::function<void()>> listeners;
  {
    const std::lock_guard lock(mutex_);
    self = std::move(self_);
    listeners.swap(listeners_);
    if (data_) data_->stats.callbackErrors = callbackErrors;
    signalled_ = true;
    ended_.notify_all();
  }
  if (options_.ended) options_.ended();
  if (listeners.empty()) return core_.runEnded();
  // Never on this thread, which may be the caller's own, inside cancel() or the destructor of the very job that a listener destroys.
  core_.callbacks().post([self, listeners = std::move(listeners)]() mutable {
    self->tell(listeners);
    self->core_.runEnded();
  });
}

void BatchRun::whenEnded(std::function<void()> listener) {
  std::vector<std::function<void()>> atOnce;
  {
    const std::lock_guard lock(mutex_);
    (signalled_ ? atOnce : listeners_).push_back(std::move(listener));
  }
  tell(atOnce);
}

// Each is gone before the next one is called: it may be what keeps the job, and the job what keeps the run.
void BatchRun::tell(std::vector<std::function<void()>>& listeners) const {
  for (auto& kept : listeners) {
    const auto listener = std::move(kept);
    try {
      listener();
    } catch (const std::exception& error) {
      core_.log(LogLevel::error, std::string("a function given to whenDone threw: ") + error.what());
    } catch (...) {
      core_.log(LogLevel::error, "a function given to whenDone threw something that is no std::exception");
    }
  }
}

Progress BatchRun::progress() const {
  const std::lock_guard lock(mutex_);
  return snapshot();
}

Progress BatchRun::snapshot() const {
  Progress progress;
  progress.total = data_ ? data_->size : items();
  progress.bytes = settledBytes_;
  if (data_) {
    progress.failed = data_->failures.size();
    progress.done = data_->size - progress.failed;
  } else if (report_) {
    progress.failed = report_->failedItems();
    progress.done = report_->settledItems() - progress.failed;
  }
  const auto seconds = std::chrono::duration<double>(batch::Clock::now() - began_).count();
  const auto settled = progress.done + progress.failed;
  if (seconds > 0) progress.itemsPerSecond = static_cast<double>(settled) / seconds;
  if (settled > 0 && settled <= progress.total)
    progress.remaining = std::chrono::seconds(
        static_cast<std::int64_t>(static_cast<double>(progress.total - settled) / std::max(progress.itemsPerSecond, 1e-9)));
  return progress;
}

}  // namespace qbatch::run
