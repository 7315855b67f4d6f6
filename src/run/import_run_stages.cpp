// The part of ImportRun that moves windows from stage to stage: embedding, sending, keeping.
#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "batch/item_checks.hpp"
#include "run/import_run.hpp"

namespace qbatch::run {

namespace {

constexpr auto tick = std::chrono::milliseconds(100);
// An item does not wait longer than this for others, where nothing else holds it up.
constexpr auto linger = std::chrono::seconds(1);

/// Which texts of a window are embedded: equal ones once.
struct Rows {
  std::vector<std::size_t> patternOf;                     // a row's first pattern
  std::vector<std::pair<std::size_t, std::size_t>> uses;  // pattern and row
  std::vector<PointId> keys;                              // of the rows, in the spool
};

PointId keyOf(const Pattern& pattern) { return PointId::forContent(pattern.description, pattern.code, pattern.language); }

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
    if (!toEmbed_.empty() && embedStage_->hungry()) {
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
  for (const auto& window : embedding) embed(window);
  for (const auto& window : starting) start(window);
}

void ImportRun::embed(const WindowPtr& window) {
  const auto dimension = dimension_.load();
  window->computed.assign(window->patterns.size(), false);
  auto rows = std::make_shared<Rows>();
  std::unordered_map<PointId, std::size_t> rowOfKey;
  std::vector<float> vector(dimension);
  for (std::size_t index = 0; index < window->patterns.size(); ++index) {
    auto& pattern = window->patterns[index];
    if (!pattern.vector.empty() || batch::checkPattern(pattern, core_.options().fields)) continue;
    const auto key = pattern.id ? keyOf(pattern) : window->ids[index];
    if (spool_ && spool_->find(key, vector)) {
      pattern.vector = vector;
      window->computed[index] = true;
      continue;
    }
    const auto [entry, isNew] = rowOfKey.try_emplace(key, rows->patternOf.size());
    if (isNew) {
      rows->patternOf.push_back(index);
      rows->keys.push_back(key);
    }
    rows->uses.emplace_back(index, entry->second);
  }
  if (rows->uses.empty()) return embedded(window);
  auto job = std::make_shared<EmbedJob>();
  job->rows = rows->patternOf.size();
  job->textOf = [window, rows](std::size_t row, std::string& out) { appendText(window->patterns[rows->patternOf[row]], out); };
  if (spool_)
    job->sliced = [self = shared_from_this(), window, rows, raw = job.get(), dimension](std::size_t first, std::size_t count,
                                                                                        const std::vector<RowFailure>& failures) {
      std::vector<bool> good(count, true);
      for (const auto& failure : failures) good[failure.row - first] = false;
      self->spoolRows(*window, {rows->keys.data() + first, count}, {raw->matrix.data() + first * dimension, count, dimension}, good);
    };
  // Holds the job, which lets it go before it calls.
  job->finished = [self = shared_from_this(), window, rows, job, dimension] {
    std::vector<const std::string*> reasons(job->rows, nullptr);
    for (const auto& failure : job->failures) reasons[failure.row] = &failure.reason;
    bool stopped = job->dropped;
    {
      const std::lock_guard lock(self->mutex_);
      stopped = stopped || self->atOnce_;
    }
    for (const auto& [index, row] : rows->uses) {
      if (reasons[row] == nullptr && !job->dropped) {
        const auto* values = job->matrix.data() + row * dimension;
        window->patterns[index].vector.assign(values, values + dimension);
        window->computed[index] = true;
      } else if (!stopped) {
        window->ended.push_back(
            {index, Outcome::failed, Error(Errc::embedding, Origin::embedder, "Embedding generation failed: " + *reasons[row])});
      }
    }
    self->embedded(window);
  };
  embedStage_->submit(std::move(job));
}

// On a pool thread, before the vectors are sent: from here on they survive a kill.
void ImportRun::spoolRows(ImportWindow& window, std::span<const PointId> keys, MatrixView rows, const std::vector<bool>& good) {
  {
    const std::lock_guard lock(mutex_);
    if (spoolBroken_) return;
  }
  std::vector<PointId> goodKeys;
  std::vector<float> vectors;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    if (!good[row]) continue;
    goodKeys.push_back(keys[row]);
    vectors.insert(vectors.end(), rows.row(row).begin(), rows.row(row).end());
  }
  if (goodKeys.empty()) return;
  try {
    window.noteSpooled(spool_->keep(goodKeys, {vectors.data(), goodKeys.size(), rows.columns}));
  } catch (const RequestError& error) {
    {
      const std::lock_guard lock(mutex_);
      spoolBroken_ = true;
    }
    stopReading(error.error());
  }
}

void ImportRun::embedded(const WindowPtr& window) {
  std::sort(window->ended.begin(), window->ended.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
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
  flow_.throttled(number, data_.windows);
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
    letters = keeper_->keep(*window, report);
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

void ImportRun::settleWindow(const WindowPtr& window, const StoreReport& report, std::size_t letters) {
  Progress progress;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t kind = 0; kind < data_.outcomes.size(); ++kind) data_.outcomes[kind] += report.count(static_cast<Outcome>(kind));
    data_.outcomes[static_cast<std::size_t>(Outcome::rejected)] += window->noPatterns.size();
    data_.deadLetters += letters;
    noteFailures(*window, report);
    auto& sum = data_.stats;
    const auto& stats = report.stats();
    sum.points += stats.points;
    sum.requests += stats.requests;
    sum.retries += stats.retries;
    sum.splits += stats.splits;
    sum.bytesSent += stats.bytesSent;
    sum.bytesReceived += stats.bytesReceived;
    sum.sending += stats.sending;
    sum.lostRounds += stats.lostRounds;
    settled_ += window->items();
    failed_ += report.failures().size() + window->noPatterns.size();
    bytes_ += window->requestBytes;
    if (window->share) share_ = std::max(share_.value_or(0), *window->share);

    if (window->run) {
      --sending_;
      flow_.passed();
    }
    for (const auto& id : window->ids) {
      auto [entry, end] = idsOnTheWay_.equal_range(id);
      while (entry != end) entry = entry->second.first == window->number ? idsOnTheWay_.erase(entry) : std::next(entry);
    }
    for (const auto& [number, other] : windows_) other->blockers.erase(window->number);
    progress = last_ = snapshot();
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

void ImportRun::noteFailures(const ImportWindow& window, const StoreReport& report) {
  auto& all = data_.failures;
  for (const auto& failure : report.failures()) {
    if (all.size() >= mostFailures) return;
    all.push_back({window.indices[failure.index], failure.outcome, failure.error, failure.attempts});
  }
  for (const auto& [index, item] : window.noPatterns) {
    if (all.size() >= mostFailures) return;
    all.push_back({index, Outcome::rejected, Error(Errc::invalidItem, Origin::caller, item.problem), 0});
  }
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
