// Job::whenDone: who hears of a call's end, when, on which thread, and what they may do there. Over fakes.
#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/job.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;

namespace {

/// A client whose calls do not end before release().
struct HeldFixture : ClientFixture {
  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();

  HeldFixture() {
    embedder->each = [opened = opened](auto, auto, std::stop_token stop) {
      while (opened.wait_for(1ms) != std::future_status::ready && !stop.stop_requested()) {
      }
      return std::vector<RowFailure>();
    };
  }
  void release() { gate.set_value(); }
};

bool isReady(std::future<void>& future) { return future.wait_for(10s) == std::future_status::ready; }

}  // namespace

TEST_CASE("who asks before the end is told at the end, on a thread of the client's") {
  HeldFixture fixture;
  auto client = fixture.client();
  auto job = client.storePatternsAsync(somePatterns(10));
  std::promise<void> first, second;
  auto told = first.get_future(), toldToo = second.get_future();
  std::atomic<bool> ok{false}, refused{false};
  std::thread::id where;
  job.whenDone([&] {
    where = std::this_thread::get_id();
    ok = job.get().ok();
    try {
      static_cast<void>(client.countPatterns());
    } catch (const ConfigError&) {
      refused = true;
    }
    first.set_value();
  });
  job.whenDone([&] { second.set_value(); });
  CHECK(told.wait_for(5ms) == std::future_status::timeout);
  fixture.release();
  REQUIRE(isReady(told));
  REQUIRE(isReady(toldToo));
  CHECK(ok);
  CHECK(refused);
  CHECK(where != std::this_thread::get_id());
}

TEST_CASE("who asks after the end is told at once, on the same thread") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto job = client.storePatternsAsync(somePatterns(10));
  REQUIRE(job.waitFor(10s));
  std::vector<std::thread::id> where;
  for (int i = 0; i < 2; ++i) job.whenDone([&] { where.push_back(std::this_thread::get_id()); });
  CHECK(where == std::vector(2, std::this_thread::get_id()));
  auto empty = client.storePatternsAsync({});
  empty.whenDone([&] { CHECK(empty.get().ok()); });
}

TEST_CASE("what is thrown at the end is logged, and the others are told nevertheless") {
  HeldFixture fixture;
  std::mutex mutex;
  std::vector<std::string> logged;
  fixture.options.log = [&](LogLevel level, std::string_view text) {
    const std::lock_guard lock(mutex);
    if (level == LogLevel::error) logged.emplace_back(text);
  };
  std::promise<void> heard;
  auto told = heard.get_future();
  {
    auto client = fixture.client();
    auto job = client.storePatternsAsync(somePatterns(1));
    job.whenDone([] { throw std::runtime_error("no pen"); });
    job.whenDone([] { throw 42; });
    job.whenDone([&] { heard.set_value(); });
    fixture.release();
    REQUIRE(isReady(told));
    CHECK(job.get().ok());
    job.whenDone([] { throw std::runtime_error("at once"); });
  }
  REQUIRE(logged.size() == 3);
  CHECK(logged[0] == "a function given to whenDone threw: no pen");
  CHECK(logged[1] == "a function given to whenDone threw something that is no std::exception");
  CHECK(logged[2] == "a function given to whenDone threw: at once");
}

TEST_CASE("a job that is cancelled, destroyed or detached is heard of, too") {
  HeldFixture fixture;
  std::atomic<int> heard{0};
  {
    auto client = fixture.client();
    auto cancelled = client.storePatternsAsync(somePatterns(1));
    cancelled.whenDone([&] { ++heard; });
    cancelled.cancel();
    {
      auto destroyed = client.storePatternsAsync(somePatterns(1));
      destroyed.whenDone([&] { ++heard; });
    }
    auto detached = client.storePatternsAsync(somePatterns(1));
    detached.whenDone([&] { ++heard; });
    detached.detach();
    CHECK_THROWS_AS(detached.whenDone([] {}), ConfigError);
    auto moved = std::move(cancelled);
    CHECK_THROWS_AS(cancelled.whenDone([] {}), ConfigError);  // NOLINT: that is what is tested
    CHECK_THROWS_AS(moved.whenDone({}), ConfigError);
    fixture.release();
  }
  CHECK(heard == 3);  // the client waits for its detached jobs, and for those who hear of them
}

TEST_CASE("a call that ended with an exception is heard of, too") {
  ClientFixture fixture;
  fixture.backend->collections["patterns"] = {.name = "patterns", .dimension = 8, .embedder = "another one"};
  std::promise<void> heard;
  auto told = heard.get_future();
  auto client = fixture.client();
  auto job = client.searchPatternsAsync({{"a", {}}});
  job.whenDone([&] { heard.set_value(); });
  REQUIRE(isReady(told));
  CHECK_THROWS_AS(job.get(), ConfigError);
}

TEST_CASE("a job that only its own listener keeps is freed when that has heard") {
  HeldFixture fixture;
  auto client = fixture.client();
  std::promise<bool> heard;
  auto told = heard.get_future();
  std::weak_ptr<int> alive;
  {
    auto token = std::make_shared<int>();
    alive = token;
    auto job = std::make_shared<Job<StoreReport>>(client.storePatternsAsync(somePatterns(3)));
    job->whenDone([job, token, &heard] { heard.set_value(job->get().ok()); });
  }
  CHECK_FALSE(alive.expired());
  fixture.release();
  CHECK(told.get());
  CHECK(eventually([&] { return alive.expired(); }));
}

TEST_CASE("the listener may destroy the job and be the last owner of the client's core") {
  for (const bool late : {false, true}) {
    HeldFixture fixture;
    std::promise<void> heard;
    auto told = heard.get_future();
    auto client = std::make_unique<BatchClient>(fixture.options);
    auto job = std::make_unique<Job<StoreReport>>(client->storePatternsAsync(somePatterns(3)));
    const auto listen = [&] {
      client.reset();
      job.reset();
      heard.set_value();
    };
    if (late) {
      fixture.release();
      CHECK(job->waitFor(10s));
    }
    job->whenDone(listen);
    if (!late) fixture.release();
    REQUIRE(isReady(told));
    CHECK(eventually([&] { return fixture.backend.use_count() <= 2; }));  // the client's core has let go of it
  }
}

TEST_CASE("listeners that come while the call ends are each heard once") {
  ClientFixture fixture;
  auto client = fixture.client();
  std::atomic<int> heard{0}, asked{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        auto job = std::make_shared<Job<StoreReport>>(client.storePatternsAsync(somePatterns(2)));
        for (int listener = 0; listener < 3; ++listener, ++asked)
          job->whenDone([&heard, job] {
            if (job->get().ok()) ++heard;
          });
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(eventually([&] { return heard == asked.load(); }));
  CHECK(asked == 1200);
}
