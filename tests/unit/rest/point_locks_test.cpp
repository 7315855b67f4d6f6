#include "rest/point_locks.hpp"

#include <atomic>
#include <condition_variable>
#include <thread>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using rest::PointLocks;

namespace {
std::vector<PointId> ids(std::initializer_list<std::uint64_t> numbers) { return {numbers.begin(), numbers.end()}; }
}  // namespace

TEST_CASE("free points are had at once, taken ones when they are given back") {
  PointLocks locks;
  int first = 0, second = 0, third = 0;
  const auto one = locks.acquire(ids({1, 2}), [&] { ++first; });
  CHECK(first == 1);
  const auto two = locks.acquire(ids({2, 3}), [&] { ++second; });
  CHECK(second == 0);
  // It has to wait for whoever came before, though point 3 is free.
  const auto three = locks.acquire(ids({3}), [&] { ++third; });
  CHECK(third == 0);
  locks.release(one);
  CHECK(second == 1);
  CHECK(third == 0);
  locks.release(two);
  CHECK(third == 1);
  locks.release(three);
  CHECK(second == 1);
}

TEST_CASE("who waits can go away, who holds cannot") {
  PointLocks locks;
  int first = 0, second = 0, third = 0;
  const auto one = locks.acquire(ids({1}), [&] { ++first; });
  const auto two = locks.acquire(ids({1, 2}), [&] { ++second; });
  const auto three = locks.acquire(ids({2}), [&] { ++third; });
  CHECK_FALSE(locks.withdraw(one));
  CHECK(locks.withdraw(two));
  CHECK(third == 1);
  CHECK_FALSE(locks.withdraw(two));
  locks.release(one);
  locks.release(three);
  CHECK(second == 0);
  CHECK(first == 1);
}

TEST_CASE("many threads never hold one point at the same time, and all get through") {
  const auto seed = test::seed();
  CAPTURE(seed);
  PointLocks locks;
  std::array<std::atomic<int>, 8> holders{};
  std::atomic<int> clashes{0}, done{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      test::Random random(seed + t);
      for (int round = 0; round < 300; ++round) {
        std::vector<PointId> mine;
        for (std::uint64_t i = 0; i < 8; ++i)
          if (random.chance(30)) mine.emplace_back(i);
        std::mutex mutex;
        std::condition_variable changed;
        bool ready = false;
        const auto ticket = locks.acquire(mine, [&] {
          const std::lock_guard lock(mutex);
          ready = true;
          changed.notify_all();
        });
        {
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return ready; });
        }
        for (const auto& id : mine) clashes += holders[std::stoul(id.toString())]++ != 0;
        for (const auto& id : mine) --holders[std::stoul(id.toString())];
        locks.release(ticket);
        ++done;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(clashes == 0);
  CHECK(done == 1200);
}
