#include "batch/batch_machine.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/machine_driver.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;

TEST_CASE("batch_machine: invariants hold over random schedules", "[batch][property]") {
  const auto first = seed();
  std::map<Outcome, std::size_t> outcomes;
  const auto schedules = campaignSize(1000);
  for (std::size_t i = 0; i < schedules; ++i) {
    MachineDriver driver(first + i);
    driver.run();
    INFO("repeat with QBATCH_SEED=" << first + i);
    for (const auto& problem : driver.problems()) UNSCOPED_INFO(problem);
    REQUIRE(driver.problems().empty());
    for (const auto& [outcome, count] : driver.outcomes()) outcomes[outcome] += count;
  }
  // A campaign that never reaches an outcome would show nothing about it.
  for (const auto outcome : {Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent}) {
    CAPTURE(first, static_cast<int>(outcome));
    CHECK(outcomes[outcome] > 0);
  }
}
