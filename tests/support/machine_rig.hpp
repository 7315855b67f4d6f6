#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "batch/batch_machine.hpp"
#include "support/catch.hpp"

namespace qbatch::test {
using namespace std::chrono_literals;

/// A batch machine under a test's hand: steps through sends and answers in simulated time, and keeps what was settled.
class MachineRig {
 public:
  using Machine = batch::BatchMachine;

  explicit MachineRig(batch::MachineOptions options = {})
      : machine(options, [this](const batch::Settlement& settlement) { settlements.push_back(settlement); }) {}

  /// Adds chunks of these sizes and closes.
  void fill(const std::vector<std::size_t>& sizes) {
    for (const auto size : sizes) machine.add(size);
    machine.close();
  }
  /// The next action, which must be a send.
  Machine::Send send() {
    const auto action = machine.next(now);
    REQUIRE(std::holds_alternative<Machine::Send>(action));
    return std::get<Machine::Send>(action);
  }
  std::vector<Machine::Send> sendAll() {
    std::vector<Machine::Send> sends;
    for (auto action = machine.next(now); std::holds_alternative<Machine::Send>(action); action = machine.next(now)) {
      sends.push_back(std::get<Machine::Send>(action));
    }
    return sends;
  }
  /// The time until which the machine waits, which it must.
  batch::TimePoint wait() {
    const auto action = machine.next(now);
    REQUIRE(std::holds_alternative<Machine::Wait>(action));
    return std::get<Machine::Wait>(action).until;
  }
  /// Lets the time pass for which the machine waits, then sends.
  Machine::Send sendLater() {
    now = wait();
    REQUIRE(now < batch::TimePoint::max());
    return send();
  }
  /// The next action, which must be a read-back.
  Machine::Send look() {
    const auto sent = send();
    REQUIRE(sent.readBack);
    return sent;
  }
  /// Lets the time pass for which the machine waits, then reads back.
  Machine::Send lookLater() {
    const auto sent = sendLater();
    REQUIRE(sent.readBack);
    return sent;
  }
  /// Sends nothing: where something waits, it is not the end.
  bool done() { return machine.waiting() == 0 && machine.inFlight() == 0 && std::holds_alternative<Machine::Done>(machine.next(now)); }
  /// Answers every request as `answer(range)` says, until the machine is done; returns how many were sent.
  template <class Answer>
  std::size_t playOut(Answer answerOf) {
    std::size_t sends = 0;
    while (true) {
      const auto sent = sendAll();
      for (const auto& one : sent) answer(one, answerOf(one.positions.ranges().front()));
      sends += sent.size();
      if (done()) return sends;
      if (sent.empty()) now = wait();
    }
  }
  void answer(const Machine::Send& sent, const Verdict& verdict) { machine.settled(sent.id, verdict, now); }
  /// Answers a read-back, a letter a position: d(one, as sent) s(uperseded) and . where it is as it was. One letter stands for all.
  void found(const Machine::Send& sent, std::string letters) {
    REQUIRE(sent.readBack);
    if (letters.size() == 1) letters.assign(sent.positions.size(), letters.front());
    std::vector<batch::Found> found;
    for (const auto letter : letters)
      found.push_back(letter == 'd' ? batch::Found::asSent : letter == 's' ? batch::Found::superseded : batch::Found::untouched);
    machine.lookedBack(sent.id, {}, found, now);
  }
  /// A read-back that brought nothing.
  void notRead(const Machine::Send& sent, const Verdict& verdict) {
    REQUIRE(sent.readBack);
    machine.lookedBack(sent.id, verdict, {}, now);
  }

  /// How a position ended; nullopt where it has not. Fails where it ended twice.
  std::optional<batch::Settlement> of(std::size_t position) const {
    std::optional<batch::Settlement> found;
    for (const auto& settlement : settlements) {
      if (position < settlement.range.first || position >= settlement.range.last) continue;
      CHECK_FALSE(found);
      found = settlement;
    }
    return found;
  }
  /// One letter a position: d(one) a(ccepted) r(ejected) f(ailed) u(nknown) n(ever sent), and . where it is not settled.
  std::string outcomes(std::size_t count) const {
    std::string letters;
    for (std::size_t position = 0; position < count; ++position) {
      const auto settlement = of(position);
      letters += settlement ? "darfun"[static_cast<std::size_t>(settlement->outcome)] : '.';
    }
    return letters;
  }

  std::vector<batch::Settlement> settlements;
  batch::TimePoint now{1h};
  Machine machine;
};

/// Options of a batch whose writes can be read back.
inline batch::MachineOptions reading(std::size_t window = 1) {
  batch::MachineOptions options;
  options.maxInFlight = window;
  options.readBack = true;
  return options;
}

inline Verdict verdict(Verdict::Kind kind, Errc code = Errc::internal, const std::string& message = {}) {
  Verdict made;
  made.kind = kind;
  if (!message.empty()) made.error = Error(code, Origin::server, message);
  return made;
}
inline Verdict completed() { return verdict(Verdict::Kind::completed); }
inline Verdict acknowledged() { return verdict(Verdict::Kind::acknowledged); }
inline Verdict itemAtFault(bool maybeApplied = false, const std::string& words = "wrong input") {
  auto made = verdict(Verdict::Kind::itemAtFault, Errc::refused, words);
  made.maybeApplied = maybeApplied;
  return made;
}
inline Verdict tooLarge() { return verdict(Verdict::Kind::tooLarge, Errc::tooLarge, "too large"); }
inline Verdict fatal(bool maybeApplied = false) {
  auto made = verdict(Verdict::Kind::fatal, Errc::unauthorized, "wrong key");
  made.maybeApplied = maybeApplied;
  return made;
}
inline Verdict throttled(std::optional<milliseconds> retryAfter = {}) {
  auto made = verdict(Verdict::Kind::throttled, Errc::throttled, "slow down");
  made.retryAfter = retryAfter;
  return made;
}
inline Verdict unavailable(bool maybeApplied = false) {
  auto made = verdict(Verdict::Kind::unavailable, Errc::unavailable, "no answer");
  made.maybeApplied = maybeApplied;
  return made;
}
/// A passing fault that the server itself told of.
inline Verdict busy() {
  Verdict made;
  made.kind = Verdict::Kind::unavailable;
  made.error = Error(Errc::unavailable, Origin::server, "busy", 503);
  return made;
}

}  // namespace qbatch::test
