// Jobs, and the life of a client: waiting, detaching, callbacks, threads, forks. Over fakes.
#include "qbatch/job.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <thread>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;

TEST_CASE("patterns may be shared with the call, and are let go of at its end") {
  ClientFixture fixture;
  auto client = fixture.client();
  const auto shared = std::make_shared<const std::vector<Pattern>>(somePatterns(20));
  {
    auto job = client.storeSharedAsync(shared);
    const auto report = job.get();
    CHECK(report.ok());
    CHECK(report.size() == 20);
    CHECK(toJson(report, *shared).find("\"successful\":20") != std::string::npos);
  }
  // The client's last thread lets go a moment after the end was told.
  for (int i = 0; i < 1000 && shared.use_count() > 1; ++i) std::this_thread::sleep_for(10ms);
  CHECK(shared.use_count() == 1);
  CHECK_THROWS_AS(client.storeSharedAsync(nullptr), ConfigError);
}

TEST_CASE("a job can be waited for, asked twice, cancelled, detached and moved") {
  ClientFixture fixture;
  auto client = fixture.client();
  auto job = client.storePatternsAsync(somePatterns(100));
  CHECK(job.waitFor(10s));
  CHECK(job.get().ok());
  CHECK(job.get().size() == 100);
  CHECK(job.progress().done == 100);

  std::atomic<bool> release{false};
  fixture.embedder->each = [&](auto, auto, std::stop_token stop) {
    eventually([&] { return release || stop.stop_requested(); });
    return std::vector<RowFailure>();
  };
  auto slow = client.storePatternsAsync(somePatterns(10));
  CHECK_FALSE(slow.waitFor(1ms));
  slow.cancel();
  CHECK(slow.get().count(Outcome::unsent) == 10);

  { auto dropped = client.storePatternsAsync(somePatterns(10)); }  // asks for cancellation and waits

  auto detached = client.storePatternsAsync(somePatterns(10));
  detached.detach();
  CHECK_THROWS_AS(detached.get(), ConfigError);
  auto moved = client.storePatternsAsync(somePatterns(10));
  moved = client.storePatternsAsync(somePatterns(20));
  release = true;
  CHECK(moved.get().size() == 20);
}

TEST_CASE("a client waits for detached jobs, and a job outlives its client") {
  ClientFixture fixture;
  std::optional<Job<StoreReport>> kept;
  {
    auto client = fixture.client();
    client.storePatternsAsync(somePatterns(100)).detach();
    kept.emplace(client.storePatternsAsync(somePatterns(100)));
    auto other = std::move(client);
    client = std::move(other);
  }
  CHECK(fixture.backend->points.size() == 100);
  CHECK(kept->get().ok());
}

TEST_CASE("destroying a job or client inside a callback is logged, not a deadlock") {
  ClientFixture fixture;
  std::atomic<int> logged{0};
  fixture.options.log = [&](LogLevel level, std::string_view) {
    if (level == LogLevel::error) ++logged;
  };
  auto client = std::make_unique<BatchClient>(fixture.options);
  std::optional<Job<StoreReport>> job;
  std::latch jobMade(1);
  std::atomic<bool> gone{false};
  StoreOptions options;
  options.progress = [&](const Progress&) {
    jobMade.wait();
    if (gone.exchange(true)) return;
    job.reset();
    client.reset();
  };
  job.emplace(client->storePatternsAsync(somePatterns(10), options));
  jobMade.count_down();
  CHECK(eventually([&] { return logged >= 2; }));
  CHECK(eventually([&] { return fixture.backend.use_count() <= 2; }));  // the client's core has let go of it
}

TEST_CASE("many threads use one client") {
  ClientFixture fixture;
  auto client = fixture.client();
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 5; ++round) {
        auto patterns = somePatterns(50);
        for (auto& pattern : patterns) pattern.code = std::to_string(t);
        const auto stored = client.storePatterns(patterns, {.chunk = {7}});
        const auto found = client.searchPatterns(std::vector<std::string>{"a", "b"});
        good += stored.ok() && found.ok();
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 40);
  CHECK(fixture.backend->points.size() == 400);
}

TEST_CASE("after a fork every call of the child fails clearly, and its end hangs nothing") {
  ClientFixture fixture;
  auto client = std::make_unique<BatchClient>(fixture.options);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int result = 1;
    try {
      (void)client->storePatterns({});
    } catch (const ConfigError&) {
      result = 0;
    }
    client.reset();
    ::_exit(result);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
