#include "verbs.hpp"

#include <string>

#include "qbatch/error.hpp"
#include "qbatch/report.hpp"

namespace qbatch {

namespace {

ClientCore& present(const std::shared_ptr<ClientCore>& core, std::string_view verb) {
  if (!core) throw ConfigError({std::string(verb) + ": this client was moved from"});
  return *core;
}

}  // namespace

ClientCore& blocking(const std::shared_ptr<ClientCore>& core, std::string_view verb) {
  present(core, verb).refuseBlocking(verb);
  return *core;
}

ClientCore& async(const std::shared_ptr<ClientCore>& core, std::string_view verb) {
  present(core, verb).refuseAfterFork(verb);
  return *core;
}

void throwIfFailed(const run::BatchRun& run) {
  const BatchReport report(run.result());
  if (report.ok()) return;
  // Who ended the call is to hear that, not what its last request happened to meet.
  const auto why = report.stopped().code();
  const bool ended = why == Errc::cancelled || why == Errc::deadlineExceeded;
  throw RequestError(ended || report.failures().empty() ? report.stopped() : report.failures().front().error);
}

}  // namespace qbatch
