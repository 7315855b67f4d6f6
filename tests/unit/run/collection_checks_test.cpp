// What a call makes of its collection and its embedder before anything is sent. Through the client, over fakes.
#include "run/collection_checks.hpp"

#include <limits>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

TEST_CASE("a collection is created once, with the embedder's dimension and identity") {
  ClientFixture fixture;
  fixture.embedder->traits_.identity = "fake:4";
  auto client = fixture.client();
  REQUIRE(client.storePatterns(somePatterns(1)).ok());
  REQUIRE(client.storePatterns(somePatterns(1)).ok());
  CHECK(fixture.backend->count<CreateCollection>() == 1);
  CHECK(fixture.backend->collections.at("patterns").dimension == 4);
  CHECK(fixture.backend->collections.at("patterns").embedder == "fake:4");
}

TEST_CASE("patterns that all bring vectors need no embedder, and set the new collection's dimension") {
  ClientFixture fixture;
  fixture.options.embedder = nullptr;
  auto client = fixture.client();
  auto patterns = somePatterns(3);
  for (auto& pattern : patterns) pattern.vector = {1, 2, 3};
  patterns[1].vector = {1, 2};
  const auto report = client.storePatterns(patterns);
  CHECK(fixture.backend->collections.at("patterns").dimension == 3);
  CHECK(report.outcome(1) == Outcome::rejected);
  CHECK(report.count(Outcome::done) == 2);
  CHECK_THROWS_AS(client.storePatterns(somePatterns(1)), ConfigError);
  CHECK_THROWS_AS(client.searchPatterns(std::vector<std::string>{"x"}), ConfigError);

  patterns[1].vector.clear();  // among items with vectors, one without is its own fault and blocks nobody
  const auto mixed = client.storePatterns(patterns);
  CHECK(mixed.outcome(1) == Outcome::rejected);
  CHECK(mixed.failures()[0].error.message().find("embedder") != std::string::npos);
  CHECK(mixed.count(Outcome::done) == 2);
  const auto found = client.searchPatterns(std::vector<Query>{{"x", {}}, {"", {1, 2, 3}}});
  CHECK(found.outcome(0) == Outcome::rejected);
  CHECK(found.outcome(1) == Outcome::done);
}

TEST_CASE("an embedder that does not fit the collection does not block items that bring their vectors") {
  ClientFixture fixture;
  fixture.backend->collections["patterns"] = {"patterns", "", 3, Distance::cosine, "", 0, {}};
  auto patterns = somePatterns(3);
  patterns[0].vector = patterns[2].vector = {1, 2, 3};
  const auto report = fixture.client().storePatterns(patterns);
  CHECK(report.count(Outcome::done) == 2);
  CHECK(report.outcome(1) == Outcome::rejected);
  CHECK(fixture.embedder->calls == 0);
}

TEST_CASE("where every item is rejected no collection is created") {
  ClientFixture fixture;
  const auto report = fixture.client().storePatterns(std::vector<Pattern>(2));
  CHECK(report.count(Outcome::rejected) == 2);
  CHECK(fixture.backend->count<CreateCollection>() == 0);
}

TEST_CASE("an embedder that does not fit the collection is a ConfigError before anything is embedded") {
  ClientFixture fixture;
  fixture.embedder->traits_.identity = "mine";
  fixture.backend->collections["patterns"] = {"patterns", "", 4, Distance::cosine, "theirs", 0, {}};
  SECTION("another embedder") {
    auto client = fixture.client();
    CHECK_THROWS_WITH(client.storePatterns(somePatterns(1)), contains("theirs") && contains("allowOtherEmbedder"));
    CHECK_THROWS_AS(client.searchPatterns(std::vector<std::string>{"x"}), ConfigError);
    auto job = client.storePatternsAsync(somePatterns(1));
    CHECK_THROWS_AS(job.get(), ConfigError);
  }
  SECTION("another dimension, and another embedder: both are named") {
    fixture.backend->collections["patterns"].dimension = 5;
    auto client = fixture.client();
    try {
      (void)client.storePatterns(somePatterns(1));
      FAIL("not refused");
    } catch (const ConfigError& error) {
      CHECK(error.problems().size() == 2);
    }
  }
  SECTION("allowed") {
    fixture.options.allowOtherEmbedder = true;
    CHECK(fixture.client().storePatterns(somePatterns(1)).ok());
    return;
  }
  CHECK(fixture.embedder->calls == 0);
}

TEST_CASE("a search in an absent collection fails every query, and says why") {
  ClientFixture fixture;
  const auto report = fixture.client().searchPatterns(std::vector<std::string>{"a", "b", ""});
  CHECK(report.count(Outcome::failed) == 2);
  CHECK(report.outcome(2) == Outcome::rejected);
  CHECK(report.stopped().code() == Errc::collectionNotFound);
  CHECK(report.hits(0).empty());
  CHECK(fixture.embedder->calls == 0);
}

TEST_CASE("a rejected item does not decide a new collection's dimension") {
  ClientFixture fixture;
  fixture.options.embedder = nullptr;
  auto patterns = somePatterns(3);
  for (auto& pattern : patterns) pattern.vector = {1, 2, 3, 4};
  patterns[0].vector = {std::numeric_limits<float>::quiet_NaN(), 1};
  const auto report = fixture.client().storePatterns(patterns);
  CHECK(report.count(Outcome::done) == 2);
  CHECK(fixture.backend->collections.at("patterns").dimension == 4);
}

TEST_CASE("a collection that somebody else creates at the same moment is looked at before it is used") {
  ClientFixture fixture;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (std::holds_alternative<CreateCollection>(request))
      fixture.backend->collections["patterns"] = {"patterns", "", 4, Distance::cosine, "theirs", 0, {}};
    return std::nullopt;
  };
  fixture.embedder->traits_.identity = "mine";
  CHECK_THROWS_AS(fixture.client().storePatterns(somePatterns(1)), ConfigError);
}

TEST_CASE("a vector name that the collection does not have fails the call at once, with advice") {
  ClientFixture fixture;
  fixture.backend->collections["patterns"] = {"patterns", "", 4, Distance::cosine, "", 0, {}};
  fixture.options.vectorName = "dense";
  auto client = fixture.client();
  const auto stored = client.storePatterns(somePatterns(100));
  CHECK(stored.count(Outcome::failed) == 100);
  CHECK(stored.stopped().code() == Errc::collectionMismatch);
  CHECK(stored.stopped().message().find("vectorName") != std::string::npos);
  CHECK(client.searchPatterns(std::vector<std::string>{"a"}).stopped().code() == Errc::collectionMismatch);
  CHECK(fixture.backend->count<UpsertPoints>() == 0);
}
