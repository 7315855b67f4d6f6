// The part of BatchRun that makes chunks: from the plan, over the embedder, to what the machine can send.
#include <algorithm>
#include <utility>

#include "run/batch_run.hpp"

namespace qbatch::run {

std::size_t BatchRun::estimate(std::size_t index) const {
  const auto ready = readyVector(index).size();
  const auto floats = ready != 0 || !traits_.embeds ? ready : dimension_;
  return bytesOf(index) + floats * bytesOfFloat;
}

bool BatchRun::roomForChunk() const {
  if (nextPlanned_ == plan_.size() || waitingForBudget_ || stopReason_) return false;
  if (embedStage_ && !embedStage_->hungry()) return false;
  if (traits_.inOrder && (chunksInMaking_ != 0 || !chunks_.empty())) return false;
  return machine_->waiting() < core_.options().flow.maxInFlight && chunksInMaking_ <= 2 * core_.pool().threads();
}

void BatchRun::startChunks() {
  while (roomForChunk()) {
    const auto estimateAt = [this](std::size_t position) { return estimate(plan_[position]); };
    const auto last = batch::chunkEnd(nextPlanned_, plan_.size(), maxItems(), options_.chunk.maxBytes, estimateAt);
    std::size_t bytes = 0;
    for (auto position = nextPlanned_; position < last && !options_.prepaid; ++position) bytes += estimateAt(position);
    const bool onlyOne = chunks_.empty() && chunksInMaking_ == 0;
    const auto wake = [weak = weak_from_this(), &senders = core_.senders()] {
      senders.post([weak] {
        const auto self = weak.lock();
        if (!self) return;
        {
          const std::lock_guard lock(self->mutex_);
          self->waitingForBudget_ = false;
        }
        self->pump();
      });
    };
    if (!core_.budget().take(bytes, onlyOne, wake)) {
      waitingForBudget_ = true;
      return;
    }
    startChunk({nextPlanned_, last}, bytes);
  }
}

void BatchRun::startChunk(batch::Range range, std::size_t bytes) {
  auto chunk = std::make_shared<Chunk>();
  chunk->plan = range;
  chunk->bytes = bytes;
  nextPlanned_ = range.last;
  ++chunksInMaking_;

  auto toEmbed = std::make_shared<std::vector<std::size_t>>();
  if (traits_.embeds)
    for (auto position = range.first; position < range.last; ++position)
      if (readyVector(plan_[position]).empty()) toEmbed->push_back(plan_[position]);
  if (toEmbed->empty()) {
    core_.senders().post([self = shared_from_this(), chunk] { self->chunkReady(chunk); });
    return;
  }
  auto job = std::make_shared<EmbedJob>();
  job->rows = toEmbed->size();
  job->textOf = [self = shared_from_this(), toEmbed](std::size_t row, std::string& out) { self->textOf((*toEmbed)[row], out); };
  job->finished = [self = shared_from_this(), chunk] { self->chunkReady(chunk); };
  chunk->embedding = job;
  embedStage_->submit(std::move(job));
}

void BatchRun::chunkReady(const std::shared_ptr<Chunk>& chunk) {
  const bool stopping = embedStop_.stop_requested() || (chunk->embedding && chunk->embedding->dropped);
  std::vector<std::pair<std::size_t, std::string>> failed;
  std::string broken;
  if (!stopping) {
    std::size_t row = 0, failure = 0;
    for (auto position = chunk->plan.first; position < chunk->plan.last; ++position) {
      const auto index = plan_[position];
      auto vector = readyVector(index);
      if (traits_.embeds && vector.empty()) {
        auto& job = *chunk->embedding;
        const auto thisRow = row++;
        if (failure < job.failures.size() && job.failures[failure].row == thisRow) {
          failed.emplace_back(index, std::move(job.failures[failure++].reason));
          continue;
        }
        vector = {job.matrix.data() + thisRow * dimension_, dimension_};
      }
      chunk->items.push_back(index);
      chunk->vectors.push_back(vector);
    }
    try {
      encode(*chunk);
    } catch (const std::exception& error) {
      broken = error.what();
    }
  }
  {
    const std::lock_guard lock(mutex_);
    --chunksInMaking_;
    if (stopping || stopReason_) {
      for (auto position = chunk->plan.first; position < chunk->plan.last; ++position)
        report_->settle(plan_[position], Outcome::unsent, stopReason_, 0);
      release(*chunk);
    } else {
      for (const auto& [index, reason] : failed)
        report_->settle(index, Outcome::failed, Error(Errc::embedding, Origin::embedder, "Embedding generation failed: " + reason), 0);
      if (!broken.empty()) {
        for (const auto index : chunk->items) report_->settle(index, Outcome::failed, Error(Errc::internal, Origin::caller, broken), 0);
        chunk->items.clear();
      }
      addChunk(chunk);
    }
    closeIfPlanned();
  }
  pump();
}

void BatchRun::addChunk(const std::shared_ptr<Chunk>& chunk) {
  if (chunk->items.empty()) return release(*chunk);
  chunk->firstPosition = positions_.size();
  chunk->unsettled = chunk->items.size();
  for (const auto index : chunk->items) positions_.append(index);
  chunks_.emplace(chunk->firstPosition, chunk);
  machine_->add(chunk->items.size());
}

void BatchRun::release(Chunk& chunk) { core_.budget().give(std::exchange(chunk.bytes, 0)); }

void BatchRun::dropUnplanned() {
  for (; nextPlanned_ < plan_.size(); ++nextPlanned_) report_->settle(plan_[nextPlanned_], Outcome::unsent, stopReason_, 0);
  if (embedStage_) embedStage_->stop();
  closeIfPlanned();
}

void BatchRun::closeIfPlanned() {
  if (nextPlanned_ == plan_.size() && chunksInMaking_ == 0) machine_->close();
}

}  // namespace qbatch::run
