// How texts become vectors in a run: threads, slices, overlap, failures. Through the client, over fakes.
#include "run/embed_stage.hpp"

#include <algorithm>
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

TEST_CASE("a call that is cancelled does not wait for the embedding of another one") {
  ClientFixture fixture;
  fixture.options.threads = 1;
  std::atomic<bool> release{false}, begun{false};
  fixture.embedder->each = [&](auto, auto, auto) {
    begun = true;
    eventually([&] { return release.load(); });
    return std::vector<RowFailure>();
  };
  auto client = fixture.client();
  auto first = client.storePatternsAsync(somePatterns(1));
  REQUIRE(eventually([&] { return begun.load(); }));
  auto second = client.storePatternsAsync(somePatterns(10));
  second.cancel();
  CHECK(second.waitFor(5s));
  CHECK(second.get().count(Outcome::unsent) == 10);
  release = true;
  CHECK(first.get().ok());
}

TEST_CASE("an embedder whose traits throw ends the call with that, not the process") {
  struct Throwing : FakeEmbedder {
    mutable std::atomic<int> asked{0};
    int limit = 0;
    Traits traits() const override {
      if (++asked > limit) throw std::runtime_error("no traits today");
      return traits_;
    }
  };
  for (int limit = 0; limit < 4; ++limit) {
    CAPTURE(limit);
    ClientFixture fixture;
    const auto embedder = std::make_shared<Throwing>();
    embedder->limit = limit;
    fixture.options.embedder = embedder;
    try {
      const auto report = fixture.client().storePatterns(somePatterns(2));
      CHECK((report.ok() || report.failures()[0].error.origin() == Origin::embedder));
    } catch (const std::runtime_error& error) {
      CHECK(std::string(error.what()) == "no traits today");
    }
  }
}
