#include "local/fair_lock.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch::local;

TEST_CASE("a writer gets its turn while readers come without end") {
  const FairLock lock;
  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  int value = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto held = lock.read();
        if (value >= 0) ++reads;
        std::this_thread::yield();
      }
    });
  }
  while (reads < 100) std::this_thread::yield();
  // Ends only if every one of these gets through, which a lock that prefers readers does not promise.
  for (int i = 0; i < 200; ++i) {
    const auto held = lock.write();
    ++value;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  CHECK(value == 200);
}
