#include "local/request_job.hpp"

#include <utility>

#include "local/interrupt.hpp"
#include "local/refusal.hpp"
#include "local/writes.hpp"

namespace qbatch::local {

void RequestJob::carryOut(StagedWrites& staged) {
  const Interrupt interrupt(limits_);
  if (interrupt.due()) {
    auto verdict = interrupt.verdict();
    verdict.neverSent = true;
    reply_ = replyOf(std::move(verdict));
    return;
  }
  try {
    reply_ = local::carryOut(request_, staged);
  } catch (const Refusal& refusal) {
    reply_ = replyOf(refusal.verdict());
  }
}

void RequestJob::committed() { std::exchange(completion_, nullptr)(std::move(reply_)); }

void RequestJob::failed(const Error& error, bool maybeApplied) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::fatal;
  verdict.error = error;
  verdict.maybeApplied = maybeApplied;
  std::exchange(completion_, nullptr)(replyOf(std::move(verdict)));
}

}  // namespace qbatch::local
