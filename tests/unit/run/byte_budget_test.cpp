#include "run/byte_budget.hpp"

#include "support/catch.hpp"

using qbatch::run::ByteBudget;

TEST_CASE("a budget gives what it has, and wakes who waits when something comes back") {
  ByteBudget budget(100);
  int woken = 0;
  const auto wake = [&] { ++woken; };
  CHECK(budget.take(60, false, wake));
  CHECK(budget.take(40, false, wake));
  CHECK_FALSE(budget.take(1, false, wake));
  CHECK_FALSE(budget.take(50, false, wake));
  CHECK(woken == 0);
  budget.give(40);
  CHECK(woken == 2);
  budget.give(60);
  CHECK(woken == 2);  // each is woken once
  CHECK(budget.take(100, false, wake));
}

TEST_CASE("a forced take always succeeds, and is paid back before anybody else gets room") {
  ByteBudget budget(10);
  const auto nobody = [] { FAIL("not waiting"); };
  CHECK(budget.take(1000, true, nobody));
  CHECK(budget.take(5, true, nobody));
  int woken = 0;
  CHECK_FALSE(budget.take(1, false, [&] { ++woken; }));
  budget.give(5);
  CHECK(woken == 1);
  CHECK_FALSE(budget.take(1, false, [&] { ++woken; }));
  budget.give(1000);
  CHECK(woken == 2);
  CHECK(budget.take(10, false, nobody));
}
