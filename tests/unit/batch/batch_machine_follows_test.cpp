#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine where the server has only taken note of a write.

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

namespace {

MachineOptions following(std::size_t window = 1) {
  MachineOptions options;
  options.maxInFlight = window;
  options.readBack = options.followAccepted = true;
  return options;
}

}  // namespace

TEST_CASE("batch_machine follows: acknowledged items are read back until they are found", "[batch]") {
  MachineRig rig(following());
  rig.fill({3});
  rig.answer(rig.send(), acknowledged());
  CHECK(rig.outcomes(3) == "...");
  const auto first = rig.lookLater();
  CHECK(first.positions == Range{0, 3});
  rig.found(first, ".d.");
  CHECK(rig.outcomes(3) == ".d.");
  const auto before = rig.now;
  const auto second = rig.lookLater();
  CHECK(rig.now >= before + 10ms);
  CHECK(second.positions.ranges() == std::vector<Range>{{0, 1}, {2, 3}});
  rig.found(second, "d");
  CHECK(rig.outcomes(3) == "ddd");
  CHECK(rig.of(0)->attempts == 1);
  CHECK(rig.machine.counters().sends == 1);
  CHECK(rig.machine.counters().retries == 0);
  CHECK(rig.done());
}

TEST_CASE("batch_machine follows: what is not found while patience lasts was accepted", "[batch]") {
  MachineRig rig(following());
  rig.fill({2});
  const auto start = rig.now;
  rig.answer(rig.send(), acknowledged());
  while (!rig.done()) rig.found(rig.lookLater(), ".");
  CHECK(rig.now == start + 120s);
  CHECK(rig.outcomes(2) == "aa");
  CHECK_FALSE(rig.of(0)->error);
  CHECK_FALSE(rig.machine.stopped());
  CHECK(rig.machine.counters().looks < 120);  // not all the time
}

TEST_CASE("batch_machine follows: whatever the options say, nothing is asked for all the time", "[batch]") {
  auto options = following();
  options.retry.firstDelay = 0ms;
  MachineRig rig(options);
  rig.fill({1});
  rig.answer(rig.send(), acknowledged());
  for (int i = 0; i < 3; ++i) {
    const auto before = rig.now;
    rig.found(rig.lookLater(), ".");
    CHECK(rig.now == before + 10ms);
  }
}

TEST_CASE("batch_machine follows: a last look that brings nothing ends it, too", "[batch]") {
  auto options = following();
  options.retry.patience = 10s;
  MachineRig rig(options);
  rig.fill({1});
  rig.answer(rig.send(), acknowledged());
  const auto look = rig.lookLater();
  rig.now += 10s;
  rig.notRead(look, busy());
  CHECK(rig.outcomes(1) == "a");
  CHECK_FALSE(rig.of(0)->error);
  CHECK(rig.done());
}

TEST_CASE("batch_machine follows: a cancel leaves accepted what was not found yet", "[batch]") {
  for (const bool underWay : {false, true}) {
    MachineRig rig(following());
    rig.fill({1, 1});
    rig.answer(rig.send(), acknowledged());
    rig.answer(rig.send(), completed());
    std::optional<BatchMachine::Send> look;
    if (underWay) look = rig.lookLater();
    rig.machine.cancel({}, rig.now);
    CHECK(rig.outcomes(2) == (underWay ? ".d" : "ad"));
    if (look) rig.found(*look, ".");
    CHECK(rig.outcomes(2) == "ad");
    CHECK_FALSE(rig.of(0)->error);
    CHECK(rig.done());
  }
}

TEST_CASE("batch_machine follows: a fatal answer leaves accepted what the server has in its log", "[batch]") {
  MachineRig rig(following());
  rig.fill({1, 1, 1});
  rig.answer(rig.send(), acknowledged());
  rig.answer(rig.send(), fatal());
  CHECK(rig.outcomes(3) == "afn");
}

TEST_CASE("batch_machine follows: a third thing may come before what is in the server's log", "[batch]") {
  MachineRig rig(following());
  rig.fill({1});
  rig.answer(rig.send(), acknowledged());
  rig.found(rig.lookLater(), "s");
  CHECK(rig.outcomes(1) == "a");
  CHECK_FALSE(rig.of(0)->superseded);
}

TEST_CASE("batch_machine follows: where nobody waits for it, acknowledged items are accepted at once", "[batch]") {
  auto options = following();
  options.followAccepted = false;
  MachineRig rig(options);
  rig.fill({2});
  rig.answer(rig.send(), acknowledged());
  CHECK(rig.outcomes(2) == "aa");
  CHECK(rig.done());
}

TEST_CASE("batch_machine follows: acknowledged items do not hold up the others", "[batch]") {
  MachineRig rig(following());
  rig.fill(std::vector<std::size_t>(20, 1));
  for (int i = 0; i < 10; ++i) rig.answer(rig.send(), acknowledged());
  for (int i = 0; i < 10; ++i) rig.answer(rig.send(), completed());
  CHECK(rig.outcomes(20) == "..........dddddddddd");
}

TEST_CASE("batch_machine follows: many acknowledged items take turns with new ones", "[batch]") {
  auto options = following();
  options.retry.firstDelay = 0ms;  // they are asked for as often as can be
  MachineRig rig(options);
  rig.fill(std::vector<std::size_t>(100, 1));
  std::size_t requests = 0;
  for (; rig.machine.counters().sends < 100 && requests < 1000; ++requests) {
    const auto sent = rig.send();
    rig.now += 10ms;
    if (sent.readBack)
      rig.found(sent, ".");
    else
      rig.answer(sent, acknowledged());
  }
  CHECK(requests <= 200);
}

TEST_CASE("batch_machine follows: acknowledged items do not hold up new ones while one makes the server fail", "[batch]") {
  MachineRig rig(following());
  rig.fill(std::vector<std::size_t>(40, 1));
  for (int i = 0; i < 30; ++i) rig.answer(rig.send(), acknowledged());
  while (!rig.done() && !rig.of(39)) {
    const auto sends = rig.sendAll();
    for (const auto& sent : sends) {
      if (sent.readBack)
        rig.found(sent, ".");
      else
        rig.answer(sent, sent.positions == Range{30, 31} ? busy() : completed());
    }
    if (sends.empty()) rig.now = rig.wait();
  }
  CHECK(rig.outcomes(40).substr(31) == "ddddddddd");
}

TEST_CASE("batch_machine follows: looks that met a fault leave the budget of repeats to others afterwards", "[batch]") {
  MachineRig rig(following(20));
  rig.fill(std::vector<std::size_t>(11, 1));
  auto sent = rig.sendAll();
  for (std::size_t i = 0; i < 10; ++i) rig.answer(sent[i], acknowledged());
  rig.now += 50ms;
  auto looks = rig.sendAll();
  REQUIRE(looks.size() == 10);
  for (const auto& look : looks) rig.notRead(look, busy());
  rig.now += 100ms;
  looks = rig.sendAll();
  REQUIRE(looks.size() == 10);  // as many as were saved up
  for (const auto& look : looks) rig.found(look, ".");
  rig.now += 1s;  // all are due, one repeat is earned
  CHECK(rig.sendAll().size() == 10);
  rig.answer(sent[10], busy());
  rig.now += 50ms;
  const auto repeat = rig.sendAll();
  REQUIRE(repeat.size() == 1);
  CHECK_FALSE(repeat.front().readBack);
}
