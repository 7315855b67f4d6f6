#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine where a write was carried out only where nothing had changed, or not known to be carried out for some items.

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

namespace {

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

TEST_CASE("batch_machine conditions: what was written on condition is read back before it is done", "[batch]") {
  MachineRig rig(reading());
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

TEST_CASE("batch_machine conditions: conditional answers of one chunk are verified together, after its other pieces", "[batch]") {
  MachineRig rig(reading(3));
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

TEST_CASE("batch_machine conditions: what is ready of a chunk goes before its conditional answers are verified", "[batch]") {
  MachineRig rig(reading());
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

TEST_CASE("batch_machine conditions: an item that others change each time is given up, with a reason", "[batch]") {
  for (const bool copies : {false, true}) {
    MachineRig rig(reading());
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

TEST_CASE("batch_machine conditions: where something was found, the others begin to count anew", "[batch]") {
  MachineRig rig(reading());
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

TEST_CASE("batch_machine conditions: a conditional answer that cannot be verified is not believed", "[batch]") {
  SECTION("after a cancel") {
    MachineRig rig(reading());
    rig.fill({1});
    const auto again = writtenAgain(rig);
    rig.machine.cancel(Error(Errc::deadlineExceeded, Origin::caller, "too late"), rig.now);
    rig.answer(again, conditional());
    CHECK(rig.outcomes(1) == "u");
    CHECK(rig.of(0)->error.code() == Errc::deadlineExceeded);
    CHECK(rig.done());
  }
  SECTION("cancelled before it was looked at") {
    MachineRig rig(reading());
    rig.fill({1});
    rig.answer(writtenAgain(rig), conditional());
    rig.machine.cancel({}, rig.now);
    CHECK(rig.outcomes(1) == "u");
  }
  SECTION("by a backend that can no longer read") {
    MachineRig rig(reading());
    rig.fill({1, 1});
    rig.answer(writtenAgain(rig), conditional());
    rig.notRead(rig.look(), verdict(Verdict::Kind::fatal, Errc::unsupported, "cannot read"));
    CHECK(rig.outcomes(2) == "u.");
    CHECK(rig.of(0)->error.message().find("could not be read back") != std::string::npos);
    rig.answer(rig.send(), conditional());
    CHECK(rig.outcomes(2) == "uu");
  }
}

TEST_CASE("batch_machine conditions: what the answer names goes its own way, whatever the condition", "[batch]") {
  MachineRig rig(reading());
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

TEST_CASE("batch_machine conditions: items of which the answer does not know are read back, and written three times more", "[batch]") {
  MachineRig rig(reading());
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
