#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine where the server has only taken note of a write, or has carried it out only where nothing had changed.

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

Verdict conditional() {
  auto made = completed();
  made.conditional = true;
  return made;
}

/// Brings the whole chunk that is next to where it is written again, on condition: nothing of it was applied at first.
BatchMachine::Send writtenAgain(MachineRig& rig) {
  rig.answer(rig.send(), unavailable(true));
  rig.found(rig.lookLater(), ".");
  const auto again = rig.send();
  REQUIRE(again.again);
  return again;
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

TEST_CASE("batch_machine follows: what was written on condition is read back before it is done", "[batch]") {
  MachineRig rig(following());
  rig.fill({4});
  const auto again = writtenAgain(rig);
  rig.answer(again, conditional());
  CHECK(rig.outcomes(4) == "....");
  rig.found(rig.look(), "dsd.");
  CHECK(rig.outcomes(4) == "ddd.");
  CHECK(rig.of(1)->superseded);
  CHECK_FALSE(rig.of(0)->superseded);
  const auto third = rig.send();
  CHECK(third.positions == Range{3, 4});
  CHECK(third.again);
  rig.answer(third, completed());  // nothing stood there, so that it cannot have been left alone
  CHECK(rig.outcomes(4) == "dddd");
}

TEST_CASE("batch_machine follows: conditional answers of one chunk are verified together, after its other pieces", "[batch]") {
  MachineRig rig(following(3));
  rig.fill({6, 1});
  const auto sent = rig.sendAll();
  REQUIRE(sent.size() == 2);
  rig.answer(sent[0], itemAtFault(true));
  rig.found(rig.look(), ".");
  const auto halves = rig.sendAll();
  REQUIRE(halves.size() == 2);
  rig.answer(halves[1], conditional());
  CHECK(rig.wait() == TimePoint::max());  // for its other half
  rig.answer(halves[0], conditional());
  const auto look = rig.look();  // another chunk is still under way
  CHECK(look.positions == Range{0, 6});
  rig.answer(sent[1], completed());
  rig.found(look, "d");
  CHECK(rig.outcomes(7) == "ddddddd");
  CHECK(rig.machine.counters().looks == 2);
}

TEST_CASE("batch_machine follows: what is ready of a chunk goes before its conditional answers are verified", "[batch]") {
  MachineRig rig(following());
  rig.fill({4});
  rig.answer(rig.send(), itemAtFault(true));
  rig.found(rig.look(), ".");
  rig.answer(rig.send(), conditional());
  const auto other = rig.send();
  CHECK_FALSE(other.readBack);
  CHECK(other.positions == Range{2, 4});
  rig.answer(other, completed());
  CHECK(rig.look().positions == Range{0, 2});
}

TEST_CASE("batch_machine follows: an item that others change each time is given up, with a reason", "[batch]") {
  for (const bool copies : {false, true}) {
    MachineRig rig(following());
    rig.fill({2});
    if (copies) {
      rig.answer(writtenAgain(rig), conditional());
    } else {
      rig.answer(rig.send(), itemAtFault(true));
      rig.found(rig.look(), "d.");
      rig.answer(rig.send(), conditional());
    }
    std::size_t rounds = 0;
    for (; !rig.done(); ++rounds) {
      REQUIRE(rounds < 10);
      rig.found(rig.look(), ".");
      if (!rig.done()) rig.answer(rig.send(), conditional());
    }
    CHECK(rounds == 4);  // the first, and three more
    CHECK(rig.outcomes(2) == (copies ? "uu" : "df"));
    CHECK(rig.of(1)->error.code() == Errc::unavailable);
    CHECK(rig.of(1)->error.message().find("changed by others") != std::string::npos);
  }
}

TEST_CASE("batch_machine follows: where something was found, the others begin to count anew", "[batch]") {
  MachineRig rig(following());
  rig.fill({5});
  rig.answer(writtenAgain(rig), conditional());
  for (int i = 0; i < 3; ++i) {
    rig.found(rig.look(), ".");
    rig.answer(rig.send(), conditional());
  }
  rig.found(rig.look(), "d....");
  for (int i = 0; i < 2; ++i) {
    rig.answer(rig.send(), conditional());
    rig.found(rig.look(), ".");
  }
  rig.answer(rig.send(), completed());
  CHECK(rig.outcomes(5) == "ddddd");
}

TEST_CASE("batch_machine follows: a conditional answer that cannot be verified is not believed", "[batch]") {
  SECTION("after a cancel") {
    MachineRig rig(following());
    rig.fill({1});
    const auto again = writtenAgain(rig);
    rig.machine.cancel(Error(Errc::deadlineExceeded, Origin::caller, "too late"), rig.now);
    rig.answer(again, conditional());
    CHECK(rig.outcomes(1) == "u");
    CHECK(rig.of(0)->error.code() == Errc::deadlineExceeded);
    CHECK(rig.done());
  }
  SECTION("cancelled before it was looked at") {
    MachineRig rig(following());
    rig.fill({1});
    rig.answer(writtenAgain(rig), conditional());
    rig.machine.cancel({}, rig.now);
    CHECK(rig.outcomes(1) == "u");
  }
  SECTION("by a backend that can no longer read") {
    MachineRig rig(following());
    rig.fill({1, 1});
    rig.answer(writtenAgain(rig), conditional());
    rig.notRead(rig.look(), verdict(Verdict::Kind::fatal, Errc::unsupported, "cannot read"));
    CHECK(rig.outcomes(2) == "u.");
    CHECK(rig.of(0)->error.message().find("could not be read back") != std::string::npos);
    rig.answer(rig.send(), conditional());
    CHECK(rig.outcomes(2) == "uu");
  }
}

TEST_CASE("batch_machine follows: what the answer names goes its own way, whatever the condition", "[batch]") {
  MachineRig rig(following());
  rig.fill({3});
  auto answer = conditional();
  answer.items.push_back({1, Outcome::rejected, Error(Errc::refused, Origin::server, "bad")});
  rig.answer(writtenAgain(rig), answer);
  CHECK(rig.outcomes(3) == ".r.");
  const auto look = rig.look();
  CHECK(look.positions.ranges() == std::vector<Range>{{0, 1}, {2, 3}});
  rig.found(look, "d");
  CHECK(rig.outcomes(3) == "drd");
}

TEST_CASE("batch_machine follows: items of which the answer does not know are read back, and written three times more", "[batch]") {
  MachineRig rig(following());
  rig.fill({2});
  auto answer = completed();
  answer.items.push_back({1, Outcome::unknown, Error(Errc::unavailable, Origin::server, "changed by others")});
  rig.answer(rig.send(), answer);
  CHECK(rig.outcomes(2) == "d.");
  answer.items[0].position = 0;
  for (int i = 0; i < 3; ++i) {
    rig.found(rig.lookLater(), ".");
    rig.answer(rig.send(), answer);
  }
  CHECK(rig.done());
  CHECK(rig.outcomes(2) == "du");
  CHECK(rig.of(1)->error.message() == "changed by others");
  CHECK(rig.of(1)->attempts == 4);
}
