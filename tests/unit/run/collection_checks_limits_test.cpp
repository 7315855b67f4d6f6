// What a collection's strict mode allows, kept before anything is sent. Through the client, over fakes.
#include <algorithm>
#include <cstddef>
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

CollectionInfo withLimits(CollectionLimits limits) {
  CollectionInfo info{"patterns", "", 4, Distance::cosine, "", 0, {}, {}};
  info.limits = limits;
  return info;
}

/// How many queries each search request held, in order, largest first.
std::vector<std::size_t> searchSizes(ClientFixture& fixture, std::size_t queries, SearchOptions options = {}) {
  std::vector<std::size_t> sizes;
  fixture.backend->hook = [&](const Request& request) -> std::optional<Verdict> {
    if (const auto* query = std::get_if<QueryPoints>(&request)) sizes.push_back(query->vectors.size());
    return std::nullopt;
  };
  CHECK(fixture.client().searchPatterns(std::vector<std::string>(queries, "x"), options).ok());
  std::sort(sizes.rbegin(), sizes.rend());
  return sizes;
}
using Sizes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("no upsert holds more than the collection allows") {
  ClientFixture fixture;
  fixture.backend->collections["patterns"] = withLimits({7, 0, 0, true});
  const auto sizesOf = [&](std::size_t patterns, StoreOptions options = {}) {
    const auto before = fixture.backend->upsertSizes().size();
    CHECK(fixture.client().storePatterns(somePatterns(patterns), options).ok());
    auto sizes = fixture.backend->upsertSizes();
    sizes.erase(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(before));
    std::sort(sizes.rbegin(), sizes.rend());
    return sizes;
  };
  CHECK(sizesOf(20) == Sizes{7, 7, 6});
  StoreOptions smaller;
  smaller.chunk.maxItems = 5;
  CHECK(sizesOf(11, smaller) == Sizes{5, 5, 1});

  SECTION("but where local checks are off, that is the server's affair") {
    fixture.options.localChecks = false;
    CHECK(sizesOf(20) == Sizes{20});
  }
  SECTION("and a limit above ours changes nothing") {
    fixture.backend->collections["patterns"] = withLimits({5000, 0, 0, true});
    CHECK(sizesOf(1500) == Sizes{1000, 500});
  }
}

TEST_CASE("no search holds more queries than the collection allows") {
  ClientFixture fixture;
  fixture.backend->collections["patterns"] = withLimits({0, 4, 0, true});
  CHECK(searchSizes(fixture, 10) == Sizes{4, 4, 2});
  SearchOptions smaller;
  smaller.chunk.maxItems = 3;
  CHECK(searchSizes(fixture, 4, smaller) == Sizes{3, 1});
  fixture.options.localChecks = false;
  CHECK(searchSizes(fixture, 10) == Sizes{10});
}

TEST_CASE("a search that asks for what the collection forbids is refused before anything is embedded or sent") {
  ClientFixture fixture;
  fixture.backend->collections["patterns"] = withLimits({0, 0, 20, false});
  auto client = fixture.client();
  SearchOptions options;
  const bool tooMany = GENERATE(true, false);
  if (tooMany)
    options.limit = 21;
  else
    options.exact = true;
  const auto report = client.searchPatterns(std::vector<std::string>{"a", "", "b"}, options);
  CHECK(report.count(Outcome::failed) == 2);
  CHECK(report.outcome(1) == Outcome::rejected);
  CHECK(report.stopped().code() == Errc::refused);
  CHECK(report.stopped().origin() == Origin::caller);
  for (const char* part : {"`patterns`", tooMany ? "limit: 21" : "exact:", tooMany ? "20" : "search_allow_exact", "strict mode"})
    CHECK_THAT(report.stopped().message(), contains(part));
  CHECK(fixture.embedder->calls == 0);
  CHECK(fixture.backend->count<QueryPoints>() == 0);

  options.limit = 20;
  options.exact = false;
  CHECK(client.searchPatterns(std::vector<std::string>{"a"}, options).ok());
  fixture.options.localChecks = false;
  options.limit = 21;
  options.exact = true;
  CHECK(fixture.client().searchPatterns(std::vector<std::string>{"a"}, options).ok());
  CHECK(fixture.backend->count<QueryPoints>() == 2);
}
