#include "batch/batch_machine.hpp"

#include <stdexcept>

#include "support/machine_rig.hpp"

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

namespace {

MachineOptions oneAtATime() {
  MachineOptions options;
  options.maxInFlight = 1;
  return options;
}

}  // namespace

TEST_CASE("batch_machine: an empty batch is done", "[batch]") {
  MachineRig rig;
  CHECK(rig.wait() == TimePoint::max());
  rig.machine.add(0);
  CHECK(rig.machine.waiting() == 0);
  rig.machine.close();
  CHECK(rig.done());
  CHECK(rig.settlements.empty());
}

TEST_CASE("batch_machine: sends in the order of positions, no more than the window at once", "[batch]") {
  MachineOptions options;
  options.maxInFlight = 2;
  MachineRig rig(options);
  rig.fill({3, 2, 4});
  CHECK(rig.machine.waiting() == 3);
  const auto first = rig.send();
  CHECK(first.positions == Range{0, 3});
  CHECK(first.attempt == 1);
  const auto second = rig.send();
  CHECK(second.positions == Range{3, 5});
  CHECK(rig.wait() == TimePoint::max());
  CHECK(rig.machine.inFlight() == 2);
  rig.answer(second, completed());
  const auto third = rig.send();
  CHECK(third.positions == Range{5, 9});
  rig.answer(third, completed());
  CHECK_FALSE(rig.done());
  rig.answer(first, completed());
  CHECK(rig.done());
  CHECK(rig.outcomes(9) == "ddddddddd");
  CHECK(rig.of(0)->attempts == 1);
  CHECK(rig.machine.counters().sends == 3);
  CHECK(rig.machine.counters().retries == 0);
  CHECK_FALSE(rig.machine.stopped());
}

TEST_CASE("batch_machine: waits for chunks until it is closed", "[batch]") {
  MachineRig rig;
  rig.machine.add(1);
  rig.answer(rig.send(), completed());
  CHECK(rig.wait() == TimePoint::max());
  rig.machine.add(1);
  rig.answer(rig.send(), completed());
  rig.machine.close();
  CHECK(rig.done());
  CHECK(rig.outcomes(2) == "dd");
}

TEST_CASE("batch_machine: misuse is told", "[batch]") {
  MachineRig rig;
  rig.fill({1});
  CHECK_THROWS_AS(rig.machine.add(1), std::logic_error);
  const auto sent = rig.send();
  CHECK_THROWS_AS(rig.machine.settled(sent.id + 1, completed(), rig.now), std::logic_error);
  rig.answer(sent, completed());
  CHECK_THROWS_AS(rig.answer(sent, completed()), std::logic_error);
}

TEST_CASE("batch_machine: acknowledged items are accepted, items that are named go their own way", "[batch]") {
  MachineRig rig;
  rig.fill({4, 3});
  const Error absent(Errc::pointNotFound, Origin::server, "absent");
  auto verdict = acknowledged();
  verdict.items = {{2, Outcome::rejected, absent}};
  rig.answer(rig.send(), verdict);
  verdict = completed();
  verdict.items = {{0, Outcome::failed, absent}, {2, Outcome::unknown, absent}};
  rig.answer(rig.send(), verdict);
  CHECK(rig.outcomes(7) == "aarafdu");
  CHECK(rig.of(2)->error.message() == "absent");
  CHECK(rig.done());
}

TEST_CASE("batch_machine: an item that is named failed is unknown where an earlier attempt may have been applied", "[batch]") {
  MachineRig rig;
  rig.fill({2});
  rig.answer(rig.send(), unavailable(true));
  auto verdict = completed();
  verdict.items = {{1, Outcome::failed, Error(Errc::internal, Origin::server, "lost every round")}};
  rig.answer(rig.sendLater(), verdict);
  CHECK(rig.outcomes(2) == "du");
}

TEST_CASE("batch_machine: an answer that cannot be right leaves its items unknown", "[batch]") {
  for (const bool writes : {true, false}) {
    MachineOptions options;
    options.writes = writes;
    MachineRig rig(options);
    rig.fill({2});
    auto verdict = completed();
    verdict.items = {{2, Outcome::rejected, {}}};
    rig.answer(rig.send(), verdict);
    CHECK(rig.outcomes(2) == (writes ? "uu" : "ff"));
    CHECK(rig.of(0)->error.code() == Errc::internal);
  }
}

TEST_CASE("batch_machine: a request that is too large is divided, and that is no attempt", "[batch]") {
  MachineRig rig(oneAtATime());
  rig.fill({8, 8});
  rig.answer(rig.send(), tooLarge());
  const auto half = rig.send();
  CHECK(half.positions == Range{0, 4});
  CHECK(half.attempt == 1);
  rig.answer(half, completed());
  rig.answer(rig.send(), completed());
  const auto later = rig.send();  // eight is known to be too large, so it is divided first
  CHECK(later.positions == Range{8, 12});
  rig.answer(later, completed());
  rig.answer(rig.send(), completed());
  CHECK(rig.done());
  CHECK(rig.outcomes(16) == std::string(16, 'd'));
  CHECK(rig.of(0)->attempts == 1);
  CHECK(rig.machine.counters().sends == 5);
  CHECK(rig.machine.counters().splits == 2);
}

TEST_CASE("batch_machine: what was only refused by size is unsent when the batch stops", "[batch]") {
  MachineRig rig(oneAtATime());
  rig.fill({4});
  rig.answer(rig.send(), tooLarge());
  rig.machine.cancel({}, rig.now);
  CHECK(rig.outcomes(4) == "nnnn");
  CHECK(rig.of(0)->attempts == 0);
  CHECK(rig.of(0)->error.code() == Errc::cancelled);
}

TEST_CASE("batch_machine: a single item that is too large is rejected", "[batch]") {
  MachineRig rig;
  rig.fill({2});
  rig.answer(rig.send(), tooLarge());
  rig.answer(rig.send(), tooLarge());
  rig.answer(rig.send(), completed());
  CHECK(rig.outcomes(2) == "rd");
  CHECK(rig.of(0)->error.code() == Errc::tooLarge);
  CHECK(rig.of(0)->attempts == 1);
}

TEST_CASE("batch_machine: the first refusal by size leaves one in flight until a request passes", "[batch]") {
  MachineOptions options;
  options.maxInFlight = 3;
  MachineRig rig(options);
  rig.fill({8, 8, 8, 8});
  const auto first = rig.sendAll();
  REQUIRE(first.size() == 3);
  for (const auto& sent : first) rig.answer(sent, tooLarge());
  const auto probe = rig.send();
  CHECK(rig.wait() == TimePoint::max());
  rig.answer(probe, tooLarge());
  const auto second = rig.send();
  CHECK(second.positions == Range{0, 2});
  CHECK(rig.wait() == TimePoint::max());
  rig.answer(second, completed());
  CHECK(rig.sendAll().size() == 3);
}

TEST_CASE("batch_machine: what never left because it is known to be too large is divided, and nothing else waits for it", "[batch]") {
  MachineOptions options;
  options.maxInFlight = 2;
  MachineRig rig(options);
  rig.fill({8, 8});
  const auto first = rig.sendAll();
  REQUIRE(first.size() == 2);
  auto known = tooLarge();
  known.neverSent = true;
  rig.answer(first[0], known);
  const auto half = rig.send();  // beside the other chunk
  CHECK(half.positions == Range{0, 4});
  CHECK(half.attempt == 1);
  CHECK(rig.machine.inFlight() == 2);
}

TEST_CASE("batch_machine: a connection that breaks twice while one body is sent makes its size suspected", "[batch]") {
  MachineRig rig(oneAtATime());
  rig.fill({8});
  auto broken = unavailable();
  broken.bodyBroken = true;
  rig.answer(rig.send(), broken);
  const auto again = rig.sendLater();
  CHECK(again.positions == Range{0, 8});
  rig.answer(again, broken);
  CHECK(rig.sendLater().positions == Range{0, 4});
  CHECK(rig.machine.counters().splits == 1);
}

TEST_CASE("batch_machine: a fatal answer stops the batch", "[batch]") {
  MachineOptions options;
  options.maxInFlight = 4;
  MachineRig rig(options);
  rig.fill({1, 1, 1, 1, 1, 1});
  const auto sent = rig.sendAll();
  REQUIRE(sent.size() == 4);
  rig.answer(sent[0], busy());
  rig.answer(sent[1], unavailable(true));
  rig.answer(sent[2], fatal());
  CHECK(rig.outcomes(6) == "fuf.nn");
  CHECK(rig.of(4)->error.message() == "wrong key");
  CHECK(rig.of(4)->attempts == 0);
  CHECK(rig.of(0)->error.message() == "wrong key");
  CHECK(rig.machine.stopped().code() == Errc::unauthorized);
  CHECK(rig.wait() == TimePoint::max());  // for the one in flight
  rig.answer(sent[3], completed());
  CHECK(rig.of(3)->outcome == Outcome::done);
  CHECK(rig.done());
}

TEST_CASE("batch_machine: a fatal answer to what may have been applied leaves it unknown", "[batch]") {
  MachineRig now;
  now.fill({1});
  now.answer(now.send(), fatal(true));
  CHECK(now.outcomes(1) == "u");

  MachineRig earlier;
  earlier.fill({1});
  earlier.answer(earlier.send(), unavailable(true));
  earlier.answer(earlier.sendLater(), fatal());
  CHECK(earlier.outcomes(1) == "u");
  CHECK(earlier.of(0)->attempts == 2);
}

TEST_CASE("batch_machine: chunks that come after the stop are unsent", "[batch]") {
  MachineRig rig;
  rig.machine.add(1);
  rig.answer(rig.send(), fatal());
  rig.machine.add(2);
  CHECK(rig.wait() == TimePoint::max());
  CHECK(rig.outcomes(3) == "fnn");
  rig.machine.add(1);
  rig.machine.close();
  CHECK(rig.outcomes(4) == "fnnn");
  CHECK(rig.of(3)->error.message() == "wrong key");
  CHECK(rig.done());
}

TEST_CASE("batch_machine: a fault without a reason is still a failure", "[batch]") {
  MachineRig rig;
  rig.fill({1, 1});
  rig.answer(rig.send(), verdict(Verdict::Kind::fatal));
  CHECK(rig.machine.stopped().code() == Errc::internal);
  CHECK(rig.outcomes(2) == "fn");
}
