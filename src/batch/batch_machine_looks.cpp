// The part of BatchMachine that reads back: what became of writes whose answer does not tell.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "batch/batch_machine.hpp"

namespace qbatch::batch {
namespace {

Error notSeen() {
  return {Errc::unavailable, Origin::server, "what became of the write could not be read back; store it once more, or look at the point"};
}

Positions those(const Positions& positions, std::span<const Found> found, Found which) {
  Positions result;
  for (std::size_t i = 0; i < found.size();) {
    auto end = i;
    while (end < found.size() && found[end] == which) ++end;
    const auto run = positions.part({i, end});
    for (const auto& range : run.ranges()) result.append(range);
    i = std::max(end, i + 1);
  }
  return result;
}

}  // namespace

void BatchMachine::lookOutcome(Piece piece) {
  if (!canLook()) return settleUnapplied(piece, stopped_ ? stopped_ : notSeen());
  piece.look = Look::whatCame;
  waiting_.addOutcome(std::move(piece));
}

void BatchMachine::follow(Piece piece, TimePoint now) {
  piece.look = Look::following;
  piece.free = true;
  piece.followUntil = later(now, options_.retry.patience);
  const auto due = nextLook(piece, now);
  waiting_.addRepeat(std::move(piece), due);
}

TimePoint BatchMachine::nextLook(Piece& piece, TimePoint now) {
  constexpr milliseconds least{10};  // whatever the options say: nothing is gained by asking all the time
  return std::min(now + std::max<Clock::duration>(jitter_.draw(piece.failures++), least), piece.followUntil);
}

void BatchMachine::lookAfterRefusal(Piece piece) {
  piece.look = Look::afterRefusal;
  waiting_.addReady(std::move(piece));
}

/// Nothing more of it will be sent: what a last look does not find ends as `outcome`.
void BatchMachine::end(Piece piece, Outcome outcome, const Error& why) {
  piece.endsAs = outcome;
  piece.why = why;
  if (!piece.maybeApplied || !canLook()) return settleUnapplied(piece, why);
  piece.look = Look::ending;
  waiting_.addReady(std::move(piece));
}

void BatchMachine::lookedBack(std::uint64_t id, const Verdict& verdict, std::span<const Found> found, TimePoint now) {
  auto flight = land(id);
  auto& piece = flight.piece;
  if (verdict.kind != Verdict::Kind::completed) {
    observeFault(id, flight.sentAt, verdict, now);
    return notRead(std::move(piece), verdict, now);
  }
  if (found.size() != piece.positions.size()) throw std::logic_error("BatchMachine: a read-back must tell of every position");
  patience_.answered();
  piece.seen = true;
  const auto asSent = piece.with(those(piece.positions, found, Found::asSent));
  const auto superseded = piece.with(those(piece.positions, found, Found::superseded));
  const auto untouched = piece.with(those(piece.positions, found, Found::untouched));
  if (asSent.positions.size() > 0) {
    patience_.progress(now);
    isolation_.passed();
    piece.failures = piece.rounds = 0;
  }
  settle(asSent, Outcome::done, {});
  const bool goesOn = piece.look == Look::beforeRepeat || piece.look == Look::afterRefusal;
  if (goesOn && piece.conditions && !stopped_) {
    // Sending again what somebody else has written over changes nothing, and tells whether the server would have taken the item. What
    // was written over may have been ours.
    piece.copiesAlive = piece.copiesAlive || superseded.positions.size() > 0;
    piece.positions = Positions::merged(superseded.positions, untouched.positions);
    return notFound(std::move(piece), now);
  }
  if (superseded.positions.size() > 0) overwritten(superseded);
  piece.positions = untouched.positions;
  notFound(std::move(piece), now);
}

/// What stands there is neither what was sent nor what was there before.
void BatchMachine::overwritten(const Piece& piece) {
  // What the server has in its log may come after what stands there now.
  if (piece.look == Look::following) return settle(piece, Outcome::accepted, {});
  if (piece.look != Look::ending) return settle(piece, Outcome::done, {}, true);
  settle(piece, piece.endsAs == Outcome::rejected ? Outcome::rejected : Outcome::unknown, piece.why);
}

void BatchMachine::notFound(Piece piece, TimePoint now) {
  if (piece.positions.size() == 0) return;
  const auto look = std::exchange(piece.look, Look::none);
  if (look == Look::following) {
    piece.look = look;
    piece.free = true;  // also where this look had to be paid for, because the one before met a fault
    if (stopped_ || now >= piece.followUntil) return settleUnapplied(piece, {});
    const auto due = nextLook(piece, now);
    return waiting_.addRepeat(std::move(piece), due);
  }
  piece.maybeApplied = piece.copiesAlive;
  if (look == Look::ending)
    return settle(piece, piece.endsAs == Outcome::failed && piece.copiesAlive ? Outcome::unknown : piece.endsAs, piece.why);
  if (stopped_) return settleUnapplied(piece, stopped_);
  if (look == Look::afterRefusal) return piece.positions.size() > 1 ? divide(piece) : waiting_.addReady(std::move(piece));
  if (look == Look::whatCame && ++piece.rounds > mostRounds) {
    const Error why(Errc::unavailable, Origin::server,
                    "the point was changed by others each time it was to be written again; write it once more");
    return settleUnapplied(piece, piece.why ? piece.why : why);
  }
  piece.free = look == Look::beforeRepeat;  // the look has been paid for as a repeat
  waiting_.addRepeat(std::move(piece), now);
}

void BatchMachine::notRead(Piece piece, const Verdict& verdict, TimePoint now) {
  using Kind = Verdict::Kind;
  const auto& error = verdict.error;
  if (verdict.kind == Kind::fatal && error.code() == Errc::unsupported) {
    options_.readBack = false;
    return withoutLooking(std::move(piece), now);
  }
  if (verdict.kind == Kind::fatal || stopped_) {
    const auto why = verdict.kind == Kind::fatal && error ? error : stopped_;
    settleUnapplied(piece, why);
    if (verdict.kind == Kind::fatal) stop(why);
  } else if ((verdict.kind == Kind::tooLarge || (verdict.bodyBroken && piece.bodyBroken)) && piece.positions.size() > 1) {
    divide(piece);
  } else if (verdict.kind == Kind::tooLarge || verdict.kind == Kind::itemAtFault ||
             (piece.look == Look::following && now >= piece.followUntil)) {
    settleUnapplied(piece, piece.why ? piece.why : error ? error : notSeen());
  } else {
    piece.bodyBroken = verdict.bodyBroken;
    repeatLater(std::move(piece), now);
  }
}

/// The backend cannot read: then an ambiguous write is repeated as it is.
void BatchMachine::withoutLooking(Piece piece, TimePoint now) {
  const auto look = std::exchange(piece.look, Look::none);
  if (look == Look::following || look == Look::whatCame || look == Look::ending) {
    piece.look = look;
    return settleUnapplied(piece, piece.why ? piece.why : notSeen());
  }
  if (look == Look::afterRefusal && piece.positions.size() > 1) return divide(piece);
  piece.free = true;
  waiting_.addRepeat(std::move(piece), now);
}

}  // namespace qbatch::batch
