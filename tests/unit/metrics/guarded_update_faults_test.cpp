#include "metrics/guarded_update.hpp"
#include "support/catch.hpp"
#include "support/guarded_rig.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using namespace qbatch::test;
using Kind = Verdict::Kind;

TEST_CASE("guarded_update: a lost answer is settled by reading", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  rig.apply({rig.takeWrite().front()});
  rig.update.writeFailed(lost);
  CHECK(rig.pause() == 1);
  CHECK_FALSE(rig.outOfStep);
  rig.read();
  const auto again = rig.takeWrite();
  REQUIRE(again.size() == 1);
  CHECK(GuardedPoints::idsOf(again[0]) == std::vector<PointId>{2});
  rig.apply(again);
  rig.update.written();
  rig.read();
  CHECK(rig.finished().items.empty());
  CHECK(rig.count(1) == "1");
  CHECK(rig.count(2) == "2");
  CHECK(rig.settledMarks().empty());  // a copy of the first write may still arrive at either
}

TEST_CASE("guarded_update: a copy that arrives late does nothing once another has taken effect", "[metrics]") {
  GuardedRig rig({counting(1, -1)});
  rig.put(1, R"({"usage_count":5})");
  rig.read();
  const auto first = rig.takeWrite();
  rig.update.writeFailed(lost);
  rig.pause();
  rig.read();
  rig.write();
  rig.read();
  CHECK(rig.finished().items.empty());
  rig.points.setMember(1, "usage_count", "5");  // another writer's increment: the first copy's guard on the count holds again
  rig.apply(first);
  CHECK(rig.count(1) == "5");
}

TEST_CASE("guarded_update: rounds that end with a write alive end as unknown", "[metrics]") {
  GuardedRig rig({counting(1)}, 2);
  for (unsigned round = 1; round <= 2; ++round) {
    rig.read();
    static_cast<void>(rig.takeWrite());
    rig.update.writeFailed(lost);
    CHECK(rig.pause() == round);
  }
  rig.read();
  CHECK(rig.outcome(0) == Outcome::unknown);
}

TEST_CASE("guarded_update: what the server has in its log is waited for before it is sent again", "[metrics]") {
  GuardedRig rig({counting(1)});
  rig.read();
  const auto first = rig.takeWrite();
  rig.update.writeFailed(failure(Kind::acknowledged, true));
  for (unsigned attempt = 1; attempt <= 4; ++attempt) {
    CHECK(rig.pause() == attempt);
    rig.read();
  }
  SECTION("it comes while the second copy is on its way") {
    const auto second = rig.takeWrite();
    rig.apply(first);
    rig.apply(second);
    rig.update.written();
  }
  SECTION("it never comes") { rig.write(); }
  rig.read();
  CHECK(rig.finished().items.empty());
  CHECK(rig.count(1) == "1");
}

TEST_CASE("guarded_update: a write that was never applied fails as a whole, as the server said it", "[metrics]") {
  for (const auto kind : {Kind::tooLarge, Kind::fatal, Kind::throttled, Kind::unavailable}) {
    GuardedRig rig({counting(1), counting(2)});
    rig.points.erase(2);
    rig.read();
    static_cast<void>(rig.takeWrite());
    auto verdict = failure(kind, false);
    verdict.retryAfter = std::chrono::seconds(3);
    rig.update.writeFailed(verdict);
    CHECK(rig.finished().kind == kind);
    CHECK(rig.finished().error.message() == "the server's words");
    CHECK(rig.finished().retryAfter == std::chrono::seconds(3));
    CHECK_FALSE(rig.finished().maybeApplied);
    CHECK(rig.finished().items.empty());
  }
}

TEST_CASE("guarded_update: a first read that fails fails as a whole", "[metrics]") {
  for (const auto kind : {Kind::itemAtFault, Kind::tooLarge, Kind::fatal, Kind::throttled, Kind::unavailable}) {
    GuardedRig rig({counting(1)});
    static_cast<void>(rig.takeRead());
    rig.update.readFailed(failure(kind, true));
    CHECK(rig.finished().kind == kind);
    CHECK_FALSE(rig.finished().maybeApplied);
  }
  GuardedRig rig({counting(1)});
  static_cast<void>(rig.takeRead());
  rig.update.readFailed(failure(Kind::completed, false));
  CHECK(rig.finished().kind == Kind::unavailable);
}

TEST_CASE("guarded_update: where all writes are answered and read back without effect, a failure is one of the whole again", "[metrics]") {
  GuardedRig rig({counting(1)});
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.written();  // another one was faster
  rig.put(1, R"({"usage_count":3})");
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(failure(Kind::throttled, false));
  CHECK(rig.finished().kind == Kind::throttled);
}

TEST_CASE("guarded_update: after earlier copies a write that cannot be had now is tried again", "[metrics]") {
  for (const auto kind : {Kind::throttled, Kind::unavailable}) {
    GuardedRig rig({counting(1)});
    rig.read();
    static_cast<void>(rig.takeWrite());
    rig.update.writeFailed(lost);
    CHECK(rig.pause() == 1);
    rig.read();
    static_cast<void>(rig.takeWrite());
    rig.update.writeFailed(failure(kind, false));
    CHECK(rig.pause() == 2);
    static_cast<void>(rig.takeRead());
    rig.update.readFailed(failure(kind, false));
    CHECK(rig.pause() == 3);
    rig.read();
    rig.write();
    rig.read();
    CHECK(rig.finished().items.empty());
  }
}

TEST_CASE("guarded_update: after earlier copies a fatal answer ends the flush with what one more read shows", "[metrics]") {
  GuardedRig rig({counting(1), counting(2), counting(3)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  const auto first = rig.takeWrite();
  rig.update.writeFailed(lost);
  rig.pause();
  rig.read();
  rig.apply({rig.takeWrite().at(1)});
  rig.update.writeFailed(failure(Kind::fatal, true, Errc::storageFull));
  SECTION("and ends so if that is answered") { rig.read(); }
  SECTION("and waits for that") {
    static_cast<void>(rig.takeRead());
    rig.update.readFailed(lost);
    rig.pause();
    rig.read();
  }
  CHECK(rig.outcome(0) == Outcome::unknown);
  CHECK(rig.outcome(1) == Outcome::done);
  CHECK(rig.update.verdict().items[0].error.code() == Errc::storageFull);
}

TEST_CASE("guarded_update: a fatal read after writes ends at once", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(refusedBatch);
  rig.read();
  rig.write();  // in halves: the first point's operation
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(failure(Kind::throttled, false));
  rig.pause();
  static_cast<void>(rig.takeRead());
  rig.update.readFailed(failure(Kind::fatal, false, Errc::unauthorized));
  CHECK(rig.outcome(0) == Outcome::unknown);  // written, and not read since
  CHECK(rig.outcome(1) == Outcome::failed);   // its last write never was
  CHECK(rig.update.verdict().items[0].error.code() == Errc::unauthorized);
}

TEST_CASE("guarded_update: refused alone while an earlier copy is alive is unknown", "[metrics]") {
  GuardedRig rig({counting(1)});
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(lost);
  rig.pause();
  rig.read();
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(refusedBatch);
  rig.read();
  CHECK(rig.outcome(0) == Outcome::unknown);
  CHECK(rig.update.verdict().items[0].error.code() == Errc::refused);
}

TEST_CASE("guarded_update: a refused read after writes is not asked again", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  rig.apply({rig.takeWrite().at(0)});
  SECTION("answered writes") { rig.update.written(); }
  SECTION("writes that may be alive") {
    rig.update.writeFailed(lost);
    rig.pause();
  }
  static_cast<void>(rig.takeRead());
  rig.update.readFailed(failure(Kind::itemAtFault, false, Errc::refused, 422));
  for (std::size_t position = 0; position < 2; ++position) CHECK(rig.outcome(position) == Outcome::unknown);
  CHECK(rig.update.verdict().items[0].error.httpStatus() == 422);
}

TEST_CASE("guarded_update: a refused read leaves what is known by then", "[metrics]") {
  GuardedRig rig({counting(1), counting(2)});
  rig.put(2, R"({"usage_count":1})");
  rig.read();
  rig.apply({rig.takeWrite().at(0)});
  rig.update.written();
  rig.read();  // point 1 is done, point 2 lost
  static_cast<void>(rig.takeWrite());
  rig.update.writeFailed(failure(Kind::unavailable, false));
  rig.pause();
  static_cast<void>(rig.takeRead());
  rig.update.readFailed(refusedBatch);
  CHECK(rig.outcome(0) == Outcome::done);
  CHECK(rig.outcome(1) == Outcome::failed);
}

TEST_CASE("guarded_update: giving up tells what is known of each point", "[metrics]") {
  SECTION("before anything was written: all of it") {
    GuardedRig rig({counting(1)});
    const bool readFirst = GENERATE(true, false);
    if (readFirst) rig.read();
    rig.update.giveUp(noTime);
    CHECK(rig.finished().kind == Kind::unavailable);
    CHECK(rig.finished().error.code() == Errc::deadlineExceeded);
    CHECK_FALSE(rig.finished().maybeApplied);
  }
  SECTION("with a write under way") {
    GuardedRig rig({counting(1)});
    rig.read();
    static_cast<void>(rig.takeWrite());
    rig.update.giveUp(noTime);
    CHECK(rig.outcome(0) == Outcome::unknown);
  }
  SECTION("with a write answered and not read back") {
    GuardedRig rig({counting(1)});
    rig.read();
    rig.write();
    rig.update.giveUp(noTime);
    CHECK(rig.outcome(0) == Outcome::unknown);
    CHECK(rig.settledMarks().empty());
  }
  SECTION("with one point done, one lost to others and one alive") {
    GuardedRig rig({counting(1), counting(2), counting(3)});
    rig.put(2, R"({"usage_count":1})");
    rig.put(3, R"({"usage_count":2})");
    rig.read();
    const auto all = rig.takeWrite();
    rig.apply({all[0]});
    rig.update.writeFailed(refusedBatch);
    rig.read();
    static_cast<void>(rig.takeWrite());
    rig.update.writeFailed(refusedBatch);
    static_cast<void>(rig.takeWrite());
    rig.update.written();  // point 2 lost
    static_cast<void>(rig.takeWrite());
    rig.update.writeFailed(lost);  // point 3
    rig.pause();
    rig.read();
    rig.update.giveUp(noTime);
    CHECK(rig.outcome(0) == Outcome::done);
    CHECK(rig.outcome(1) == Outcome::failed);
    CHECK(rig.outcome(2) == Outcome::unknown);
    rig.update.giveUp(Error(Errc::cancelled, Origin::caller, "twice"));
    CHECK(rig.update.verdict().items[0].error.code() == Errc::deadlineExceeded);
  }
}

namespace {

/// Two points, each with an operation of its own, of which one alone is waited for.
struct LogRig : GuardedRig {
  LogRig() : GuardedRig({counting(1), counting(2, 2)}, 20, 1) {}
  std::vector<codec::BatchOperation> log;
  void takeLogged() {
    const auto action = update.next();
    const auto& write = std::get<metrics::GuardedUpdate::Write>(action);
    REQUIRE_FALSE(write.wait);
    log = write.operations;
  }
  void takeBarrier() {
    const auto action = update.next();
    const auto& write = std::get<metrics::GuardedUpdate::Write>(action);
    REQUIRE(write.wait);
    REQUIRE(write.operations.size() == 1);
    CHECK(std::get<codec::SetPayload>(write.operations[0]).payload.find("barrier") != std::string::npos);
  }
};

}  // namespace

TEST_CASE("guarded_update: what is in the log is read back behind a barrier", "[metrics]") {
  LogRig rig;
  rig.read();
  rig.takeLogged();
  rig.update.queued();
  rig.takeBarrier();
  rig.apply(rig.log);
  rig.update.written();
  rig.read();
  CHECK(rig.outcome(0) == Outcome::done);
  CHECK(rig.outcome(1) == Outcome::done);
  CHECK(rig.settledMarks() == std::vector<PointId>{1, 2});
}

TEST_CASE("guarded_update: what was refused behind others in the log is looked at when these are carried out", "[metrics]") {
  LogRig rig;
  rig.read();
  rig.takeLogged();
  const bool later = GENERATE(false, true);
  auto verdict = refusedBatch;
  if (later) {
    verdict = failure(Verdict::Kind::throttled, false, Errc::throttled, 429);
    verdict.retryAfter = std::chrono::seconds(7);
  }
  rig.update.writeFailed(verdict);
  if (later) CHECK(rig.pause() == 1);
  rig.takeBarrier();
  rig.apply({rig.log.front()});  // the second was refused
  rig.update.written();
  rig.read();
  CHECK(rig.count(1) == "1");
  if (later) rig.pause();
  if (later) rig.read();
  rig.write();
  rig.read();
  CHECK(rig.outcome(0) == Outcome::done);
  CHECK(rig.outcome(1) == Outcome::done);
  CHECK(rig.count(1) == "1");
  CHECK(rig.count(2) == "2");
}

TEST_CASE("guarded_update: a barrier without an answer leaves copies alive", "[metrics]") {
  LogRig rig;
  rig.read();
  rig.takeLogged();
  rig.update.queued();
  rig.takeBarrier();
  rig.update.writeFailed(lost);
  rig.pause();
  rig.apply(rig.log);
  rig.read();
  CHECK(rig.outcome(0) == Outcome::done);
  CHECK(rig.settledMarks().empty());
}

TEST_CASE("guarded_update: a write that passed and did not take where it had to may still arrive", "[metrics]") {
  LogRig rig;
  rig.read();
  rig.takeLogged();
  rig.update.queued();
  rig.takeBarrier();
  rig.apply({rig.log.front()});  // the server failed at the second, and does not say so
  rig.update.written();
  rig.read();
  rig.write();
  rig.read();
  CHECK(rig.outcome(1) == Outcome::done);
  CHECK(rig.settledMarks() == std::vector<PointId>{1});
}
