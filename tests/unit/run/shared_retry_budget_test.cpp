#include "run/shared_retry_budget.hpp"

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using qbatch::batch::RetryBudget;
using qbatch::batch::TimePoint;
using qbatch::run::SharedRetryBudget;

namespace {

/// Does it on eight threads at once, `times` times on each.
void everywhere(int times, const std::function<void()>& what) {
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      ++ready;
      while (ready < 8) std::this_thread::yield();
      for (int n = 0; n < times; ++n) what();
    });
  for (auto& thread : threads) thread.join();
}

int takenEverywhere(RetryBudget& budget, TimePoint now) {
  std::atomic<int> taken{0};
  everywhere(1000, [&] { taken += budget.take(now) ? 1 : 0; });
  return taken;
}

}  // namespace

TEST_CASE("threads share one budget: ten at first, one a second, one for ten successes") {
  SharedRetryBudget shared;
  RetryBudget& budget = shared;
  auto now = TimePoint(1h);
  CHECK(takenEverywhere(budget, now) == 10);
  CHECK(takenEverywhere(budget, now) == 0);
  now += 3s;
  CHECK(takenEverywhere(budget, now) == 3);
  everywhere(10, [&] { budget.success(); });
  CHECK(takenEverywhere(budget, now) == 8);
  everywhere(1000, [&] { budget.success(); });
  CHECK(takenEverywhere(budget, now) == 10);
}

TEST_CASE("a shared budget says when the next repeat is earned, while others take and earn") {
  SharedRetryBudget budget;
  const auto now = TimePoint(1h);
  CHECK(budget.nextAt(now) == now);
  std::atomic<bool> sensible{true};
  everywhere(1000, [&] {
    const auto next = budget.nextAt(now);
    if (next < now || next > now + 1s) sensible = false;
    if (budget.take(now)) budget.success();
  });
  CHECK(sensible);
  while (budget.take(now)) {
  }
  CHECK(budget.nextAt(now) > now);
}
