#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine looking for the item at fault.

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

  MachineRig wordless(oneAtATime());
  wordless.fill({100, 100});
  auto refusal = itemAtFault();
  refusal.error = Error(Errc::refused, Origin::server, "");
  wordless.playOut([&](Range range) { return range.first < 100 ? refusal : completed(); });
  CHECK(wordless.outcomes(200).substr(100) == std::string(100, 'd'));
}
