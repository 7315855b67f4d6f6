#include "metrics/guarded_update.hpp"

#include <algorithm>
#include <unordered_map>

namespace qbatch::metrics {
namespace {

using Kind = Verdict::Kind;
using Copies = FlushLedger::Copies;

constexpr unsigned readsForTheLog = 3;          // before a write that the server has in its log is sent again
constexpr unsigned longestContentionPause = 4;  // who loses to others waits to fall out of step, not for a server to recover
constexpr unsigned refusalsToBelieve = 32;      // in a row: then what several points share is at fault, not one of them

}  // namespace

GuardedUpdate::GuardedUpdate(std::span<const MetricChange> changes, Options options)
    : changes_(changes),
      flush_{std::move(options.fields), std::move(options.writer), options.sequence},
      ledger_(changes, flush_, {options.rounds, std::move(options.collection)}),
      plan_(changes, flush_) {
  if (changes.empty()) finish();
}

GuardedUpdate::Action GuardedUpdate::next() {
  switch (step_) {
    case Step::read: {
      Read request;
      for (const auto position : ledger_.unsettled()) request.ids.push_back(changes_[position].id);
      request.keys = keysToRead(changes_, flush_);
      return request;
    }
    case Step::pauseThenRead:
      step_ = Step::read;
      return std::exchange(pause_, {});
    case Step::write:
      return write();
    case Step::finished:
      break;
  }
  return Finished{};
}

GuardedUpdate::Action GuardedUpdate::write() {
  Write request;
  request.operations = plan_.take();
  request.parts = plan_.underWay().size();
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
  for (const auto position : ledger_.unsettled()) {
    const auto& change = changes_[position];
    const auto entry = found.find(change.id);
    if (entry == found.end()) {
      ledger_.see(position, nullptr);
      continue;
    }
    const auto lostBefore = ledger_.lost(position);
    try {
      const auto stored = codec::JsonObject::ofPayload(entry->second->payload);
      if (!ledger_.see(position, &stored)) continue;
      auto operation = guardedOperation(change, stored, flush_);
      if (operation.payload.empty()) {
        ledger_.done(position);
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
  goOn();
}

/// After a Write that has its answer: the next piece of the plan, or a look at what came of all.
void GuardedUpdate::goOn() {
  plan_.drop();
  step_ = plan_.empty() ? Step::read : Step::write;
}

void GuardedUpdate::writeFailed(const Verdict& verdict) {
  if (verdict.kind == Kind::itemAtFault) return refused(verdict);
  if (verdict.maybeApplied || verdict.kind == Kind::acknowledged) {
    ledger_.wrote(plan_.underWay(), Copies::alive);
  } else if (answeredInTheMiddle(verdict)) {
    ledger_.wrote(plan_.underWay(), Copies::partly);
    repeatable_ = verdict;
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

/// True where a server that carries out several changes may have said so after some of them.
bool GuardedUpdate::answeredInTheMiddle(const Verdict& verdict) const {
  const bool later = verdict.kind == Kind::throttled || (verdict.kind == Kind::tooLarge && verdict.error.code() == Errc::throttled);
  return later && verdict.error.httpStatus() != 0 && plan_.underWay().size() > 1;
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
  pause_.atLeast = verdict.retryAfter.value_or(pause_.atLeast);
  step_ = Step::read;
}

void GuardedUpdate::tooMuch(const Verdict& verdict) {
  if (plan_.divideAll()) {
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
