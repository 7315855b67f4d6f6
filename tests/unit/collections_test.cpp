#include "qbatch/collections.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/batch_client.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

CollectionInfo info(std::string name, std::size_t dimension = 3) { return {.name = std::move(name), .dimension = dimension}; }

Verdict unavailable() {
  Verdict verdict;
  verdict.kind = Verdict::Kind::unavailable;
  verdict.error = Error(Errc::unavailable, Origin::transport, "not now");
  return verdict;
}

}  // namespace

TEST_CASE("collections are created, aliased, listed and dropped") {
  ClientFixture fixture;
  Collections collections(fixture.options);
  const auto made = collections.create(std::vector{info("b"), info("a"), info("b")});
  CHECK(made.ok());
  CHECK(made.changed(0));
  CHECK_FALSE(made.changed(2));
  const auto named = collections.alias(std::vector<SetAlias>{{"now", "a"}, {"then", "gone"}});
  CHECK(named.outcome(0) == Outcome::done);
  CHECK(named.changed(0));
  CHECK(named.outcome(1) == Outcome::rejected);
  const auto list = collections.list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].name == "a");
  CHECK(list[0].aliases == std::vector<std::string>{"now"});
  const auto gone = collections.drop(std::vector<std::string>{"a", "a"});
  CHECK(gone.ok());
  CHECK(gone.changed(0));
  CHECK_FALSE(gone.changed(1));
  CHECK(fixture.backend->collections.size() == 1);
  CHECK(collections.apply({}).ok());
  CHECK(collections.apply({}).size() == 0);
}

TEST_CASE("a job of changes can be waited for and heard of, and outlives its maker") {
  ClientFixture fixture;
  auto collections = std::make_unique<Collections>(fixture.options);
  auto job = collections->applyAsync({CreateCollection{info("a")}, SetAlias{"now", "a"}, DropCollection{"a"}});
  collections.reset();
  std::atomic<int> heard{0};
  job.whenDone([&] { ++heard; });
  const auto report = job.get();
  CHECK(report.ok());
  CHECK(report.changed(2));
  CHECK(eventually([&] { return heard == 1; }));
}

TEST_CASE("a list is asked for again after passing faults, and a RequestError where there is none to be had") {
  ClientFixture fixture;
  int faults = 2;
  fixture.backend->hook = [&](const Request&) { return faults-- > 0 ? std::optional(unavailable()) : std::nullopt; };
  Collections collections(fixture.options);
  CHECK(collections.list().empty());
  CHECK(fixture.backend->count<ListCollections>() == 3);
  faults = 1'000'000;
  CHECK_THROWS_AS(collections.list(), RequestError);
  std::stop_source stop;
  stop.request_stop();
  try {
    static_cast<void>(collections.list({.stop = stop.get_token()}));
    FAIL("not stopped");
  } catch (const RequestError& error) {
    CHECK(error.error().code() == Errc::cancelled);
  }
}

TEST_CASE("copies, and a client's collections, share its threads and keep them alive") {
  ClientFixture fixture;
  auto client = std::make_unique<BatchClient>(fixture.options);
  auto collections = client->collections();
  const auto copy = collections;
  REQUIRE(client->storePatterns(somePatterns(1)).ok());
  client.reset();
  CHECK(collections.list().size() == 1);
  collections = copy;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, own = copy]() mutable {
      for (int round = 0; round < 20; ++round) good += own.create(std::vector{info("c" + std::to_string(round))}).ok() ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 80);
  CHECK(collections.list().size() == 21);
}

TEST_CASE("misuse of collections is a ConfigError") {
  CHECK_THROWS_AS(Collections(ClientOptions()), ConfigError);
  ClientFixture fixture;
  Collections collections(fixture.options);
  CHECK_THROWS_AS(collections.list({.deadline = milliseconds(-1)}), ConfigError);
  auto moved = std::move(collections);
  CHECK_THROWS_AS(collections.list(), ConfigError);  // NOLINT: that is what is tested
  CHECK_THROWS_AS(collections.applyAsync({}), ConfigError);
  auto client = fixture.client();
  auto own = client.collections();
  std::atomic<int> refused{0};
  StoreOptions options;
  options.progress = [&](const Progress&) {
    try {
      static_cast<void>(own.list());
    } catch (const ConfigError&) {
      ++refused;
    }
    try {
      static_cast<void>(own.apply({}));
    } catch (const ConfigError&) {
      ++refused;
    }
  };
  CHECK(client.storePatterns(somePatterns(1), options).ok());
  CHECK(refused >= 2);
  auto other = std::move(client);
  CHECK_THROWS_AS(client.collections(), ConfigError);  // NOLINT: that is what is tested
}
