#include "http/host_queue.hpp"

#include <deque>
#include <set>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using http::HostQueue;

TEST_CASE("places at a host are given in order") {
  HostQueue queue(2);
  CHECK(queue.enter("a", 1));
  CHECK(queue.enter("a", 2));
  CHECK_FALSE(queue.enter("a", 3));
  CHECK_FALSE(queue.enter("a", 4));
  CHECK_FALSE(queue.enter("a", 5));
  CHECK(queue.enter("b", 6));
  queue.giveUp("a", 4);
  queue.giveUp("a", 77);
  queue.giveUp("c", 77);
  CHECK(queue.leave("a") == 3u);
  CHECK(queue.leave("a") == 5u);
  CHECK_FALSE(queue.leave("a"));
  CHECK(queue.enter("a", 7));
  CHECK_FALSE(queue.enter("a", 8));
  CHECK_FALSE(queue.leave("c"));
}

TEST_CASE("there is always one place") {
  HostQueue queue(0);
  CHECK(queue.enter("a", 1));
  CHECK_FALSE(queue.enter("a", 2));
}

TEST_CASE("never more have a place than there are, and nobody who waits is forgotten") {
  const auto seed = test::seed();
  INFO("QBATCH_SEED=" << seed);
  test::Random random(seed);
  HostQueue queue(3);
  std::set<HostQueue::Id> placed;
  std::deque<HostQueue::Id> waiting;
  for (std::size_t i = 1; i < test::campaignSize(20000); ++i) {
    if (random.chance(50)) {
      const bool entered = queue.enter("h", i);
      REQUIRE(entered == (placed.size() < 3));
      if (entered) placed.insert(i);
      if (!entered) waiting.push_back(i);
    } else if (random.chance(70) && !placed.empty()) {
      placed.erase(placed.begin());
      const auto next = queue.leave("h");
      REQUIRE(next.has_value() == !waiting.empty());
      if (!next) continue;
      REQUIRE(*next == waiting.front());
      waiting.pop_front();
      placed.insert(*next);
    } else if (!waiting.empty()) {
      const auto which = static_cast<std::ptrdiff_t>(random.below(waiting.size()));
      queue.giveUp("h", waiting[static_cast<std::size_t>(which)]);
      waiting.erase(waiting.begin() + which);
    }
  }
}
