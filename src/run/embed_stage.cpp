#include "run/embed_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <utility>

#include "run/client_core.hpp"

namespace qbatch::run {

namespace {

constexpr std::string_view emptyReason = "the embedder gave no reason";

void failAll(std::vector<RowFailure>& failures, std::size_t first, std::size_t count, const std::string& reason) {
  failures.clear();
  for (std::size_t row = 0; row < count; ++row) failures.push_back({first + row, reason});
}

// A row that was filled with NaN before, and is not finite now, was left unwritten or written badly.
void findBadRows(std::vector<RowFailure>& failures, MatrixView rows, std::size_t first) {
  for (std::size_t row = 0; row < rows.rows; ++row) {
    const auto values = rows.row(row);
    const auto bad = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (bad == values.end()) continue;
    const bool known = std::any_of(failures.begin(), failures.end(), [&](const RowFailure& failure) { return failure.row == first + row; });
    if (!known)
      failures.push_back(
          {first + row, fmt::format("the embedder left value {} of the vector unwritten or not finite", bad - values.begin())});
  }
}

}  // namespace

EmbedStage::EmbedStage(ClientCore& core, EmbedRole role, std::size_t dimension, std::stop_token stop, std::function<void()> hungry)
    : core_(core),
      role_(role),
      dimension_(dimension),
      stop_(std::move(stop)),
      onHungry_(std::move(hungry)),
      traits_(core.embedder()->traits()),
      maxActive_(traits_.concurrent ? core.pool().threads() : 1) {
  traits_.maxBatch = std::max<std::size_t>(1, traits_.maxBatch);
}

void EmbedStage::submit(std::shared_ptr<EmbedJob> job) {
  job->matrix.assign(job->rows * dimension_, std::numeric_limits<float>::quiet_NaN());
  const auto share = (job->rows + maxActive_ - 1) / maxActive_;
  const auto sliceRows = std::clamp<std::size_t>(share, 1, traits_.maxBatch);
  {
    const std::lock_guard lock(mutex_);
    pending_.push_back({job, (job->rows + sliceRows - 1) / sliceRows});
    for (std::size_t first = 0; first < job->rows; first += sliceRows)
      queue_.push_back({job, first, std::min(sliceRows, job->rows - first)});
  }
  startSlices();
}

bool EmbedStage::hungry() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() < maxActive_;
}

std::chrono::nanoseconds EmbedStage::busy() const {
  const std::lock_guard lock(mutex_);
  return busy_;
}

void EmbedStage::startSlices() {
  const std::lock_guard lock(mutex_);
  while (tasks_ + active_ < maxActive_ && tasks_ < queue_.size()) {
    ++tasks_;
    core_.pool().post([self = shared_from_this()] { self->runNext(); });
  }
}

void EmbedStage::runNext() {
  Slice slice;
  {
    const std::lock_guard lock(mutex_);
    --tasks_;
    if (queue_.empty()) return;
    ++active_;
    slice = std::move(queue_.front());
    queue_.pop_front();
  }
  run(slice);
}

void EmbedStage::stop() {
  std::vector<std::shared_ptr<EmbedJob>> ended;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const auto& slice : queue_) {
      slice.job->dropped = true;
      const auto entry = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) { return pending.job == slice.job; });
      if (--entry->left != 0) continue;
      ended.push_back(entry->job);
      pending_.erase(entry);
    }
    queue_.clear();
  }
  for (const auto& job : ended) core_.senders().post(std::move(job->finished));
}

void EmbedStage::run(const Slice& slice) {
  std::vector<RowFailure> failures;
  const auto began = std::chrono::steady_clock::now();
  if (stop_.stop_requested())
    failAll(failures, slice.first, slice.count, "stopped before it was embedded");
  else
    embed(slice, failures);
  {
    const std::lock_guard lock(mutex_);
    busy_ += std::chrono::steady_clock::now() - began;
  }
  if (slice.job->sliced) slice.job->sliced(slice.first, slice.count, failures);
  ended(slice, std::move(failures));
}

void EmbedStage::embed(const Slice& slice, std::vector<RowFailure>& failures) {
  try {
    std::vector<std::string> texts(slice.count);
    for (std::size_t row = 0; row < slice.count; ++row) slice.job->textOf(slice.first + row, texts[row]);
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const MatrixView rows{slice.job->matrix.data() + slice.first * dimension_, slice.count, dimension_};

    std::unique_lock alone(core_.embedMutex(), std::defer_lock);
    if (!traits_.concurrent) alone.lock();
    auto reported = core_.embedder()->embed(views, role_, rows, stop_);
    if (alone) alone.unlock();

    for (auto& failure : reported) {
      if (failure.row >= slice.count)
        return failAll(failures, slice.first, slice.count,
                       fmt::format("the embedder reported a failure of row {} where it was given {} texts", failure.row, slice.count));
      failures.push_back({slice.first + failure.row, failure.reason.empty() ? std::string(emptyReason) : std::move(failure.reason)});
    }
    findBadRows(failures, rows, slice.first);
  } catch (const std::exception& error) {
    failAll(failures, slice.first, slice.count, *error.what() ? error.what() : std::string(emptyReason));
  } catch (...) {
    failAll(failures, slice.first, slice.count, "the embedder threw something that is no std::exception");
  }
}

void EmbedStage::ended(const Slice& slice, std::vector<RowFailure> failures) {
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    --active_;
    auto& all = slice.job->failures;
    all.insert(all.end(), std::make_move_iterator(failures.begin()), std::make_move_iterator(failures.end()));
    const auto entry = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) { return pending.job == slice.job; });
    if (--entry->left == 0) {
      last = true;
      pending_.erase(entry);
    }
  }
  startSlices();
  if (!last) {
    if (hungry()) onHungry_();
    return;
  }
  auto& all = slice.job->failures;
  std::sort(all.begin(), all.end(), [](const RowFailure& a, const RowFailure& b) { return a.row < b.row; });
  all.erase(std::unique(all.begin(), all.end(), [](const RowFailure& a, const RowFailure& b) { return a.row == b.row; }), all.end());
  // They hold whoever owns the job; letting them go here breaks the circle.
  slice.job->textOf = nullptr;
  slice.job->sliced = nullptr;
  const auto finished = std::move(slice.job->finished);
  finished();
}

}  // namespace qbatch::run
