#include "local/answer_queue.hpp"

#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch::local;

namespace {

std::list<AnswerJob> jobOf(const std::string& key) {
  std::list<AnswerJob> job;
  job.push_back({key, AnswerDrop{}});
  return job;
}

}  // namespace

TEST_CASE("jobs come out in the order in which they went in, also after closing") {
  AnswerQueue queue;
  for (const char* key : {"a", "b", "c"}) {
    auto job = jobOf(key);
    REQUIRE(queue.push(job));
    CHECK(job.empty());
  }
  queue.close();
  auto late = jobOf("late");
  CHECK_FALSE(queue.push(late));
  CHECK(late.size() == 1);  // left to whoever has it
  const auto [jobs, closed] = queue.takeAll();
  CHECK(closed);
  std::string keys;
  for (const auto& job : jobs) keys += job.key;
  CHECK(keys == "abc");
  CHECK(queue.takeAll().jobs.empty());
}

TEST_CASE("taking waits for jobs of any thread, and for the end") {
  AnswerQueue queue;
  std::size_t taken = 0;
  std::thread taker([&] {
    for (;;) {
      const auto [jobs, closed] = queue.takeAll();
      taken += jobs.size();
      if (closed) return;
    }
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) {
        auto job = jobOf("k");
        static_cast<void>(queue.push(job));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  queue.close();
  taker.join();
  CHECK(taken == 2000);
}
