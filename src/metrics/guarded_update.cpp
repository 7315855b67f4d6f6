#include "metrics/guarded_update.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "metrics/counter_value.hpp"

namespace qbatch::metrics {
namespace {

using Kind = Verdict::Kind;
using Copies = FlushLedger::Copies;

constexpr unsigned readsForTheLog = 3;          // before a write that the server has in its log is sent again
constexpr unsigned longestContentionPause = 4;  // who loses to others waits to fall out of step, not for a server to recover
constexpr unsigned refusalsToBelieve = 32;      // in a row: then what several points share is at fault, not one of them
constexpr std::size_t operationsAtOnce = 512;   // of a Write, beyond which no point has more rungs than one

unsigned mostRungsFor(std::size_t points) {
  constexpr std::size_t most = 8;
  return static_cast<unsigned>(std::clamp<std::size_t>(operationsAtOnce / std::max<std::size_t>(points, 1), 1, most));
}

bool wantsIndex(const Verdict& verdict) {
  return verdict.kind == Kind::fatal && verdict.error.serverMessage().find("Index required but not found") != std::string::npos;
}

}  // namespace

GuardedUpdate::GuardedUpdate(std::span<const MetricChange> changes, Options options)
    : changes_(changes),
      flush_{std::move(options.fields), std::move(options.writer), options.sequence, options.indexedOnly},
      waitedFor_(options.waitedFor),
      seen_(changes, flush_, std::move(options.known)),
      ledger_(changes, flush_, {options.rounds, std::move(options.collection)}),
      plan_(changes, flush_) {
  if (!isWriterName(flush_.writer))
    throw std::invalid_argument("`" + flush_.writer + "` cannot be a writer's name: use letters, digits and `_`");
  if (changes.empty()) finish();
  if (auto operations = seen_.fromMemory(flush_, ledger_); !operations.empty()) plan(std::move(operations));
}

GuardedUpdate::Action GuardedUpdate::next() {
  switch (step_) {
    case Step::read: {
      Read request;
      for (const auto position : ledger_.unsettled()) request.ids.push_back(changes_[position].id);
      request.keys = seen_.keys();
      return request;
    }
    case Step::pauseThenRead:
      step_ = Step::read;
      return std::exchange(pause_, {});
    case Step::write:
      return write();
    case Step::barrier: {
      Write request;
      request.operations.push_back(barrier(changes_[plan_.underWay().front()].id));
      return request;
    }
    case Step::finished:
      break;
  }
  return Finished{};
}

GuardedUpdate::Action GuardedUpdate::write() {
  Write request;
  request.operations = plan_.take();
  request.parts = std::max(plan_.underWay().size(), request.operations.size());
  request.wait = request.operations.size() <= waitedFor_;
  return request;
}

void GuardedUpdate::read(std::span<const StoredPoint> points) {
  const auto before = ledger_.unsettled().size();
  auto operations = look(points);
  if (ledger_.unsettled().size() < before) faults_ = 0;
  const auto repeatable = std::exchange(repeatable_, std::nullopt);
  if (repeatable && ledger_.untouched()) return endAsWhole(*repeatable);
  if (ending_) return endAll(*ending_);
  if (operations.empty()) return finish();
  if (patience_ > 0) {
    --patience_;
    return pauseForFault();
  }
  plan(std::move(operations));
}

WritePlan::Operations GuardedUpdate::look(std::span<const StoredPoint> points) {
  std::unordered_map<PointId, const StoredPoint*> found;
  for (const auto& point : points) found.emplace(point.id, &point);
  WritePlan::Operations operations;
  unsigned mostLost = 0;
  const auto unsettled = ledger_.unsettled();
  const auto mostRungs = lookedAtRefusal_ || oneRung_ ? 1u : mostRungsFor(unsettled.size());
  for (const auto position : unsettled) {
    const auto& change = changes_[position];
    const auto entry = found.find(change.id);
    if (entry == found.end()) {
      seen_.gone(position);
      ledger_.see(position, nullptr);
      continue;
    }
    const auto lostBefore = ledger_.lost(position);
    try {
      const auto stored = codec::JsonObject::ofPayload(entry->second->payload);
      seen_.compare(position, stored, ledger_);
      if (!ledger_.see(position, &stored)) {
        if (ledger_.marked(position)) seen_.settled(position, stored);
        continue;
      }
      const bool lost = ledger_.lost(position) > lostBefore;
      auto operation = guardedOperation(change, stored, flush_, seen_.rungs(position, lost, mostRungs));
      // The server may have failed at it, and may try again.
      if (seen_.skipped(position, operation)) ledger_.mayArrive(position);
      if (operation.rungs.empty()) {
        ledger_.done(position);
        seen_.settled(position, stored);
      } else {
        operations.emplace_back(position, std::move(operation));
      }
    } catch (const RequestError& error) {
      ledger_.end(position, Outcome::rejected, error.error());
    } catch (const ParseError& error) {
      ledger_.end(
          position, Outcome::failed,
          Error(Errc::internal, Origin::server, "point " + change.id.toString() + ": its payload is no JSON object: " + error.what()));
    }
    if (const auto lost = ledger_.lost(position); lost > lostBefore) mostLost = std::max(mostLost, lost);
  }
  if (mostLost > 1) {
    pauseBeforeWrite_ = true;
    pause_.attempt = std::min(mostLost - 1, longestContentionPause);
    pause_.outOfStep = true;
  }
  return operations;
}

void GuardedUpdate::plan(WritePlan::Operations operations) {
  // What was read before a pause is old behind it, and would lose again: so a pause comes before a read, never between read and write.
  if (std::exchange(pauseBeforeWrite_, false)) return pause(pause_.attempt);
  plan_.renew(std::move(operations));
  step_ = Step::write;
}

void GuardedUpdate::readFailed(const Verdict& verdict) {
  if (ledger_.untouched()) return endAsWhole(verdict);
  // Asked again, it would be refused again.
  if (verdict.kind == Kind::fatal || verdict.kind == Kind::itemAtFault) return endAll(ending_ ? *ending_ : verdict.error);
  pauseForFault(verdict.retryAfter);
}

void GuardedUpdate::written() {
  refusedInARow_ = 0;
  ledger_.wrote(plan_.underWay(), Copies::answered);
  if (step_ == Step::barrier) {
    for (const auto position : plan_.underWay()) seen_.passed(position, plan_.wanted(position));
  }
  goOn();
}

void GuardedUpdate::queued() { step_ = Step::barrier; }

/// Whether the operations in the log were carried out is not known.
void GuardedUpdate::unbarred(const Verdict& verdict) {
  ledger_.wrote(plan_.underWay(), Copies::alive);
  if (verdict.kind == Kind::fatal) return hopeless(verdict);
  plan_.putBack();
  patience_ = readsForTheLog;
  pauseForFault(verdict.retryAfter);
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

/// After a Write that has its answer: the next piece of the plan, or a look at what came of all.
void GuardedUpdate::goOn() {
  plan_.drop();
  step_ = plan_.empty() ? Step::read : Step::write;
}

void GuardedUpdate::writeFailed(const Verdict& verdict) {
  if (step_ == Step::barrier) return unbarred(verdict);
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

void GuardedUpdate::giveUp(const Error& why) {
  if (step_ == Step::finished) return;
  ledger_.wrote(plan_.underWay(), Copies::alive);
  plan_.drop();
  if (!ledger_.untouched()) return endAll(why);
  Verdict verdict;
  verdict.kind = Kind::unavailable;
  verdict.error = why;
  endAsWhole(verdict);
}

void GuardedUpdate::pause(unsigned attempt) {
  pause_.attempt = attempt;
  step_ = Step::pauseThenRead;
}

void GuardedUpdate::pauseForFault(std::optional<std::chrono::milliseconds> asked) {
  pause_.atLeast = std::max(pause_.atLeast, asked.value_or(std::chrono::milliseconds(0)));
  pause_.outOfStep = false;
  pause(++faults_);
}

void GuardedUpdate::endAll(const Error& why) {
  for (const auto position : ledger_.unsettled()) ledger_.end(position, Outcome::failed, why);
  finish();
}

void GuardedUpdate::endAsWhole(const Verdict& why) {
  verdict_ = why;
  // A failure that calls itself a success would make the caller believe in changes that nobody made.
  if (why.kind == Kind::completed || why.kind == Kind::acknowledged) verdict_.kind = Kind::unavailable;
  verdict_.maybeApplied = false;
  verdict_.items.clear();
  step_ = Step::finished;
}

void GuardedUpdate::finish() {
  verdict_ = {};
  verdict_.items = ledger_.items();
  step_ = Step::finished;
}

}  // namespace qbatch::metrics
