#include "metrics/guarded_update.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "metrics/counter_value.hpp"

namespace qbatch::metrics {
namespace {

using Kind = Verdict::Kind;
using Copies = FlushLedger::Copies;

constexpr unsigned longestContentionPause = 4;  // who loses to others waits to fall out of step, not for a server to recover
constexpr std::size_t operationsAtOnce = 512;   // of a Write, beyond which no point has more rungs than one

unsigned mostRungsFor(std::size_t points) {
  return static_cast<unsigned>(std::clamp<std::size_t>(operationsAtOnce / std::max<std::size_t>(points, 1), 1, mostRungs));
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
    case Step::pause:
      step_ = std::exchange(afterPause_, Step::read);
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
  request.wait = waits_ = request.operations.size() <= waitedFor_;
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
  const auto most = lookedAtRefusal_ || oneRung_ ? 1u : mostRungsFor(unsettled.size());
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
      auto operation = guardedOperation(change, stored, flush_, seen_.rungs(position, lost, most));
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

void GuardedUpdate::written() {
  if (const auto failed = std::exchange(unfinished_, std::nullopt)) {
    waits_ = true;  // by now it has been waited for
    step_ = Step::write;
    return writeFailed(*failed);
  }
  refusedInARow_ = 0;
  ledger_.wrote(plan_.underWay(), Copies::answered);
  if (step_ == Step::barrier) {
    for (const auto position : plan_.underWay()) seen_.passed(position, plan_.wanted(position));
  }
  goOn();
}

void GuardedUpdate::queued() { step_ = Step::barrier; }

/// After a Write that has its answer: the next piece of the plan, or a look at what came of all.
void GuardedUpdate::goOn() {
  plan_.drop();
  step_ = plan_.empty() ? Step::read : Step::write;
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
  step_ = Step::pause;
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
