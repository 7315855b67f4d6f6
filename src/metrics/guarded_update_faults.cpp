// The part of GuardedUpdate that meets reads and writes which were not carried out as they should.
#include <algorithm>
#include <utility>

#include "metrics/guarded_update.hpp"

namespace qbatch::metrics {
namespace {

using Kind = Verdict::Kind;
using Copies = FlushLedger::Copies;

constexpr unsigned readsForTheLog = 3;      // before a write that the server has in its log is sent again
constexpr unsigned refusalsToBelieve = 32;  // in a row: then what several points share is at fault, not one of them

bool wantsIndex(const Verdict& verdict) {
  return verdict.kind == Kind::fatal && verdict.error.serverMessage().find("Index required but not found") != std::string::npos;
}

}  // namespace

void GuardedUpdate::readFailed(const Verdict& verdict) {
  if (ledger_.untouched()) return endAsWhole(verdict);
  // Asked again, it would be refused again.
  if (verdict.kind == Kind::fatal || verdict.kind == Kind::itemAtFault) return endAll(ending_ ? *ending_ : verdict.error);
  pauseForFault(verdict.retryAfter);
}

/// Whether the operations in the log were carried out is not known.
void GuardedUpdate::unbarred(const Verdict& verdict) {
  unfinished_.reset();
  ledger_.wrote(plan_.underWay(), Copies::alive);
  if (verdict.kind == Kind::fatal) return hopeless(verdict);
  plan_.putBack();
  patience_ = readsForTheLog;
  pauseForFault(verdict.retryAfter);
}

/// Some of the operations may lie in the log: what a read shows before they are carried out says nothing of them.
void GuardedUpdate::finishLog(const Verdict& verdict) {
  unfinished_ = verdict;
  step_ = Step::barrier;
  if (!verdict.retryAfter) return;
  unfinished_->retryAfter.reset();  // will have been waited for
  pauseForFault(verdict.retryAfter);
  afterPause_ = Step::barrier;
}

/// Its first operation was refused already, before anything was written.
void GuardedUpdate::demandsIndex(const Verdict& verdict) {
  ledger_.wrote(plan_.underWay(), Copies::partly);
  if (flush_.indexedOnly) {
    auto clear = verdict;
    clear.error = Error(Errc::refused, Origin::server,
                        verdict.error.message() +
                            "; the collection's strict mode wants an index for each member that a filter names: make "
                            "an integer index for each counter, or allow updates to filter without an index "
                            "(unindexed_filtering_update)",
                        verdict.error.httpStatus(), verdict.error.serverMessage());
    return hopeless(clear);
  }
  flush_.indexedOnly = true;
  plan_ = WritePlan(changes_, flush_);
  step_ = Step::read;
}

void GuardedUpdate::writeFailed(const Verdict& verdict) {
  if (step_ == Step::barrier) return unbarred(verdict);
  if (!waits_ && (verdict.kind == Kind::itemAtFault || answeredInTheMiddle(verdict))) return finishLog(verdict);
  if (wantsIndex(verdict)) return demandsIndex(verdict);
  if (verdict.kind == Kind::itemAtFault) return refused(verdict);
  if (verdict.maybeApplied || verdict.kind == Kind::acknowledged) {
    ledger_.wrote(plan_.underWay(), Copies::alive);
  } else if (answeredInTheMiddle(verdict)) {
    ledger_.wrote(plan_.underWay(), Copies::partly);
    repeatable_ = verdict;
  } else if (tooManyRungs(verdict)) {
    plan_.putBack();
    return pauseForFault(verdict.retryAfter);
  } else if (ledger_.untouched()) {
    return endAsWhole(verdict);
  }
  switch (verdict.kind) {
    case Kind::fatal:
      return hopeless(verdict);
    case Kind::tooLarge:
      return tooMuch(verdict);
    default:
      return comeLater(verdict);
  }
}

/// The server stops at the first operation at fault and does not say which: those before it are applied, those behind it not. A look tells
/// them apart, once, as mostly one is at fault; after that halves go until it stands alone, and the last read says what came of them.
void GuardedUpdate::refused(const Verdict& verdict) {
  const auto& points = plan_.underWay();
  const bool commonFault = ++refusedInARow_ > refusalsToBelieve && plan_.operations() == 1;
  if (points.size() == 1 || commonFault) {
    ledger_.wrote(points, Copies::answered);
    ledger_.refuse(points, points.size() == 1 ? Outcome::rejected : Outcome::failed, verdict.error);
    return goOn();
  }
  ledger_.wrote(points, Copies::partly);
  plan_.divide();
  step_ = std::exchange(lookedAtRefusal_, true) ? Step::write : Step::read;
}

/// True where the points as such may not be too many: then they go again, each with one rung.
bool GuardedUpdate::tooManyRungs(const Verdict& verdict) {
  return verdict.kind == Kind::tooLarge && plan_.operations() > plan_.underWay().size() && !std::exchange(oneRung_, true);
}

/// True where a server that carries out several changes may have said so after some of them.
bool GuardedUpdate::answeredInTheMiddle(const Verdict& verdict) const {
  const bool later = verdict.kind == Kind::throttled || (verdict.kind == Kind::tooLarge && verdict.error.code() == Errc::throttled);
  return later && verdict.error.httpStatus() != 0 && std::max(plan_.underWay().size(), plan_.operations()) > 1;
}

void GuardedUpdate::comeLater(const Verdict& verdict) {
  plan_.putBack();
  if (verdict.kind == Kind::acknowledged) patience_ = readsForTheLog;
  // A full server names no time: that one is this library's own, and keeps nobody from reading.
  const bool silence = verdict.retryAfter && verdict.error.code() != Errc::storageFull;
  if (!repeatable_ || silence) {
    if (repeatable_) repeatable_->retryAfter.reset();  // will have been waited for
    return pauseForFault(verdict.retryAfter);
  }
  // Whether the caller may send all of it again is to be seen at once; only if not, this flush waits for itself.
  pauseBeforeWrite_ = true;
  pause_.attempt = ++faults_;
  pause_.outOfStep = false;
  pause_.atLeast = verdict.retryAfter.value_or(pause_.atLeast);
  step_ = Step::read;
}

void GuardedUpdate::tooMuch(const Verdict& verdict) {
  if (tooManyRungs(verdict)) {
    comeLater(verdict);
  } else if (plan_.divideAll()) {
    // Where it never left, nothing has happened since the points were read, so that what is planned still holds.
    if (!verdict.neverSent) comeLater(verdict);
  } else {
    ledger_.refuse(plan_.underWay(), Outcome::failed, verdict.error);
    goOn();
  }
}

void GuardedUpdate::hopeless(const Verdict& verdict) {
  plan_.drop();
  ending_ = verdict.error;
  if (!ledger_.uncertain()) return endAll(*ending_);
  step_ = Step::read;
}

}  // namespace qbatch::metrics
