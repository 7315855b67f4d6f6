#include "batch/batch_machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace qbatch::batch {
namespace {

Error reworded(const Error& error, const std::string& before) {
  return {static_cast<Errc>(error.code().value()), error.origin(), before + error.message(), error.httpStatus(), error.serverMessage()};
}

// After such an answer nothing of the request is still to come.
bool answeredInFull(const Verdict& verdict) {
  using Kind = Verdict::Kind;
  return verdict.kind == Kind::itemAtFault || verdict.kind == Kind::tooLarge ||
         (verdict.kind == Kind::throttled && verdict.error.httpStatus() != 0);
}

/// A backend that gives no reason must not make a failure look like none.
Error reasonOf(const Verdict& verdict) {
  if (verdict.error) return verdict.error;
  return {Errc::internal, Origin::server, "the backend gave no reason for what it answered"};
}

}  // namespace

BatchMachine::BatchMachine(const MachineOptions& options, Sink sink)
    : options_(options),
      sink_(std::move(sink)),
      jitter_(options.retry, options.seed),
      budget_(options.budget ? options.budget : std::make_shared<RetryBudget>()),
      patience_(options.retry),
      window_(options.maxInFlight, options.adaptive) {
  if (options.answered) patience_.answered();
  if (options.tooMany > 0) sizeLimit_.refused(options.tooMany);
  options_.readBack = options.readBack && options.writes && options.resendAmbiguous;
}

void BatchMachine::add(std::size_t count) {
  if (closed_) throw std::logic_error("BatchMachine: add() after close()");
  if (count == 0) return;
  if (waiting_.size() == 0 && inFlight_.empty()) patience_.idle();
  Piece piece;
  piece.positions = Range{added_, added_ + count};
  piece.chunk = added_;
  added_ += count;
  waiting_.addReady(std::move(piece));
}

void BatchMachine::close() {
  closed_ = true;
  if (stopped_) settleWaiting();
}

BatchMachine::Action BatchMachine::next(TimePoint now) {
  const bool overdue = now >= patience_.giveUpAt();
  if (overdue && !stopped_ && inFlight_.empty()) giveUp();
  if (stopped_) settleWaiting();
  if (waiting_.size() == 0 && inFlight_.empty() && closed_) return Done{};
  // What is still in flight when patience has run out may yet bring the progress that renews it.
  if (waiting_.size() == 0 || overdue || inFlight_.size() >= window_.size()) return Wait{TimePoint::max()};
  if (now < holdUntil_) return Wait{std::min(holdUntil_, patience_.giveUpAt())};

  const bool newToSend = waiting_.hasReady() && patience_.newChunkAt(waiting_.troubled() + inFlight_.size()) <= now;
  // Items that are only followed take turns with what is new: many of them must not hold it up.
  const bool turn = std::exchange(followedLast_, false) && newToSend;
  if (!turn && waiting_.firstFreeDue() <= now) return repeat(waiting_.takeFreeRepeat(), now);
  if (waiting_.firstDue() <= now && budget_->take(now)) return repeat(waiting_.takeRepeat(), now);
  if (auto outcome = waiting_.takeOutcome([this](std::size_t chunk) { return inFlightOf(chunk); })) return send(std::move(*outcome), now);
  if (newToSend) return send(takeSendable(), now);
  return whenNothingToSend(now);
}

BatchMachine::Action BatchMachine::whenNothingToSend(TimePoint now) {
  auto until = std::min(patience_.giveUpAt(), waiting_.firstFreeDue());
  if (waiting_.firstDue() != TimePoint::max()) until = std::min(until, std::max(waiting_.firstDue(), budget_->nextAt(now)));
  if (waiting_.hasReady()) until = std::min(until, patience_.newChunkAt(waiting_.troubled() + inFlight_.size()));
  return Wait{until};
}

BatchMachine::Send BatchMachine::repeat(Piece piece, TimePoint now) {
  if (piece.look == Look::none) ++counters_.retries;
  followedLast_ = piece.look == Look::following;
  return send(std::move(piece), now);
}

BatchMachine::Send BatchMachine::send(Piece piece, TimePoint now) {
  Send action{nextId_++, piece.positions, piece.attempts, piece.look != Look::none, piece.again()};
  if (action.readBack) {
    ++counters_.looks;
  } else {
    ++counters_.sends;
    action.attempt = ++piece.attempts;
  }
  inFlight_.emplace(action.id, Flight{std::move(piece), now});
  return action;
}

bool BatchMachine::inFlightOf(std::size_t chunk) const {
  return std::any_of(inFlight_.begin(), inFlight_.end(), [chunk](const auto& flight) { return flight.second.piece.chunk == chunk; });
}

Piece BatchMachine::takeSendable() {
  auto piece = waiting_.takeReady();
  while (piece.look == Look::none && sizeLimit_.reached(piece.positions.size())) {
    divide(piece);
    piece = waiting_.takeReady();
  }
  return piece;
}

BatchMachine::Flight BatchMachine::land(std::uint64_t id) {
  const auto found = inFlight_.find(id);
  if (found == inFlight_.end())
    throw std::logic_error("BatchMachine: an answer to request " + std::to_string(id) + ", which is not in flight");
  auto flight = std::move(found->second);
  inFlight_.erase(found);
  return flight;
}

void BatchMachine::settled(std::uint64_t id, const Verdict& verdict, TimePoint now) {
  auto flight = land(id);
  auto& piece = flight.piece;
  if (verdict.neverSent) --piece.attempts;
  piece.conditions = piece.conditions || verdict.honoursBefore;

  using Kind = Verdict::Kind;
  if (verdict.kind == Kind::completed || verdict.kind == Kind::acknowledged) return carriedOut(piece, verdict, now);
  observeFault(id, flight.sentAt, verdict, now);

  const bool ambiguous = options_.writes && verdict.maybeApplied;
  const bool sharedRefusal = verdict.kind == Kind::itemAtFault || verdict.kind == Kind::tooLarge;
  piece.maybeApplied = piece.maybeApplied || ambiguous;
  piece.copiesAlive = piece.copiesAlive || (ambiguous && !answeredInFull(verdict));
  if (verdict.kind == Kind::fatal) {
    settleUnapplied(piece, reasonOf(verdict));
    stop(reasonOf(verdict));
  } else if (ambiguous && !options_.resendAmbiguous) {
    settle(piece, Outcome::unknown, reasonOf(verdict));
  } else if (stopped_ && !(sharedRefusal && piece.positions.size() == 1)) {
    // A backend that was told to stop knows only that; why is known here.
    const bool says = verdict.error && verdict.error.code() != Errc::cancelled;
    settleUnapplied(piece, says ? verdict.error : stopped_);
  } else if (verdict.kind == Kind::itemAtFault) {
    refused(std::move(piece), verdict, ambiguous);
  } else if (verdict.kind == Kind::tooLarge || (verdict.bodyBroken && piece.bodyBroken && piece.positions.size() > 1)) {
    tooLarge(std::move(piece), verdict, ambiguous);
  } else {
    piece.bodyBroken = verdict.bodyBroken;
    repeatLater(std::move(piece), now);
  }
}

void BatchMachine::carriedOut(const Piece& piece, const Verdict& verdict, TimePoint now) {
  patience_.progress(now);
  budget_->success();
  window_.passed();
  sizeLimit_.passed(piece.positions.size());
  isolation_.passed();
  const auto rest = verdict.kind == Verdict::Kind::completed ? Outcome::done : Outcome::accepted;
  for (const auto& part : partsOf(verdict.items, {0, piece.positions.size()}, rest)) {
    auto carried = piece.with(piece.positions.part(part.range));
    carried.failures = 0;
    partCarriedOut(std::move(carried), part, verdict, now);
  }
}

void BatchMachine::partCarriedOut(Piece piece, const Part& part, const Verdict& verdict, TimePoint now) {
  const bool open = options_.writes && part.outcome == Outcome::unknown;
  piece.maybeApplied = piece.maybeApplied || open || verdict.conditional;
  if (part.outcome == Outcome::done && verdict.conditional) return lookOutcome(std::move(piece));
  if (part.outcome == Outcome::accepted && options_.followAccepted && canLook()) return follow(std::move(piece), now);
  if (open && canLook() && piece.rounds < mostRounds) {
    ++piece.rounds;
    piece.why = part.error;
    return repeatLater(std::move(piece), now);
  }
  if (part.outcome == Outcome::done || part.outcome == Outcome::accepted || part.outcome == Outcome::rejected)
    settle(piece, part.outcome, part.error);
  else
    settleUnapplied(piece, part.error);
}

void BatchMachine::observeFault(std::uint64_t id, TimePoint sentAt, const Verdict& verdict, TimePoint now) {
  using Kind = Verdict::Kind;
  if (verdict.kind != Kind::unavailable || verdict.error.httpStatus() != 0) patience_.answered();
  if (verdict.kind == Kind::itemAtFault || verdict.kind == Kind::tooLarge) patience_.progress(now);
  if (verdict.kind == Kind::throttled || verdict.kind == Kind::unavailable) {
    patience_.failed(sentAt, now, jitter_);
    lastFault_ = reasonOf(verdict);
  }
  if (verdict.kind == Kind::throttled) {
    window_.throttled(id, nextId_);
    if (verdict.retryAfter) holdUntil_ = std::max(holdUntil_, later(now, *verdict.retryAfter));
  }
}

void BatchMachine::refused(Piece piece, const Verdict& verdict, bool ambiguous) {
  const auto reason = reasonOf(verdict);
  const auto& words = Isolation::wordsOf(reason);
  const bool hopeless = isolation_.refused(words);
  const auto shared = hopeless ? reworded(reason, std::to_string(Isolation::limit) +
                                                      " requests in a row were refused like this, so the item was not tried alone: ")
                               : reason;
  if (piece.positions.size() == 1) {
    if (ambiguous)
      end(std::move(piece), Outcome::rejected, reason);
    else
      settle(piece, Outcome::rejected, reason);
  } else if (hopeless) {
    end(std::move(piece), Outcome::failed, shared);
  } else {
    piece.refusal = reason;
    piece.failures = 0;
    // Once it is known what stood there before, its parts are sent under that condition, and looked for at the end.
    if (ambiguous && canLook() && !(piece.seen && piece.conditions))
      lookAfterRefusal(std::move(piece));
    else
      divide(piece);
  }
  if (!hopeless) return;
  auto suspects = waiting_.takeIf([&](const Piece& other) {
    const bool decided = other.look == Look::whatCame || other.look == Look::following || other.look == Look::ending;
    return other.refusal && !decided && Isolation::wordsOf(other.refusal) == words;
  });
  for (auto& suspect : suspects) end(std::move(suspect), Outcome::failed, shared);
}

void BatchMachine::tooLarge(Piece piece, const Verdict& verdict, bool ambiguous) {
  // What the backend knows to be too large has cost nothing, and nobody else needs to wait for it.
  if (!verdict.neverSent) {
    window_.refusedBySize();
    sizeLimit_.refused(piece.positions.size());
  }
  if (piece.positions.size() == 1) {
    if (ambiguous) return end(std::move(piece), Outcome::rejected, reasonOf(verdict));
    return settle(piece, Outcome::rejected, reasonOf(verdict));
  }
  if (!verdict.neverSent) --piece.attempts;
  piece.failures = 0;
  piece.bodyBroken = false;
  if (ambiguous && canLook()) return lookAfterRefusal(std::move(piece));
  divide(piece);
}

void BatchMachine::repeatLater(Piece piece, TimePoint now) {
  const auto due = now + jitter_.draw(piece.failures);
  ++piece.failures;
  piece.free = false;
  if (piece.look == Look::none && piece.maybeApplied && canLook()) piece.look = Look::beforeRepeat;
  waiting_.addRepeat(std::move(piece), due);
}

void BatchMachine::cancel(const Error& why, TimePoint) {
  stop(why ? why : Error(Errc::cancelled, Origin::caller, "the batch was cancelled"));
}

void BatchMachine::divide(const Piece& piece) {
  ++counters_.splits;
  auto [first, second] = piece.halves();
  waiting_.addReady(std::move(first));
  waiting_.addReady(std::move(second));
}

void BatchMachine::stop(const Error& why) {
  if (stopped_) return;
  stopped_ = why;
  settleWaiting();
}

void BatchMachine::giveUp() { stop(reworded(lastFault_, patience_.whyGivenUp())); }

void BatchMachine::settleWaiting() {
  if (waiting_.size() == 0) return;
  const auto all = waiting_.takeIf([](const Piece&) { return true; });
  for (const auto& piece : all) settleUnapplied(piece, stopped_);
}

void BatchMachine::settleUnapplied(const Piece& piece, const Error& error) {
  if (piece.look == Look::following) return settle(piece, Outcome::accepted, {});
  const auto untouched = piece.attempts == 0 ? Outcome::unsent : Outcome::failed;
  settle(piece, piece.maybeApplied ? Outcome::unknown : untouched, error);
}

void BatchMachine::settle(const Piece& piece, Outcome outcome, const Error& error, bool superseded) {
  for (const auto& range : piece.positions.ranges()) sink_({range, outcome, error, piece.attempts, superseded});
}

}  // namespace qbatch::batch
