#pragma once
#include <memory>
#include <string_view>
#include <utility>

#include "run/batch_run.hpp"
#include "run/client_core.hpp"

// What the verbs of BatchClient and Collections have in common.
namespace qbatch {

/// The core for a blocking verb. Throws ConfigError where its owner was moved from, after a fork, and inside the client's own callbacks.
[[nodiscard]] ClientCore& blocking(const std::shared_ptr<ClientCore>& core, std::string_view verb);
/// The core for a verb that does not wait. Throws ConfigError where its owner was moved from, and after a fork.
[[nodiscard]] ClientCore& async(const std::shared_ptr<ClientCore>& core, std::string_view verb);

template <class Run, class... Arguments>
[[nodiscard]] std::shared_ptr<Run> started(ClientCore& core, Arguments&&... arguments) {
  auto run = std::make_shared<Run>(core, std::forward<Arguments>(arguments)...);
  run->start();
  return run;
}

template <class Report>
[[nodiscard]] Report finished(const std::shared_ptr<run::BatchRun>& run) {
  run->wait();
  return Report(run->result());
}

/// Verbs that return plain values throw what went wrong, as RequestError. After wait().
void throwIfFailed(const run::BatchRun& run);

}  // namespace qbatch
