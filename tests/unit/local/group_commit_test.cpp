#include "local/group_commit.hpp"

#include "local/request_job.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::local;
using namespace qbatch::test;
using Kind = Verdict::Kind;

namespace {

/// Jobs whose replies are kept.
struct Jobs {
  std::vector<Request> requests;
  std::vector<Reply> replies{};

  void run(GroupCommit& commits) {
    replies.resize(requests.size());
    std::vector<std::unique_ptr<WriteJob>> jobs;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      jobs.push_back(std::make_unique<RequestJob>(requests[i], CallLimits{}, [this, i](Reply reply) { replies[i] = std::move(reply); }));
    }
    commits.run(std::move(jobs));
  }
};

}  // namespace

TEST_CASE("writes of one group see those before them, and a refused one leaves no trace") {
  Catalog catalog;
  GroupCommit commits(catalog, nullptr);
  OwnedPoints good{{{1, {1}, R"({"usage_count":1})"}}}, bad{{{2, {1}, "{}"}, {3, {1, 2}, "{}"}}};
  MetricChange change;
  change.id = 1;
  change.increments = {{"usage_count", 4}};
  const std::vector<MetricChange> changes{change};
  UpdateMetrics update;
  update.collection = "live";
  update.changes = changes;
  Jobs jobs{{CreateCollection{collectionOf("c", 1, Distance::dot)}, SetAlias{"live", "c"}, good.request("live"), bad.request("c"), update,
             DropCollection{"none"}}};
  jobs.run(commits);
  CHECK(std::get<bool>(jobs.replies[0].answer));
  CHECK(jobs.replies[2].verdict.kind == Kind::completed);
  CHECK(jobs.replies[3].verdict.kind == Kind::itemAtFault);
  CHECK(jobs.replies[4].verdict.items.empty());
  CHECK_FALSE(std::get<bool>(jobs.replies[5].answer));
  REQUIRE(catalog.names()->find("live"));
  const auto shelf = catalog.names()->find("live")->shelf;
  REQUIRE(shelf->points.size() == 1);
  CHECK(shelf->points.payload(*shelf->points.find(1)) == R"({"usage_count":5})");
}

TEST_CASE("create, fill, drop and create again in one group") {
  const ScratchFolder folder;
  StoreFile file((folder.path() / "a.db").string());
  Catalog catalog;
  GroupCommit commits(catalog, &file);
  OwnedPoints points{{{1, {1}, "{}"}, {2, {2}, "{}"}}}, later{{{3, {1, 2}, "{}"}}};
  const std::vector<PointId> ids{1, 9};
  Jobs jobs{{CreateCollection{collectionOf("c", 1, Distance::dot)}, points.request("c"), DeletePoints{"c", ids}, DropCollection{"c"},
             CreateCollection{collectionOf("c", 2, Distance::dot)}, later.request("c")}};
  jobs.run(commits);
  for (const Reply& reply : jobs.replies) CHECK(reply.verdict.kind == Kind::completed);
  Catalog fromFile;
  fromFile.load(file);
  for (const Catalog* each : {&catalog, &fromFile}) {
    const auto shelf = each->names()->at("c").shelf;
    CHECK(shelf->points.layout().dense.front().dimension == 2);
    CHECK(shelf->points.size() == 1);
    CHECK(shelf->points.find(3));
  }
}

TEST_CASE("where the file has room for some writes of a group only, those are done and the others are not") {
  const ScratchFolder folder;
  StoreFile file((folder.path() / "a.db").string());
  Catalog catalog;
  GroupCommit commits(catalog, &file);
  Jobs first{{CreateCollection{collectionOf("c", 1, Distance::dot)}}};
  first.run(commits);
  // A limit of pages stands for a full disk: SQLite fails in the same way.
  file.limitPages(24);
  const std::string large = "{\"a\":\"" + std::string(100000, 'x') + "\"}";
  OwnedPoints small{{{1, {1}, "{}"}}}, tooLarge{{{2, {1}, "{}"}, {3, {1}, large}}}, alsoSmall{{{4, {1}, "{}"}}};
  Jobs jobs{{small.request("c"), tooLarge.request("c"), alsoSmall.request("c")}};
  jobs.run(commits);
  CHECK(jobs.replies[0].verdict.kind == Kind::completed);
  CHECK(isError(jobs.replies[1], Kind::fatal, Errc::storageFull));
  CHECK_FALSE(jobs.replies[1].verdict.maybeApplied);
  CHECK(jobs.replies[1].verdict.error.message().find("free space and store the rest again") != std::string::npos);
  CHECK(jobs.replies[2].verdict.kind == Kind::completed);
  CHECK_FALSE(commits.broken());
  Catalog fromFile;
  fromFile.load(file);
  for (const Catalog* each : {&catalog, &fromFile}) {
    const auto shelf = each->names()->at("c").shelf;
    CHECK(shelf->points.size() == 2);
    CHECK(shelf->points.find(1));
    CHECK(shelf->points.find(4));
  }
}
