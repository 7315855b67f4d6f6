#pragma once
#include <memory>

#include "run/batch_run.hpp"
#include "run/client_core.hpp"

namespace qbatch {

/// What a Job holds: the run, and the core that keeps the run's pool alive.
class RunHandle {
 public:
  RunHandle(std::shared_ptr<ClientCore> core, std::shared_ptr<run::BatchRun> run) : core_(std::move(core)), run_(std::move(run)) {}
  [[nodiscard]] ClientCore& core() const noexcept { return *core_; }
  [[nodiscard]] run::BatchRun& run() const noexcept { return *run_; }

 private:
  std::shared_ptr<ClientCore> core_;  // declared first, so that it goes last
  std::shared_ptr<run::BatchRun> run_;
};

}  // namespace qbatch
