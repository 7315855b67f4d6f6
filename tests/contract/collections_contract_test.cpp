// What Collections, and a search in several collections, promise over every backend.
#include <string>
#include <vector>

#include "contract/subject.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

struct Bench {
  ScratchFolder folder;
  ClientOptions options;

  explicit Bench(const Subject& subject) {
    options.backend = subject.make(folder.path());
    options.embedder = makeHashingEmbedder({64});
    options.threads = 2;
  }
};

CollectionChange create(std::string name, std::size_t dimension, Distance distance = Distance::cosine) {
  return CreateCollection{{.name = std::move(name), .dimension = dimension, .distance = distance}};
}

Pattern pattern(std::string description) {
  Pattern made;
  made.description = std::move(description);
  return made;
}

}  // namespace

#define FOR_EVERY_BACKEND(made)                           \
  const auto& subject = GENERATE(from_range(subjects())); \
  CAPTURE(subject.name);                                  \
  Bench made(subject)

TEST_CASE("contract: changes to collections are carried out in order, each with an outcome of its own") {
  FOR_EVERY_BACKEND(bench);
  Collections collections(bench.options);
  CHECK(collections.list().empty());
  const std::vector<CollectionChange> changes = {
      create("a", 3),         create("a", 3),        create("a", 4),           create("b", 5, Distance::dot), SetAlias{"now", "a"},
      SetAlias{"now", "b"},   SetAlias{"x", "gone"}, create("short-lived", 2), SetAlias{"s", "short-lived"},  DropCollection{"short-lived"},
      DropCollection{"gone"}, create("", 3)};
  const auto report = collections.apply(changes);
  CHECK_FALSE(report.stopped());
  CHECK(report.changed(0));
  CHECK_FALSE(report.changed(1));
  CHECK(report.outcome(1) == Outcome::done);
  for (const std::size_t index : {3u, 4u, 5u, 7u, 8u, 9u}) CHECK(report.changed(index));
  CHECK(report.outcome(10) == Outcome::done);
  CHECK_FALSE(report.changed(10));
  REQUIRE(report.failures().size() == 3);
  for (const auto& failure : report.failures()) CHECK(failure.outcome == Outcome::rejected);
  CHECK(report.failures()[0].index == 2);
  CHECK(report.failures()[0].error.code() == Errc::collectionMismatch);
  CHECK(report.failures()[1].index == 6);
  CHECK(report.failures()[1].error.code() == Errc::collectionNotFound);
  CHECK(report.failures()[2].error.code() == Errc::invalidItem);
  CHECK_FALSE(toJson(report, changes).empty());

  const auto list = collections.list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].name == "a");
  CHECK(list[0].dimension == 3);
  CHECK(list[0].aliases.empty());
  CHECK(list[1].name == "b");
  CHECK(list[1].distance == Distance::dot);
  CHECK(list[1].aliases == std::vector<std::string>{"now"});
  const auto gone = collections.drop(std::vector<std::string>{"a", "b", "a"});
  CHECK(gone.ok());
  CHECK_FALSE(gone.changed(2));
  CHECK(collections.list().empty());
}

TEST_CASE("contract: a search in several collections merges their hits by rank, and shows what one of them lacks") {
  FOR_EVERY_BACKEND(bench);
  BatchClient client(bench.options);
  const std::vector tools = {pattern("read a file line by line"), pattern("sort a vector of numbers")};
  const std::vector notes = {pattern("sort a vector in place"), pattern("a cake with apples"), pattern("read a book")};
  const auto inTools = client.storePatterns(tools, {.collection = "tools"});
  const auto inNotes = client.storePatterns(notes, {.collection = "notes"});
  REQUIRE((inTools.ok() && inNotes.ok()));
  REQUIRE(client.collections().alias(std::vector<SetAlias>{{"papers", "notes"}}).ok());

  const std::vector<std::string> queries = {"sort a vector", "read a file"};
  const auto both = client.searchPatterns(queries, {.limit = 4, .collections = {"tools", "papers"}});
  REQUIRE(both.ok());
  for (std::size_t query = 0; query < 2; ++query) {
    const auto hits = both.hits(query);
    REQUIRE(hits.size() == 4);
    for (std::size_t rank = 0; rank < 4; ++rank) CHECK(hits[rank].collection == (rank % 2 == 0 ? "tools" : "papers"));
    CHECK(hits[0].score >= hits[2].score);
    CHECK(hits[1].score >= hits[3].score);
  }
  CHECK(both.hits(0)[0].id == inTools.id(1));
  CHECK(both.hits(0)[1].id == inNotes.id(0));
  const auto page = client.searchPatterns(queries, {.limit = 2, .offset = 1, .collections = {"tools", "papers"}});
  REQUIRE(page.ok());
  REQUIRE(page.hits(1).size() == 2);
  for (std::size_t rank = 0; rank < 2; ++rank) CHECK(page.hits(1)[rank].id == both.hits(1)[rank + 1].id);

  const auto partly = client.searchPatterns(queries, {.limit = 3, .collections = {"nowhere", "notes"}});
  CHECK(partly.count(Outcome::failed) == 2);
  CHECK(partly.failures()[0].error.code() == Errc::collectionNotFound);
  CHECK(partly.failures()[0].error.message().find("`nowhere`") != std::string::npos);
  REQUIRE(partly.hits(0).size() == 3);
  CHECK(partly.hits(0)[0].id == inNotes.id(0));

  const auto read = client.getPatternsAsync({inTools.id(0), PointId(4711)}, {.collection = "tools"}).get();
  REQUIRE(read.pattern(0) != nullptr);
  CHECK(read.pattern(0)->description == tools[0].description);
  CHECK(read.pattern(1) == nullptr);
}
