#include "http/timer_queue.hpp"

#include <algorithm>
#include <map>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using http::TimerQueue;

namespace {

TimerQueue::TimePoint at(std::int64_t ms) { return TimerQueue::TimePoint(std::chrono::milliseconds(ms)); }

}  // namespace

TEST_CASE("timers come due in their order") {
  TimerQueue timers;
  CHECK(timers.next() == TimerQueue::TimePoint::max());
  CHECK_FALSE(timers.takeDue(at(1000)));
  timers.set(1, at(30));
  timers.set(2, at(10));
  timers.set(3, at(20));
  timers.set(4, TimerQueue::TimePoint::max());
  CHECK(timers.next() == at(10));
  CHECK_FALSE(timers.takeDue(at(9)));
  CHECK(timers.takeDue(at(25)) == 2u);
  CHECK(timers.takeDue(at(25)) == 3u);
  CHECK_FALSE(timers.takeDue(at(25)));
  timers.set(1, at(50));  // in place of 30
  CHECK_FALSE(timers.takeDue(at(49)));
  timers.clear(1);
  timers.clear(1);
  timers.clear(99);
  CHECK(timers.next() == TimerQueue::TimePoint::max());
}

TEST_CASE("timers agree with a plain table") {
  const auto seed = test::seed();
  INFO("QBATCH_SEED=" << seed);
  test::Random random(seed);
  TimerQueue timers;
  std::map<TimerQueue::Id, std::int64_t> table;
  for (std::size_t i = 0; i < test::campaignSize(20000); ++i) {
    const auto id = random.below(20);
    const auto time = static_cast<std::int64_t>(random.below(50));
    const auto earliest = std::min_element(table.begin(), table.end(), [](const auto& a, const auto& b) {
      return std::pair(a.second, a.first) < std::pair(b.second, b.first);
    });
    REQUIRE(timers.next() == (table.empty() ? TimerQueue::TimePoint::max() : at(earliest->second)));
    if (random.chance(50)) {
      timers.set(id, at(time));
      table[id] = time;
    } else if (random.chance(40)) {
      timers.clear(id);
      table.erase(id);
    } else {
      const auto due = timers.takeDue(at(time));
      const bool expected = !table.empty() && earliest->second <= time;
      REQUIRE(due.has_value() == expected);
      if (!expected) continue;
      REQUIRE(*due == earliest->first);
      table.erase(earliest);
    }
  }
}
