// How a call runs: cancelling, faults, progress, budget. Through the client, over fakes that can hold and refuse.
#include "run/batch_run.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
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

}  // namespace

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

TEST_CASE("a deadline ends the call with a full report, even while the embedder keeps every thread of the pool busy") {
  ClientFixture fixture;
  std::atomic<bool> told{true};
  fixture.embedder->each = [&](auto, auto, std::stop_token stop) {
    if (!eventually([&] { return stop.stop_requested(); })) told = false;
    return std::vector<RowFailure>();
  };
  const auto report = fixture.client().storePatterns(somePatterns(1000), {.deadline = 30ms});
  CHECK(told);
  CHECK(report.count(Outcome::unsent) == 1000);
  CHECK(report.stopped().code() == Errc::deadlineExceeded);
}

TEST_CASE("requests go out and are answered while the embedder keeps every thread of the pool busy") {
  ClientFixture fixture;
  fixture.options.threads = 1;
  fixture.embedder->traits_.maxBatch = 1;
  std::atomic<bool> waited{true};
  fixture.embedder->each = [&](std::span<const std::string_view> texts, auto, auto) {
    // The second text is not done before the first one's request has been carried out.
    if (texts[0] == "pattern 1" && !eventually([&] { return fixture.backend->count<UpsertPoints>() == 1; })) waited = false;
    return std::vector<RowFailure>();
  };
  CHECK(fixture.client().storePatterns(somePatterns(2), {.chunk = {1}}).ok());
  CHECK(waited);
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
  auto two = client.storePatternsAsync(somePatterns(305), {.chunk = {5}});  // a smaller last chunk might fit in beside four
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

TEST_CASE("a call that gives up in the middle of a long plan ends, with every item settled") {
  ClientFixture fixture;
  fixture.backend->hook = [](const Request& request) -> std::optional<Verdict> {
    if (!std::holds_alternative<UpsertPoints>(request)) return std::nullopt;
    return verdictOf(Verdict::Kind::unavailable, Errc::unavailable);
  };
  auto client = fixture.client();
  auto job = client.storePatternsAsync(somePatterns(6000), {.chunk = {100}});
  REQUIRE(job.waitFor(20s));
  const auto report = job.get();
  CHECK(report.count(Outcome::failed) + report.count(Outcome::unsent) == 6000);
  CHECK(report.count(Outcome::unsent) > 0);
  CHECK(report.stopped().code() == Errc::unavailable);
}

TEST_CASE("a detached call goes on while it waits to repeat a request") {
  ClientFixture fixture;
  fixture.options.retry.firstDelay = 20ms;
  fixture.options.retry.maxDelay = 40ms;
  std::atomic<int> faults{2};
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (!std::holds_alternative<UpsertPoints>(request) || faults-- <= 0) return std::nullopt;
    return verdictOf(Verdict::Kind::unavailable, Errc::unavailable);
  };
  {
    auto client = fixture.client();
    client.storePatternsAsync(somePatterns(10)).detach();
  }
  CHECK(fixture.backend->points.size() == 10);
}

TEST_CASE("the longest of deadlines, time-outs and waits are none") {
  ClientFixture fixture;
  fixture.options.timeout = milliseconds::max();
  auto client = fixture.client();
  CHECK(client.storePatterns(somePatterns(3), {.deadline = milliseconds::max()}).ok());
  auto job = client.storePatternsAsync(somePatterns(3));
  CHECK(job.waitFor(milliseconds::max()));
}

TEST_CASE("what had not left when the call was cancelled is not sent") {
  ClientFixture fixture;
  fixture.options.threads = 1;  // one sender: the other requests of the window wait behind the first
  fixture.options.embedder = nullptr;
  auto patterns = somePatterns(80);
  for (auto& pattern : patterns) pattern.vector = {1, 2};
  std::stop_source stop;
  std::atomic<int> upserts{0};
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (std::holds_alternative<UpsertPoints>(request) && ++upserts == 2) stop.request_stop();
    return std::nullopt;
  };
  const auto report = fixture.client().storePatterns(patterns, {.stop = stop.get_token(), .chunk = {10}});
  CHECK(upserts == 2);
  CHECK(report.count(Outcome::done) == 20);
  CHECK(report.count(Outcome::unsent) == 60);
}

TEST_CASE("a client that was answered before bears an outage as long as its patience") {
  ClientFixture fixture;
  fixture.options.retry.connectPatience = 1ms;
  fixture.options.retry.patience = 10s;
  auto client = fixture.client();
  REQUIRE(client.storePatterns(somePatterns(1)).ok());
  std::atomic<int> faults{3};
  fixture.backend->hook = [&](const Request&) -> std::optional<Verdict> {
    if (faults-- <= 0) return std::nullopt;
    auto verdict = verdictOf(Verdict::Kind::unavailable, Errc::unavailable);
    verdict.neverConnected = true;
    return verdict;
  };
  CHECK(client.storePatterns(somePatterns(10)).ok());
}

TEST_CASE("a preparation that is only acknowledged is not asked for again") {
  ClientFixture fixture;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (!std::holds_alternative<CreateCollection>(request)) return std::nullopt;
    Verdict verdict;
    verdict.kind = Verdict::Kind::acknowledged;
    return verdict;
  };
  CHECK(fixture.client().storePatterns(somePatterns(1)).ok());
  CHECK(fixture.backend->count<CreateCollection>() == 1);
}

TEST_CASE("the last progress of a delete still knows the total") {
  ClientFixture fixture;
  for (std::uint64_t i = 0; i < 50; ++i) fixture.backend->points[PointId(i)] = {};
  Progress last;
  DeleteOptions options;
  options.progress = [&](const Progress& progress) { last = progress; };
  CHECK(fixture.client().deletePatterns(Filter().must(isEmpty("x")), options).ok());
  CHECK(last.total == 50);
  CHECK(last.done == 50);
}

TEST_CASE("progress is told while the embedder keeps every thread of the pool busy") {
  ClientFixture fixture;
  fixture.options.threads = 1;
  fixture.embedder->traits_.maxBatch = 1;
  std::atomic<bool> told{false}, waited{true};
  StoreOptions options;
  options.chunk.maxItems = 1;
  options.progress = [&](const Progress&) { told = true; };
  fixture.embedder->each = [&](std::span<const std::string_view> texts, auto, auto) {
    if (texts[0] == "pattern 1" && !eventually([&] { return told.load(); })) waited = false;
    return std::vector<RowFailure>();
  };
  CHECK(fixture.client().storePatterns(somePatterns(2), options).ok());
  CHECK(waited);
}
