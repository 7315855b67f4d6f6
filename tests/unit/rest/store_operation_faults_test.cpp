// What becomes of a store when one of its calls fails.
#include <algorithm>
#include <vector>

#include "codec/json_object.hpp"
#include "rest/carry_over.hpp"
#include "rest/store_operation.hpp"
#include "support/catch.hpp"
#include "support/rest_upsert.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;
using Lines = std::vector<std::string>;

namespace {

/// What the steps answer where all goes well, for a server of each kind.
std::vector<http::Response> goodSteps(bool old) {
  if (old) return {versionOf("1.15.0"), resultOf(known), written(), written(), batchOf("completed")};
  return {versionOf("1.18.3"), resultOf(known), written(), resultOf(R"([{"id":1,"payload":{}}])")};
}

Reply withStep(std::size_t step, const http::Response& bad, bool old) {
  auto answers = std::make_shared<std::vector<http::Response>>(goodSteps(old));
  answers->resize(step);
  answers->push_back(bad);
  RestRig rig([answers, next = std::size_t{0}](const http::Request&) mutable {
    return next < answers->size() ? (*answers)[next++] : answer(418, "asked for more after a failure");
  });
  return Upsert().run(rig);
}

}  // namespace

TEST_CASE("whichever step fails gives the verdict, and what was written before may have been applied") {
  const bool old = GENERATE(false, true);
  const std::size_t steps = old ? 5 : 4;
  for (std::size_t step = 0; step < steps; ++step) {
    CAPTURE(old, step);
    const bool wroteBefore = old ? step > 2 : step > 2, writes = old ? step >= 2 : step == 2;
    SECTION("a passing fault at step " + std::to_string(step) + (old ? " of an old server" : "")) {
      const auto reply = withStep(step, refusal(503, "no leader"), old);
      CHECK(reply.verdict.kind == Kind::unavailable);
      CHECK(reply.verdict.maybeApplied == (writes || wroteBefore));
      CHECK(reply.requests == step + 1);
      CHECK(hasPart(reply.verdict.error.message(), "no leader"));
    }
    SECTION("a lost answer at step " + std::to_string(step) + (old ? " of an old server" : "")) {
      const auto reply = withStep(step, fault(http::Fault::Kind::reset, "lost", true), old);
      CHECK(reply.verdict.kind == Kind::unavailable);
      CHECK(reply.verdict.maybeApplied == (writes || wroteBefore));
    }
    SECTION("no connection at step " + std::to_string(step) + (old ? " of an old server" : "")) {
      const auto reply = withStep(step, fault(http::Fault::Kind::connect, "refused"), old);
      CHECK(reply.verdict.kind == Kind::unavailable);
      CHECK(reply.verdict.maybeApplied == wroteBefore);
      CHECK(reply.verdict.neverConnected == !wroteBefore);
    }
    SECTION("stopped before step " + std::to_string(step) + (old ? " of an old server" : "")) {
      const auto reply = withStep(step, FakeTransport::cancelled(), old);
      CHECK(reply.verdict.error.code() == Errc::cancelled);
      CHECK(reply.verdict.maybeApplied == wroteBefore);
      CHECK(reply.verdict.neverSent == !wroteBefore);
      CHECK(reply.requests == step);
    }
    if (step == 0) continue;  // a version that cannot be had for good is a hidden one
    SECTION("a wrong key at step " + std::to_string(step) + (old ? " of an old server" : "")) {
      const auto reply = withStep(step, answer(401, "Must provide an API key"), old);
      CHECK(reply.verdict.kind == Kind::fatal);
      CHECK(reply.verdict.error.code() == Errc::unauthorized);
      CHECK(reply.verdict.maybeApplied == wroteBefore);
    }
    SECTION("an answer cut short at step " + std::to_string(step) + (old ? " of an old server" : "")) {
      const auto reply = withStep(step, answer(200, R"({"result":[{"id":1,"pay)"), old);
      CHECK(reply.verdict.kind == Kind::unavailable);
      CHECK(reply.verdict.error.httpStatus() == 200);
      CHECK(reply.verdict.maybeApplied == (writes || wroteBefore));
    }
  }
}

TEST_CASE("a refusal of one point of several leaves it open which were stored") {
  RestRig rig(inOrder({resultOf("[]"), refusal(400, "Wrong input: Not existing vector name error: dense")}));
  const auto reply = Upsert().run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::itemAtFault);
  CHECK(reply.verdict.maybeApplied);
  RestRig before(inOrder({resultOf("[]"), refusal(400, "Wrong input: Vector dimension error: expected dim: 4, got 2")}));
  CHECK_FALSE(Upsert().run(before.version(1, 18)).verdict.maybeApplied);
}

TEST_CASE("a point deleted under an old server's updates leaves it open which of the others were changed") {
  RestRig rig(inOrder({resultOf(R"([{"id":1,"payload":{}},{"id":2,"payload":{}},{"id":3,"payload":{}}])"),
                       refusal(404, "Not found: No point with id 2 found")}));
  const auto reply = Upsert().run(rig.version(1, 15));
  CHECK(reply.verdict.kind == Kind::itemAtFault);
  CHECK(reply.verdict.error.code() == Errc::pointNotFound);
  CHECK(reply.verdict.maybeApplied);
}

TEST_CASE("a collection found missing while storing is no longer known") {
  const auto answers = GENERATE(0, 1);
  RestRig rig(answers == 0 ? inOrder({noCollection()}) : inOrder({resultOf("[]"), noCollection()}));
  rig.version(1, 18);
  const auto now = std::chrono::steady_clock::now();
  rig.stage->facts.learnCollection("c", {}, now);
  const auto reply = Upsert().run(rig);
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.code() == Errc::collectionNotFound);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK_FALSE(rig.stage->facts.collection("c", now));
}

TEST_CASE("a payload that is no object is a fault inside, and nothing is written") {
  RestRig rig(inOrder({resultOf(known)}));
  Upsert upsert;
  upsert.points[0].payload = "no object";
  const auto reply = upsert.run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.code() == Errc::internal);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(reply.requests == 1);
}

TEST_CASE("shard key, consistency and ordering go with the calls") {
  rest::ChannelOptions options;
  options.rest.shardKey = "eu";
  options.rest.consistency = "majority";
  options.rest.ordering = WriteOrdering::medium;
  RestRig rig(inOrder({resultOf("[]"), written()}), options);
  CHECK(Upsert().run(rig.version(1, 18)).verdict.kind == Kind::completed);
  const auto calls = rig.record->all();
  for (const auto& one : calls) CHECK(hasPart(one.body, R"("shard_key":"eu")"));
  CHECK(hasPart(calls[0].url, "?consistency=majority"));
  CHECK(hasPart(calls[1].url, "?wait=true&ordering=medium"));
}
