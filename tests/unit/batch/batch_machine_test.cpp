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

bool holds(Range range, std::size_t position) { return range.first <= position && position < range.last; }

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
  CHECK(first.range == Range{0, 3});
  CHECK(first.attempt == 1);
  const auto second = rig.send();
  CHECK(second.range == Range{3, 5});
  CHECK(rig.wait() == TimePoint::max());
  CHECK(rig.machine.inFlight() == 2);
  rig.answer(second, completed());
  const auto third = rig.send();
  CHECK(third.range == Range{5, 9});
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

TEST_CASE("batch_machine: a bad item is isolated, the rest is done", "[batch]") {
  for (const std::size_t bad : {0u, 1u, 499u, 500u, 998u, 999u}) {
    MachineRig rig;
    rig.fill({1000});
    const auto sends = rig.playOut([&](Range range) { return holds(range, bad) ? itemAtFault(range.size() > 1) : completed(); });
    CAPTURE(bad);
    for (const std::size_t position : {0u, 1u, 499u, 500u, 998u, 999u}) {
      CHECK(rig.of(position)->outcome == (position == bad ? Outcome::rejected : Outcome::done));
    }
    std::size_t settled = 0;
    for (const auto& settlement : rig.settlements) settled += settlement.range.size();
    CHECK(settled == 1000);
    CHECK(rig.of(bad)->error.message() == "wrong input");
    CHECK(sends <= 21);  // the whole, and two for each of ten levels
    CHECK(rig.machine.counters().splits == sends / 2);
    CHECK(rig.machine.counters().retries == 0);
  }
}

TEST_CASE("batch_machine: an item refused alone in an attempt that may have applied it is unknown", "[batch]") {
  MachineRig rig;
  rig.fill({1, 1});
  rig.answer(rig.send(), itemAtFault(true));
  rig.answer(rig.send(), itemAtFault(false));
  CHECK(rig.outcomes(2) == "ur");
}

TEST_CASE("batch_machine: a half-applied refusal is remembered when the batch stops", "[batch]") {
  auto rig = MachineRig(oneAtATime());
  rig.fill({4, 1});
  rig.answer(rig.send(), itemAtFault(true));
  rig.answer(rig.send(), completed());
  rig.machine.cancel(Error(Errc::cancelled, Origin::caller, "enough"), rig.now);
  CHECK(rig.outcomes(5) == "dduun");
  CHECK(rig.done());
}

TEST_CASE("batch_machine: isolation stops after 32 refusals with the same words and no success", "[batch]") {
  MachineRig rig(oneAtATime());
  rig.fill({1000, 1000});
  const auto sends = rig.playOut([](Range) { return itemAtFault(); });
  CHECK(sends == 33);  // after the 32nd, the second chunk is sent once and not divided
  std::size_t rejected = 0, failed = 0;
  for (const auto& settlement : rig.settlements) {
    (settlement.outcome == Outcome::rejected ? rejected : failed) += settlement.range.size();
  }
  CHECK(rejected + failed == 2000);
  CHECK(rig.of(999)->outcome == Outcome::failed);
  CHECK(rig.of(999)->attempts > 0);
  CHECK(rig.of(1999)->outcome == Outcome::failed);
  CHECK(rig.of(1999)->error.message() == "32 requests in a row were refused like this, so the item was not tried alone: wrong input");
  CHECK(rig.of(1999)->error.code() == Errc::refused);
}

TEST_CASE("batch_machine: where refusals may have applied a part, a stopped isolation leaves unknown items", "[batch]") {
  MachineRig rig(oneAtATime());
  rig.fill({1000});
  rig.playOut([](Range) { return itemAtFault(true); });
  CHECK(rig.of(999)->outcome == Outcome::unknown);
}

TEST_CASE("batch_machine: other words, and a success in between, keep isolation going", "[batch]") {
  MachineRig various(oneAtATime());
  various.fill({100});
  int n = 0;
  CHECK(various.playOut([&](Range) { return itemAtFault(false, "item " + std::to_string(n++)); }) == 199);
  CHECK(various.outcomes(100) == std::string(100, 'r'));

  // A refusal, then a success, and so on: always something passes.
  MachineRig sometimes(oneAtATime());
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    sometimes.machine.add(2);
    expected += "rd";
  }
  sometimes.machine.close();
  sometimes.playOut([](Range range) { return range.first % 2 == 0 ? itemAtFault() : completed(); });
  CHECK(sometimes.outcomes(200) == expected);
}

TEST_CASE("batch_machine: forty bad items in a row do not take the good ones with them", "[batch]") {
  for (const std::size_t window : {1u, 8u}) {
    MachineOptions options;
    options.maxInFlight = window;
    MachineRig rig(options);
    rig.fill({1000});
    rig.playOut([](Range range) { return range.first < 40 ? itemAtFault() : completed(); });
    CAPTURE(window);
    CHECK(rig.outcomes(1000).substr(40) == std::string(960, 'd'));
    for (const auto letter : rig.outcomes(40)) CHECK((letter == 'r' || letter == 'f'));
  }
}

TEST_CASE("batch_machine: stopping isolation leaves chunks alone that nobody has refused", "[batch]") {
  MachineRig rig(oneAtATime());
  rig.fill({100, 100});
  rig.playOut([](Range range) { return range.first < 100 ? itemAtFault() : completed(); });
  CHECK(rig.outcomes(200).substr(100) == std::string(100, 'd'));
}

TEST_CASE("batch_machine: a request that is too large is divided, and that is no attempt", "[batch]") {
  MachineRig rig(oneAtATime());
  rig.fill({8, 8});
  rig.answer(rig.send(), tooLarge());
  const auto half = rig.send();
  CHECK(half.range == Range{0, 4});
  CHECK(half.attempt == 1);
  rig.answer(half, completed());
  rig.answer(rig.send(), completed());
  const auto later = rig.send();  // eight is known to be too large, so it is divided first
  CHECK(later.range == Range{8, 12});
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
  CHECK(second.range == Range{0, 2});
  CHECK(rig.wait() == TimePoint::max());
  rig.answer(second, completed());
  CHECK(rig.sendAll().size() == 3);
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
