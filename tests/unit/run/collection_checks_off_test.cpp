// What is left to the server where local checks are off. Through the client, over fakes.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "run/collection_checks.hpp"
#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {
const CollectionInfo ofFour{"patterns", "", 4, Distance::cosine, "", 0, {}, {}};
using Sizes = std::vector<std::size_t>;
}  // namespace

TEST_CASE("with local checks off the server judges vectors, their name and the embedder's dimension") {
  ClientFixture fixture;
  fixture.options.localChecks = false;
  fixture.backend->collections["patterns"] = ofFour;
  std::vector<std::size_t> sent;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (const auto* upsert = std::get_if<UpsertPoints>(&request))
      for (const auto& point : upsert->points) sent.push_back(point.vector.size());
    if (const auto* query = std::get_if<QueryPoints>(&request))
      for (const auto& vector : query->vectors) sent.push_back(vector.size());
    return std::nullopt;
  };
  auto patterns = somePatterns(4);
  patterns[0].vector = {1, 2, 3};
  patterns[1].vector = {1, 2, 3, 4, 5};
  patterns[2].vector = {1, 2, 3, std::numeric_limits<float>::infinity()};
  SECTION("vectors") {
    CHECK(fixture.client().storePatterns(patterns).ok());
    CHECK(sent == Sizes{3, 5, 4, 4});
    sent.clear();
    CHECK(fixture.client().searchPatterns(std::vector<Query>{{"", {1}}, {"text", {}}, {"", {1, 2, 3, 4, 5}}}).ok());
    CHECK(sent == Sizes{1, 4, 5});
  }
  SECTION("the name of the vector") {
    fixture.options.vectorName = "dense";
    CHECK(fixture.client().storePatterns(patterns).ok());
    CHECK(fixture.client().searchPatterns(std::vector<std::string>{"text"}).ok());
  }
  SECTION("the embedder's dimension") {
    fixture.backend->collections["patterns"].dimension = 3;
    CHECK(fixture.client().storePatterns(somePatterns(2)).ok());
    CHECK(fixture.client().searchPatterns(std::vector<std::string>{"text"}).ok());
    CHECK(sent == Sizes{4, 4, 4});
  }
}

TEST_CASE("with local checks off qbatch still checks what only it can know") {
  ClientFixture fixture;
  fixture.options.localChecks = false;
  fixture.backend->collections["patterns"] = ofFour;
  fixture.backend->collections["patterns"].embedder = "theirs";
  fixture.embedder->traits_.identity = "mine";
  CHECK_THROWS_WITH(fixture.client().storePatterns(somePatterns(1)), contains("theirs") && contains("allowOtherEmbedder"));
  CHECK_THROWS_AS(fixture.client().searchPatterns(std::vector<std::string>{"x"}), ConfigError);
  fixture.options.allowOtherEmbedder = true;
  auto patterns = somePatterns(5);
  patterns[0].code = "\xff";
  patterns[1].metadata.set("_qbatch_x", 1);
  patterns[2].description.clear();
  patterns[3].metadata.set("success_rate", "high");
  const auto report = fixture.client().storePatterns(patterns);
  CHECK(report.count(Outcome::rejected) == 4);
  CHECK(report.outcome(4) == Outcome::done);
  std::vector<MetricUpdate> updates(2);
  updates[0].increments = {{"_qbatch_x", 1}};
  updates[1].incrementUsage = (std::int64_t{1} << 53) + 1;
  CHECK(fixture.client().updateMetrics(updates).count(Outcome::rejected) == 2);
}

TEST_CASE("with local checks off a new collection has the dimension of a vector that can be stored") {
  ClientFixture fixture;
  fixture.options.embedder = nullptr;
  fixture.options.localChecks = false;
  auto patterns = somePatterns(2);
  patterns[0].vector = {std::numeric_limits<float>::quiet_NaN(), 1};
  SECTION("one that is finite") {
    patterns[1].vector = {1, 2, 3};
    CHECK(fixture.client().storePatterns(patterns).ok());
    CHECK(fixture.backend->collections.at("patterns").dimension == 3);
  }
  SECTION("or any, so that the server can say what is wrong") {
    patterns[1].vector = {1, std::numeric_limits<float>::infinity()};
    CHECK(fixture.client().storePatterns(patterns).ok());
    CHECK(fixture.backend->collections.at("patterns").dimension == 2);
    CHECK(fixture.backend->upsertSizes() == Sizes{2});
  }
}
