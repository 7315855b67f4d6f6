#include "run/worker_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <latch>
#include <mutex>

#include "support/catch.hpp"

using qbatch::run::WorkerPool;
using namespace std::chrono_literals;

TEST_CASE("a pool carries out every task before it is gone") {
  std::atomic<int> ran{0};
  {
    WorkerPool pool(3);
    for (int i = 0; i < 1000; ++i) pool.post([&] { ++ran; });
  }
  CHECK(ran == 1000);
}

TEST_CASE("a pool of n threads runs n tasks at once") {
  WorkerPool pool(4);
  std::latch all(4);
  for (int i = 0; i < 3; ++i) pool.post([&] { all.arrive_and_wait(); });
  pool.post([&] { all.arrive_and_wait(); });
  all.wait();
  CHECK(pool.threads() == 4);
}

TEST_CASE("a pool knows its own threads") {
  WorkerPool pool(1), other(1);
  CHECK_FALSE(pool.onPoolThread());
  std::atomic<int> inside{-1}, inOther{-1};
  std::latch done(1);
  pool.post([&] {
    inside = pool.onPoolThread();
    inOther = other.onPoolThread();
    done.count_down();
  });
  done.wait();
  CHECK(inside == 1);
  CHECK(inOther == 0);
}

TEST_CASE("a timer runs its newest task only, on the pool, and not after cancel") {
  WorkerPool pool(2);
  WorkerPool::Timer timer(pool);
  std::atomic<int> first{0}, onPool{0};
  std::latch second(1);
  const auto now = std::chrono::steady_clock::now();
  timer.arm(now + 1h, [&] { ++first; });
  timer.arm(now + 1ms, [&] {
    onPool = pool.onPoolThread();
    second.count_down();
  });
  second.wait();
  CHECK(onPool == 1);
  timer.arm(now + 1h, [&] { ++first; });
  timer.cancel();
  CHECK(first == 0);
}
