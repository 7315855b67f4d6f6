#include <memory>
#include <stdexcept>

#include "batch/batch_machine.hpp"
#include "support/machine_rig.hpp"

// The batch machine where reading back itself goes wrong.

using namespace qbatch;
using namespace qbatch::batch;
using namespace qbatch::test;

namespace {

/// Counts what is spent.
class Counted : public RetryBudget {
 public:
  bool take(TimePoint now) noexcept override {
    const bool taken = RetryBudget::take(now);
    spent += taken ? 1 : 0;
    return taken;
  }
  int spent = 0;
};

Verdict cannotRead() { return verdict(Verdict::Kind::fatal, Errc::unsupported, "cannot read"); }

}  // namespace

TEST_CASE("batch_machine looks: a backend that cannot read has writes repeated as before", "[batch]") {
  MachineRig rig(reading());
  rig.fill({3, 1});
  rig.answer(rig.send(), unavailable(true));
  rig.notRead(rig.lookLater(), cannotRead());
  CHECK_FALSE(rig.machine.stopped());
  const auto again = rig.send();
  CHECK_FALSE(again.readBack);
  CHECK(again.positions == Range{0, 3});
  CHECK(again.attempt == 2);
  rig.answer(again, unavailable(true));
  const auto once = rig.sendLater();
  CHECK_FALSE(once.readBack);  // it is known now
  rig.answer(once, completed());
  rig.answer(rig.send(), itemAtFault(true));
  CHECK(rig.outcomes(4) == "dddu");
  CHECK(rig.machine.counters().looks == 1);
}

TEST_CASE("batch_machine looks: a backend that cannot read has half-applied refusals divided as before", "[batch]") {
  MachineRig rig(reading());
  rig.fill({2});
  rig.answer(rig.send(), itemAtFault(true));
  rig.notRead(rig.look(), cannotRead());
  rig.answer(rig.send(), completed());
  rig.answer(rig.send(), itemAtFault());
  CHECK(rig.outcomes(2) == "dr");
}

TEST_CASE("batch_machine looks: a backend that cannot read leaves unknown what it would have ended", "[batch]") {
  MachineRig rig(reading());
  rig.fill({1});
  rig.answer(rig.send(), itemAtFault(true));
  rig.notRead(rig.look(), cannotRead());
  CHECK(rig.outcomes(1) == "u");
  CHECK(rig.of(0)->error.message() == "wrong input");
  CHECK(rig.done());
}

TEST_CASE("batch_machine looks: a read-back that meets a fault is repeated, and the write is not", "[batch]") {
  MachineRig rig(reading());
  rig.fill({2});
  rig.answer(rig.send(), unavailable(true));
  for (int i = 0; i < 5; ++i) rig.notRead(rig.lookLater(), i % 2 == 0 ? busy() : throttled(1000ms));
  rig.found(rig.lookLater(), "d");
  CHECK(rig.outcomes(2) == "dd");
  CHECK(rig.machine.counters().sends == 1);
  CHECK(rig.machine.counters().looks == 6);
}

TEST_CASE("batch_machine looks: read-backs are repeated within the budget, of which a look and its repeat cost one", "[batch]") {
  MachineRig rig(reading(20));
  rig.fill(std::vector<std::size_t>(20, 1));
  for (const auto& sent : rig.sendAll()) rig.answer(sent, unavailable(true));
  rig.now += 50ms;  // all are due
  const auto looks = rig.sendAll();
  REQUIRE(looks.size() == 10);
  for (std::size_t i = 0; i < 5; ++i) rig.found(looks[i], ".");
  CHECK(rig.sendAll().size() == 5);  // paid for already
  for (std::size_t i = 5; i < 10; ++i) rig.notRead(looks[i], busy());
  rig.now += 900ms;
  CHECK(rig.sendAll().empty());
  rig.now += 100ms;
  CHECK(rig.sendAll().size() == 1);
}

TEST_CASE("batch_machine looks: a read-back that is too large is divided", "[batch]") {
  MachineRig rig(reading());
  rig.fill({4});
  rig.answer(rig.send(), unavailable(true));
  rig.notRead(rig.lookLater(), tooLarge());
  const auto first = rig.look();
  CHECK(first.positions == Range{0, 2});
  rig.found(first, "d");
  const auto second = rig.look();
  CHECK(second.positions == Range{2, 4});
  rig.found(second, ".");
  CHECK(rig.send().positions == Range{2, 4});  // what is too large to be read is not too large to be written
}

TEST_CASE("batch_machine looks: an item that cannot be read alone is unknown", "[batch]") {
  for (const auto& refusal : {tooLarge(), itemAtFault()}) {
    MachineRig rig(reading());
    rig.fill({1, 1});
    rig.answer(rig.send(), unavailable(true));
    rig.notRead(rig.lookLater(), refusal);
    CHECK(rig.outcomes(2) == "u.");
    CHECK(rig.of(0)->error.message() == refusal.error.message());
    rig.answer(rig.send(), completed());
    CHECK(rig.done());
  }
}

TEST_CASE("batch_machine looks: a fatal answer to a read-back stops the batch", "[batch]") {
  MachineRig rig(reading());
  rig.fill({2, 1});
  rig.answer(rig.send(), unavailable(true));
  rig.notRead(rig.lookLater(), fatal());
  CHECK(rig.outcomes(3) == "uun");
  CHECK(rig.machine.stopped().code() == Errc::unauthorized);
  CHECK(rig.of(0)->error.code() == Errc::unauthorized);
  CHECK(rig.done());
}

TEST_CASE("batch_machine looks: after a cancel a read-back that brings nothing is not repeated", "[batch]") {
  for (const auto& fault : {busy(), tooLarge(), throttled(), cannotRead()}) {
    MachineRig rig(reading());
    rig.fill({2});
    rig.answer(rig.send(), unavailable(true));
    const auto look = rig.lookLater();
    rig.machine.cancel({}, rig.now);
    rig.notRead(look, fault);
    if (fault.kind == Verdict::Kind::fatal) CHECK(rig.sendAll().empty());  // it would have been written again
    CHECK(rig.outcomes(2) == "uu");
    CHECK(rig.done());
    CHECK(rig.of(0)->error);
  }
}

TEST_CASE("batch_machine looks: a read-back must tell of every position", "[batch]") {
  MachineRig rig(reading());
  rig.fill({2});
  rig.answer(rig.send(), unavailable(true));
  const auto look = rig.lookLater();
  const Found one[] = {Found::asSent};
  CHECK_THROWS_AS(rig.machine.lookedBack(look.id, {}, one, rig.now), std::logic_error);
  CHECK_THROWS_AS(rig.machine.lookedBack(99, {}, {}, rig.now), std::logic_error);
}

TEST_CASE("batch_machine looks: a look that meets a backend that cannot read has paid for the repeat", "[batch]") {
  const auto budget = std::make_shared<Counted>();
  auto options = reading();
  options.budget = budget;
  MachineRig rig(options);
  rig.fill({1});
  rig.answer(rig.send(), unavailable(true));
  rig.notRead(rig.lookLater(), cannotRead());
  rig.answer(rig.send(), completed());
  CHECK(budget->spent == 1);
}

TEST_CASE("batch_machine looks: to write once more what others changed costs a repeat, to look at it none", "[batch]") {
  const auto budget = std::make_shared<Counted>();
  auto options = reading();
  options.budget = budget;
  MachineRig rig(options);
  rig.fill({1});
  rig.answer(rig.send(), unavailable(true));
  rig.found(rig.lookLater(), ".");
  auto conditional = completed();
  conditional.conditional = true;
  rig.answer(rig.send(), conditional);
  CHECK(budget->spent == 1);
  rig.found(rig.look(), ".");
  CHECK(budget->spent == 1);
  rig.answer(rig.send(), completed());
  CHECK(budget->spent == 2);
}
