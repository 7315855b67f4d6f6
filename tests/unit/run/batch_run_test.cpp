// How a call runs: threads, order, overlap, cancelling, faults. Through the client, over fakes that can hold and refuse.
#include "run/batch_run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <latch>
#include <limits>
#include <stdexcept>
#include <thread>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;

namespace {

Verdict verdictOf(Verdict::Kind kind, Errc code, bool maybeApplied = false) {
  Verdict verdict;
  verdict.kind = kind;
  verdict.error = Error(code, Origin::server, "scripted");
  verdict.maybeApplied = maybeApplied;
  return verdict;
}

// Waits for a condition that another thread brings about; false after ten seconds, so that a broken run fails instead of hanging.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

}  // namespace

TEST_CASE("embedding uses every thread of the pool, and no more") {
  ClientFixture fixture;
  fixture.options.threads = 8;
  std::atomic<int> inside{0};
  std::atomic<bool> allThere{false};
  fixture.embedder->each = [&](auto, auto, auto) {
    ++inside;
    eventually([&] { return inside == 8 || allThere; });
    if (inside == 8) allThere = true;
    return std::vector<RowFailure>();
  };
  CHECK(fixture.client().storePatterns(somePatterns(100)).ok());
  CHECK(allThere);
  CHECK(fixture.embedder->mostActive == 8);
}

TEST_CASE("an embedder that is not concurrent gets one call at a time, over all runs of the client") {
  ClientFixture fixture;
  fixture.embedder->traits_.concurrent = false;
  fixture.embedder->traits_.maxBatch = 7;
  auto client = fixture.client();
  auto one = client.storePatternsAsync(somePatterns(200));
  auto two = client.storePatternsAsync(somePatterns(300));
  CHECK(one.get().ok());
  CHECK(two.get().ok());
  CHECK(fixture.embedder->mostActive == 1);
}

TEST_CASE("slices never exceed maxBatch") {
  ClientFixture fixture;
  fixture.options.threads = 1;
  fixture.embedder->traits_.maxBatch = 16;
  std::atomic<std::size_t> largest{0};
  fixture.embedder->each = [&](std::span<const std::string_view> texts, auto, auto) {
    largest = std::max(largest.load(), texts.size());
    return std::vector<RowFailure>();
  };
  CHECK(fixture.client().storePatterns(somePatterns(100)).ok());
  CHECK(largest == 16);
}

TEST_CASE("the next chunks are embedded while the first is being sent") {
  ClientFixture fixture;
  fixture.options.flow.maxInFlight = 1;
  std::latch secondEmbedded(1);
  std::atomic<bool> counted{false};
  fixture.embedder->each = [&](std::span<const std::string_view> texts, auto, auto) {
    for (const auto text : texts)
      if (text == "pattern 19" && !counted.exchange(true)) secondEmbedded.count_down();
    return std::vector<RowFailure>();
  };
  std::vector<std::thread> threads;
  std::atomic<bool> first{true};
  fixture.backend->hold = [&](const Request& request, const std::function<void()>& answer) {
    if (!std::holds_alternative<UpsertPoints>(request) || !first.exchange(false)) return answer();
    threads.emplace_back([&, answer] {
      secondEmbedded.wait();  // never, unless embedding goes on meanwhile
      answer();
    });
  };
  CHECK(fixture.client().storePatterns(somePatterns(20), {.chunk = {10}}).ok());
  for (auto& thread : threads) thread.join();
}

TEST_CASE("a text that cannot be embedded fails alone, with the embedder's reason") {
  ClientFixture fixture;
  auto patterns = somePatterns(100);
  SECTION("reported by row") {
    fixture.embedder->each = [](std::span<const std::string_view> texts, auto, auto) {
      std::vector<RowFailure> failures;
      for (std::size_t i = 0; i < texts.size(); ++i)
        if (texts[i] == "pattern 42") failures.push_back({i, "too odd"});
      return failures;
    };
  }
  SECTION("left with a value that is not finite") {
    fixture.embedder->each = [](std::span<const std::string_view> texts, MatrixView rows, auto) {
      for (std::size_t i = 0; i < texts.size(); ++i)
        if (texts[i] == "pattern 42") rows.row(i)[3] = std::numeric_limits<float>::infinity();
      return std::vector<RowFailure>();
    };
  }
  const auto report = fixture.client().storePatterns(patterns);
  CHECK(report.count(Outcome::done) == 99);
  REQUIRE(report.failures().size() == 1);
  CHECK(report.failures()[0].index == 42);
  CHECK(report.failures()[0].outcome == Outcome::failed);
  CHECK(report.failures()[0].error.code() == Errc::embedding);
  CHECK(report.failures()[0].error.origin() == Origin::embedder);
  CHECK(fixture.backend->upsertSizes() == std::vector<std::size_t>{99});
}

TEST_CASE("an embedder's throw fails its slice, and the rest is stored") {
  ClientFixture fixture;
  fixture.embedder->traits_.maxBatch = 10;
  fixture.embedder->each = [](std::span<const std::string_view> texts, auto, auto) -> std::vector<RowFailure> {
    for (const auto text : texts)
      if (text == "pattern 42") throw std::runtime_error("model is on fire");
    return {};
  };
  const auto report = fixture.client().storePatterns(somePatterns(100));
  CHECK(report.count(Outcome::done) == 90);
  CHECK(report.count(Outcome::failed) == 10);
  for (const auto& failure : report.failures()) CHECK(failure.error.message().find("model is on fire") != std::string::npos);
  CHECK(report.outcome(42) == Outcome::failed);
}

TEST_CASE("an embedder that names a row which does not exist fails the slice") {
  ClientFixture fixture;
  fixture.embedder->each = [](auto, auto, auto) { return std::vector<RowFailure>{{1000, "?"}}; };
  const auto report = fixture.client().storePatterns(somePatterns(3));
  CHECK(report.count(Outcome::failed) == 3);
  CHECK(report.failures()[0].error.message().find("1000") != std::string::npos);
}

TEST_CASE("an embedder's unknown dimension is asked for once; where that fails, every item fails") {
  struct Asking : FakeEmbedder {
    Asking() : FakeEmbedder(0) {}
    std::atomic<int> asked{0};
    std::size_t answer = 4;
    std::size_t resolveDimension(std::stop_token) override {
      ++asked;
      if (answer == 999) throw std::runtime_error("no idea");
      return answer;
    }
  };
  ClientFixture fixture;
  const auto embedder = std::make_shared<Asking>();
  fixture.options.embedder = embedder;
  auto client = fixture.client();
  SECTION("known") {
    CHECK(client.storePatterns(somePatterns(3)).ok());
    CHECK(client.storePatterns(somePatterns(3)).ok());
    CHECK(embedder->asked == 1);
    return;
  }
  SECTION("zero") { embedder->answer = 0; }
  SECTION("a throw") { embedder->answer = 999; }
  const auto report = client.storePatterns(somePatterns(3));
  CHECK(report.count(Outcome::failed) == 3);
  CHECK(report.failures()[0].error.origin() == Origin::embedder);
  CHECK(fixture.backend->collections.empty());
}

TEST_CASE("cancelling settles what is in flight and leaves the rest unsent") {
  ClientFixture fixture;
  fixture.options.flow.maxInFlight = 1;
  auto client = fixture.client();
  std::stop_source stop;
  std::vector<std::thread> threads;
  std::atomic<int> upserts{0};
  fixture.backend->hold = [&](const Request& request, const std::function<void()>& answer) {
    if (!std::holds_alternative<UpsertPoints>(request) || ++upserts != 2) return answer();
    threads.emplace_back([&, answer] {
      stop.request_stop();
      answer();
    });
  };
  const auto report = client.storePatterns(somePatterns(100), {.stop = stop.get_token(), .chunk = {10}});
  for (auto& thread : threads) thread.join();
  CHECK(report.count(Outcome::done) == 20);
  CHECK(report.count(Outcome::unsent) == 80);
  CHECK(fixture.backend->points.size() == 20);
  CHECK(report.stopped().code() == Errc::cancelled);
  CHECK(report.failures()[0].attempts == 0);
}

TEST_CASE("a stop that was requested before leaves everything unsent") {
  ClientFixture fixture;
  std::stop_source stop;
  stop.request_stop();
  const auto report = fixture.client().storePatterns(somePatterns(10), {.stop = stop.get_token()});
  CHECK(report.count(Outcome::unsent) == 10);
  CHECK(fixture.embedder->calls == 0);
  CHECK(fixture.backend->points.empty());
}

TEST_CASE("a deadline ends the call with a full report") {
  ClientFixture fixture;
  fixture.embedder->each = [](auto, auto, std::stop_token stop) {
    for (int i = 0; i < 10000 && !stop.stop_requested(); ++i) std::this_thread::sleep_for(1ms);
    return std::vector<RowFailure>();
  };
  const auto report = fixture.client().storePatterns(somePatterns(1000), {.deadline = 30ms});
  CHECK(report.count(Outcome::unsent) == 1000);
  CHECK(report.stopped().code() == Errc::deadlineExceeded);
}

TEST_CASE("a fatal answer stops the batch: the rest is unsent, and nothing more is sent") {
  ClientFixture fixture;
  fixture.options.flow.maxInFlight = 1;
  std::atomic<int> upserts{0};
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (!std::holds_alternative<UpsertPoints>(request) || ++upserts < 3) return std::nullopt;
    return verdictOf(Verdict::Kind::fatal, Errc::storageFull);
  };
  const auto report = fixture.client().storePatterns(somePatterns(100), {.chunk = {10}});
  CHECK(upserts == 3);
  CHECK(report.count(Outcome::done) == 20);
  CHECK(report.count(Outcome::failed) == 10);
  CHECK(report.count(Outcome::unsent) == 70);
  CHECK(report.stopped().code() == Errc::storageFull);
}

TEST_CASE("a bad item that only the server notices is found, and the others are stored") {
  ClientFixture fixture;
  const auto patterns = somePatterns(200);
  const auto bad = PointId::forContent(patterns[77].description, "", "");
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    const auto* upsert = std::get_if<UpsertPoints>(&request);
    if (!upsert) return std::nullopt;
    for (const auto& point : upsert->points)
      if (point.id == bad) return verdictOf(Verdict::Kind::itemAtFault, Errc::refused);
    return std::nullopt;
  };
  const auto report = fixture.client().storePatterns(patterns);
  CHECK(report.count(Outcome::done) == 199);
  REQUIRE(report.failures().size() == 1);
  CHECK(report.failures()[0].index == 77);
  CHECK(report.failures()[0].outcome == Outcome::rejected);
  CHECK(report.stats().splits > 0);
  CHECK(fixture.backend->points.size() == 199);
}

TEST_CASE("passing faults are retried") {
  ClientFixture fixture;
  std::atomic<int> faults{3};
  fixture.backend->hook = [&](const Request&) -> std::optional<Verdict> {
    if (faults-- <= 0) return std::nullopt;
    return verdictOf(Verdict::Kind::unavailable, Errc::unavailable);
  };
  const auto report = fixture.client().storePatterns(somePatterns(10));
  CHECK(report.ok());
  CHECK(report.stats().retries >= 3);
}

TEST_CASE("a backend that is never there fails every item after the connect patience, and says so") {
  ClientFixture fixture;
  fixture.backend->hook = [&](const Request&) -> std::optional<Verdict> {
    auto verdict = verdictOf(Verdict::Kind::unavailable, Errc::unavailable);
    verdict.neverConnected = true;
    return verdict;
  };
  const auto report = fixture.client().storePatterns(somePatterns(10));
  CHECK(report.count(Outcome::failed) == 10);
  CHECK(report.stopped().code() == Errc::unavailable);
  CHECK(toJson(report, somePatterns(10)).find(R"("status":"error")") != std::string::npos);
}

TEST_CASE("a backend that throws, answers twice or answers something else is reported, not believed") {
  ClientFixture fixture;
  auto client = fixture.client();
  REQUIRE(client.storePatterns(somePatterns(3)).ok());
  SECTION("throws") {
    fixture.backend->hook = [](const Request& request) -> std::optional<Verdict> {
      if (std::holds_alternative<UpsertPoints>(request)) throw std::runtime_error("boom");
      return std::nullopt;
    };
    const auto report = client.storePatterns(somePatterns(3));
    CHECK(report.count(Outcome::unknown) == 3);
    CHECK(report.failures()[0].error.message().find("boom") != std::string::npos);
  }
  SECTION("twice") {
    fixture.backend->hold = [](const Request&, const std::function<void()>& answer) {
      answer();
      answer();
    };
    CHECK(client.storePatterns(somePatterns(30)).ok());
  }
  SECTION("something else") {
    fixture.backend->hook = [](const Request& request) -> std::optional<Verdict> {
      if (std::holds_alternative<QueryPoints>(request)) return Verdict{};  // completed, without lists
      return std::nullopt;
    };
    const auto report = client.searchPatterns(std::vector<std::string>{"a"});
    CHECK(report.count(Outcome::failed) == 1);
    CHECK(report.failures()[0].error.code() == Errc::internal);
  }
  SECTION("a position that does not exist") {
    fixture.backend->hook = [](const Request& request) -> std::optional<Verdict> {
      if (!std::holds_alternative<UpsertPoints>(request)) return std::nullopt;
      Verdict verdict;
      verdict.items.push_back({17, Outcome::rejected, {}});
      return verdict;
    };
    CHECK(client.storePatterns(somePatterns(3)).count(Outcome::unknown) == 3);
  }
}

TEST_CASE("progress is called one at a time, ends at the total, and may throw") {
  ClientFixture fixture;
  std::atomic<int> inside{0}, overlaps{0}, calls{0};
  Progress last;
  StoreOptions options;
  options.chunk.maxItems = 10;
  options.progress = [&](const Progress& progress) {
    if (++inside > 1) ++overlaps;
    last = progress;
    ++calls;
    --inside;
    throw std::runtime_error("tired");
  };
  auto patterns = somePatterns(500);
  patterns[3].description = "\xff";
  const auto report = fixture.client().storePatterns(patterns, options);
  CHECK(overlaps == 0);
  CHECK(last.total == 500);
  CHECK(last.done == 499);
  CHECK(last.failed == 1);
  CHECK(report.stats().callbackErrors == static_cast<std::size_t>(calls.load()));
}

TEST_CASE("a blocking call from inside an embedder is refused, not a deadlock") {
  ClientFixture fixture;
  fixture.options.threads = 1;
  BatchClient* client = nullptr;
  fixture.embedder->each = [&](auto, auto, auto) {
    (void)client->countPatterns();
    return std::vector<RowFailure>();
  };
  auto made = fixture.client();
  client = &made;
  const auto report = made.storePatterns(somePatterns(1));
  REQUIRE(report.failures().size() == 1);
  CHECK(report.failures()[0].error.message().find("countPatterns") != std::string::npos);
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

TEST_CASE("the byte budget bounds the chunks that are held, and is shared by the runs of a client") {
  ClientFixture fixture;
  fixture.options.flow.maxBufferedBytes = 5000;
  fixture.options.flow.maxInFlight = 100;
  std::atomic<int> held{0}, mostHeld{0};
  std::mutex mutex;
  std::vector<std::thread> threads;
  fixture.backend->hold = [&](const Request& request, const std::function<void()>& answer) {
    if (!std::holds_alternative<UpsertPoints>(request)) return answer();
    const int now = ++held;
    for (int most = mostHeld; now > most && !mostHeld.compare_exchange_weak(most, now);) {
    }
    const std::lock_guard lock(mutex);
    threads.emplace_back([&, answer] {
      std::this_thread::sleep_for(1ms);
      --held;
      answer();
    });
  };
  auto client = fixture.client();
  auto one = client.storePatternsAsync(somePatterns(300), {.chunk = {5}});  // about 1,200 bytes a chunk
  auto two = client.storePatternsAsync(somePatterns(301), {.chunk = {5}});
  CHECK(one.get().ok());
  CHECK(two.get().ok());
  for (auto& thread : threads) thread.join();
  CHECK(mostHeld <= 5);  // four by the budget; a run's only chunk may come on top
}

TEST_CASE("one item that is larger than the budget is stored all the same") {
  ClientFixture fixture;
  fixture.options.flow.maxBufferedBytes = 100;
  auto patterns = somePatterns(3);
  patterns[1].code = std::string(100000, 'x');
  CHECK(fixture.client().storePatterns(patterns).ok());
}

TEST_CASE("chunks are cut by bytes") {
  ClientFixture fixture;
  auto patterns = somePatterns(10);
  for (auto& pattern : patterns) pattern.code = std::string(1000, 'x');
  CHECK(fixture.client().storePatterns(patterns, {.chunk = {0, 3000}}).ok());
  CHECK(fixture.backend->upsertSizes() == std::vector<std::size_t>(5, 2));
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
