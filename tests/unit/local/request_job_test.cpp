#include "local/request_job.hpp"

#include "local/staged_writes.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;
using namespace qbatch::test;

namespace {
struct Answered {
  std::vector<Reply> replies{};
  [[nodiscard]] Completion completion() {
    return [this](Reply reply) { replies.push_back(std::move(reply)); };
  }
};
}  // namespace

TEST_CASE("a request is answered once, when its end is certain") {
  Catalog catalog;
  Answered answered;
  const Request request = CreateCollection{collectionOf("c", 1)};
  RequestJob job(request, {}, answered.completion());
  {
    StagedWrites undone(catalog, nullptr);
    job.carryOut(undone);
  }
  StagedWrites staged(catalog, nullptr);
  job.carryOut(staged);
  CHECK(answered.replies.empty());
  staged.publish();
  job.committed();
  REQUIRE(answered.replies.size() == 1);
  CHECK(std::get<bool>(answered.replies[0].answer));
}

TEST_CASE("a refusal is the answer, a fault of the store another") {
  Catalog catalog;
  Answered answered;
  const Request request = DeletePoints{"none", {}};
  StagedWrites staged(catalog, nullptr);
  RequestJob refused(request, {}, answered.completion());
  refused.carryOut(staged);
  refused.committed();
  RequestJob lost(request, {}, answered.completion());
  lost.failed(Error(Errc::storageFull, Origin::server, "full"), true);
  REQUIRE(answered.replies.size() == 2);
  CHECK(isError(answered.replies[0], Verdict::Kind::fatal, Errc::collectionNotFound));
  CHECK(isError(answered.replies[1], Verdict::Kind::fatal, Errc::storageFull));
  CHECK(answered.replies[1].verdict.maybeApplied);
}

TEST_CASE("a request that was stopped before its turn counts as never sent") {
  Catalog catalog;
  Answered answered;
  std::stop_source source;
  source.request_stop();
  CallLimits limits;
  limits.stop = source.get_token();
  const Request request = CreateCollection{collectionOf("c", 1)};
  StagedWrites staged(catalog, nullptr);
  RequestJob job(request, limits, answered.completion());
  job.carryOut(staged);
  job.committed();
  REQUIRE(answered.replies.size() == 1);
  CHECK(answered.replies[0].verdict.neverSent);
  CHECK_FALSE(staged.names().find("c"));
}
