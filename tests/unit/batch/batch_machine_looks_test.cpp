#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine reading back what became of writes. Where reading back meets faults: batch_machine_looks_faults_test.cpp; what it
// follows: batch_machine_follows_test.cpp; what was written on condition: batch_machine_conditions_test.cpp.

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

TEST_CASE("batch_machine looks: an ambiguous fault is read back before it is repeated", "[batch]") {
  MachineRig rig(reading());
  rig.fill({4});
  rig.answer(rig.send(), unavailable(true));
  const auto look = rig.lookLater();
  CHECK(look.positions == Range{0, 4});
  CHECK(rig.machine.counters().looks == 1);
  CHECK(rig.machine.counters().sends == 1);
  CHECK(rig.machine.counters().retries == 0);
  rig.found(look, "d..d");
  CHECK(rig.outcomes(4) == "d..d");
  CHECK(rig.of(0)->attempts == 1);
  CHECK_FALSE(rig.of(0)->superseded);
  const auto again = rig.send();
  CHECK_FALSE(again.readBack);
  CHECK(again.again);
  CHECK(again.positions == Range{1, 3});
  CHECK(again.attempt == 2);
  CHECK(rig.machine.counters().retries == 1);
  rig.answer(again, completed());
  CHECK(rig.outcomes(4) == "dddd");
  CHECK(rig.of(1)->attempts == 2);
  CHECK(rig.done());
}

TEST_CASE("batch_machine looks: items that do not lie side by side are sent again in one request", "[batch]") {
  MachineRig rig(reading());
  rig.fill({2, 5});
  rig.answer(rig.send(), completed());
  rig.answer(rig.send(), unavailable(true));
  rig.found(rig.lookLater(), ".d.d.");
  const auto again = rig.send();
  CHECK(again.positions.ranges() == std::vector<Range>{{2, 3}, {4, 5}, {6, 7}});
  rig.answer(again, completed());
  CHECK(rig.outcomes(7) == "ddddddd");
}

TEST_CASE("batch_machine looks: a fault that has applied nothing is repeated without a look", "[batch]") {
  MachineRig rig(reading());
  rig.fill({2});
  rig.answer(rig.send(), busy());
  const auto again = rig.sendLater();
  CHECK_FALSE(again.readBack);
  CHECK_FALSE(again.again);  // nobody's write can have come in between
  CHECK(again.attempt == 2);
}

TEST_CASE("batch_machine looks: what somebody else wrote meanwhile stands, and the report says so", "[batch]") {
  MachineRig rig(reading());
  rig.fill({2});
  rig.answer(rig.send(), unavailable(true));
  rig.found(rig.lookLater(), "sd");
  CHECK(rig.outcomes(2) == "dd");
  CHECK(rig.of(0)->superseded);
  CHECK_FALSE(rig.of(0)->error);
  CHECK_FALSE(rig.of(1)->superseded);
  CHECK(rig.done());
}

TEST_CASE("batch_machine looks: an item with a copy on its way is unknown, one that was looked for in vain is not", "[batch]") {
  for (const bool answered : {false, true}) {
    MachineRig rig(reading());
    rig.fill({1});
    auto fault = answered ? throttled() : unavailable();
    fault.maybeApplied = true;
    if (answered) fault.error = Error(Errc::throttled, Origin::server, "slow down", 429);  // a whole answer: nothing is to come
    rig.answer(rig.send(), fault);
    rig.found(rig.lookLater(), ".");
    const auto again = rig.send();
    CHECK(again.again);  // either way others may have written since it was sent first
    rig.answer(again, busy());
    rig.machine.cancel({}, rig.now);
    CHECK(rig.outcomes(1) == (answered ? "f" : "u"));
  }
}

TEST_CASE("batch_machine looks: a half-applied refusal is read back once, then the rest is divided", "[batch]") {
  MachineRig rig(reading());
  rig.fill({8});
  rig.answer(rig.send(), itemAtFault(true));
  const auto look = rig.look();
  CHECK(look.positions == Range{0, 8});
  rig.found(look, "d.d.....");
  CHECK(rig.outcomes(8) == "d.d.....");
  const auto first = rig.send();
  CHECK(first.positions.ranges() == std::vector<Range>{{1, 2}, {3, 5}});
  CHECK(first.again);
  rig.answer(first, completed());
  const auto second = rig.send();
  CHECK(second.positions == Range{5, 8});
  rig.answer(second, completed());
  CHECK(rig.outcomes(8) == "dddddddd");
  CHECK(rig.machine.counters().looks == 1);
  CHECK(rig.machine.counters().retries == 0);
}

TEST_CASE("batch_machine looks: a refusal that has applied nothing is divided without a look", "[batch]") {
  MachineRig rig(reading());
  rig.fill({4});
  rig.answer(rig.send(), itemAtFault(false));
  CHECK(rig.playOut([](Range) { return completed(); }) == 2);
  CHECK(rig.machine.counters().looks == 0);
}

TEST_CASE("batch_machine looks: an item refused alone, but perhaps applied, is looked for", "[batch]") {
  for (const bool there : {false, true}) {
    MachineRig rig(reading());
    rig.fill({1});
    rig.answer(rig.send(), itemAtFault(true));
    rig.found(rig.look(), there ? "d" : ".");
    CHECK(rig.outcomes(1) == (there ? "d" : "r"));
    if (!there) CHECK(rig.of(0)->error.message() == "wrong input");
    CHECK(rig.done());
  }
}

TEST_CASE("batch_machine looks: a refusal by size that may have applied a part is read back, too", "[batch]") {
  MachineRig rig(reading());
  rig.fill({4});
  auto large = tooLarge();
  large.maybeApplied = true;
  rig.answer(rig.send(), large);
  rig.found(rig.look(), "d...");
  CHECK(rig.send().positions == Range{1, 2});
}

TEST_CASE("batch_machine looks: a cancel while something is read back still takes what that brings", "[batch]") {
  MachineRig rig(reading());
  rig.fill({3, 1});
  rig.answer(rig.send(), unavailable(true));
  const auto look = rig.lookLater();
  rig.machine.cancel(Error(Errc::deadlineExceeded, Origin::caller, "too late"), rig.now);
  CHECK(rig.outcomes(4) == "...n");
  CHECK(rig.wait() == TimePoint::max());
  rig.found(look, "d.s");
  CHECK(rig.outcomes(4) == "dudn");
  CHECK(rig.of(1)->error.code() == Errc::deadlineExceeded);
  CHECK(rig.of(2)->superseded);
  CHECK(rig.done());
}

TEST_CASE("batch_machine looks: nothing is read back after a stop", "[batch]") {
  for (const auto& late : {unavailable(true), itemAtFault(true), acknowledged()}) {
    auto options = reading(2);
    options.followAccepted = true;
    MachineRig rig(options);
    rig.fill({1, 1});
    const auto sent = rig.sendAll();
    rig.answer(sent[0], fatal());
    rig.answer(sent[1], late);
    CHECK(rig.outcomes(2) == (late.kind == Verdict::Kind::acknowledged ? "fa" : "fu"));
    CHECK(rig.done());
    CHECK(rig.machine.counters().looks == 0);
  }
}

TEST_CASE("batch_machine looks: nothing is read back where that cannot be done or would not help", "[batch]") {
  auto blind = reading(), reads = reading(), counts = reading();
  blind.readBack = false;
  reads.writes = false;
  counts.resendAmbiguous = false;
  for (auto options : {blind, reads, counts}) {
    options.followAccepted = true;
    MachineRig rig(options);
    rig.fill({2, 2, 2});
    rig.answer(rig.send(), acknowledged());
    rig.answer(rig.send(), itemAtFault(true));
    rig.playOut([n = 0](Range) mutable { return n++ == 0 ? unavailable(true) : completed(); });
    CHECK(rig.machine.counters().looks == 0);
    CHECK(rig.outcomes(6) == (options.resendAmbiguous ? "aadddd" : "aauuuu"));
  }
}

TEST_CASE("batch_machine looks: what is found is progress, and what is not found is an answer, but no progress", "[batch]") {
  for (const bool there : {false, true}) {
    auto options = reading(2);
    options.retry.connectPatience = 1s;
    options.retry.patience = 10s;
    MachineRig rig(options);
    rig.fill({1, 1});
    const auto sent = rig.sendAll();
    for (const auto& one : sent) rig.answer(one, unavailable(true));
    rig.now += 900ms;
    auto looks = rig.sendAll();
    REQUIRE(looks.size() == 2);
    rig.found(looks[0], ".");
    rig.notRead(looks[1], unavailable());
    rig.now += 5s;  // connectPatience is over, and does not count any more
    CHECK_FALSE(rig.machine.stopped());
    looks = rig.sendAll();
    REQUIRE(looks.size() == 2);
    const auto& look = looks[looks[0].readBack ? 0 : 1];
    const auto& write = looks[looks[0].readBack ? 1 : 0];
    rig.found(look, there ? "d" : ".");
    rig.answer(write, unavailable());
    rig.now += 5s;
    static_cast<void>(rig.sendAll());
    CHECK(static_cast<bool>(rig.machine.stopped()) == !there);
  }
}
