#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "run/batch_run.hpp"

namespace qbatch::run {

/// One request of a run on its way, and what is needed when its answer comes.
struct BatchRun::Flight {
  std::uint64_t id{};
  batch::Positions positions;
  std::shared_ptr<Chunk> chunk;  // none for a preparation
  std::shared_ptr<Chunk> view;   // the chunk, or those of its items that the request is about
  batch::Range part;             // of the view
  bool readBack = false;
  std::vector<std::optional<PointBefore>> before;  // one a position, of a read-back
  std::vector<PointBefore> condition;              // one a position, or none: the request refers to it
  std::vector<batch::Found> found;                 // one a position, of a read-back that was answered
  Request request;
  batch::TimePoint began = batch::Clock::now();
  std::atomic_flag answered;
};

}  // namespace qbatch::run
