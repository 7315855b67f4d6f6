// The part of ImportRun that moves windows from stage to stage: embedding, sending, keeping.
#include <utility>
#include <vector>

#include "run/import_run.hpp"

namespace qbatch::run {

namespace {

constexpr auto tick = std::chrono::milliseconds(100);
// An item does not wait longer than this for others, where nothing else holds it up.
constexpr auto linger = std::chrono::seconds(1);

}  // namespace

void ImportRun::advance() {
  std::vector<WindowPtr> embedding, starting;
  {
    const std::lock_guard lock(mutex_);
    if (atOnce_) {
      for (auto* queue : {&toEmbed_, &toStart_}) {
        toKeep_.insert(toKeep_.end(), queue->begin(), queue->end());
        queue->clear();
      }
      changed_.notify_all();
      return;
    }
    // One window after the other, so that the first is whole soon.
    if (!toEmbed_.empty() && embedding_->hungry()) {
      embedding.push_back(toEmbed_.front());
      toEmbed_.pop_front();
    }
    for (auto next = toStart_.begin(); next != toStart_.end() && sending_ < flow_.size();) {
      if ((*next)->blockers.empty()) {
        ++sending_;
        starting.push_back(*next);
        next = toStart_.erase(next);
      } else {
        ++next;
      }
    }
  }
  for (const auto& window : embedding) embedding_->submit(window, [self = shared_from_this(), window] { self->embedded(window); });
  for (const auto& window : starting) start(window);
}

void ImportRun::embedded(const WindowPtr& window) {
  {
    const std::lock_guard lock(mutex_);
    toStart_.push_back(window);
  }
  advance();
}

void ImportRun::start(const WindowPtr& window) {
  PreparedWindow prepared;
  prepared.ids = window->ids;
  prepared.ended = window->ended;
  {
    const std::lock_guard lock(mutex_);
    if (place_) prepared.place = *place_;
  }
  auto call = callOptions();
  call.throttled = [weak = weak_from_this(), number = window->number] {
    if (const auto self = weak.lock()) self->throttled(number);
  };
  call.ended = [self = shared_from_this(), window] { self->arrived(window); };
  const auto run =
      std::make_shared<StoreRun>(core_, std::move(call), options_.existing, options_.durability, window->patterns, std::move(prepared));
  window->run = run;
  run->start();
  // Only now, as a run must not be cancelled before it was started; it may have arrived already.
  Error reason;
  {
    const std::lock_guard lock(mutex_);
    if (!window->arrived) running_.emplace(window->number, run);
    if (!atOnce_) return;
    reason = stopped_;
  }
  run->cancel(reason);
}

// Windows that began before the last halving tell of the same moment.
void ImportRun::throttled(std::size_t number) {
  const std::lock_guard lock(mutex_);
  flow_.throttled(number, tally_.windows());
}

void ImportRun::arrived(const WindowPtr& window) {
  const std::lock_guard lock(mutex_);
  window->arrived = true;
  running_.erase(window->number);
  toKeep_.push_back(window);
  changed_.notify_all();
}

void ImportRun::keepLoop() {
  while (true) {
    WindowPtr window;
    {
      Lock lock(mutex_);
      changed_.wait_for(lock, tick, [&] { return !toKeep_.empty() || drained_; });
      if (!toKeep_.empty()) {
        window = toKeep_.front();
        toKeep_.pop_front();
      } else if (drained_) {
        return;
      }
    }
    if (window) keep(window);
    try {
      keeper_->sync(false);
    } catch (const RequestError& error) {
      stopReading(error.error());
    }
    if (!window) flushStale();
  }
}

void ImportRun::keep(const WindowPtr& window) {
  StoreReport report;
  try {
    Error why;
    {
      const std::lock_guard lock(mutex_);
      why = stopped_;
    }
    report = window->run ? StoreReport(window->run->result()) : unsentReport(*window, why);
  } catch (const std::exception& error) {
    const Error why(Errc::internal, Origin::caller, error.what());
    report = unsentReport(*window, why);
    stopAtOnce(why);
  }
  std::size_t letters = 0;
  try {
    if (!misuse()) letters = keeper_->keep(*window, report);
  } catch (const RequestError& error) {
    stopReading(error.error());
  } catch (const std::exception& error) {
    stopReading(Error(Errc::internal, Origin::caller, std::string("ImportOptions::settled threw: ") + error.what()));
  } catch (...) {
    stopReading(Error(Errc::internal, Origin::caller, "ImportOptions::settled threw something that is no std::exception"));
  }
  if (report.stopped()) stopAtOnce(report.stopped());
  settleWindow(window, report, letters);
}

// Then the call throws, and what was read leaves no trace.
bool ImportRun::misuse() const {
  const std::lock_guard lock(mutex_);
  return exception_ != nullptr;
}

void ImportRun::settleWindow(const WindowPtr& window, const StoreReport& report, std::size_t letters) {
  Progress progress;
  {
    const std::lock_guard lock(mutex_);
    tally_.settle(*window, report, letters);
    if (window->run) {
      --sending_;
      flow_.passed();
    }
    ids_.leave(window->number, window->ids);
    for (const auto& [number, other] : windows_) other->blockers.erase(window->number);
    progress = last_ = tally_.progress(std::chrono::steady_clock::now() - startedAt_);
  }
  window->run.reset();
  core_.budget().give(window->bytes);
  progress_->changed(progress);
  {
    // Last: when no window is left, the call may return.
    const std::lock_guard lock(mutex_);
    windows_.erase(window->number);
    changed_.notify_all();
  }
  advance();
}

// On the keeper's thread, while the source gives nothing: what has been waiting for company goes alone.
void ImportRun::flushStale() {
  WindowPtr window;
  {
    const std::lock_guard lock(mutex_);
    const bool stale = open_->items() > 0 && std::chrono::steady_clock::now() - open_->began >= linger;
    if (!stale || sealing_ || readingStopped_ || windows_.size() >= mostWindows()) return;
    window = claimOpen();
  }
  if (window) handOn(window);
}

}  // namespace qbatch::run
