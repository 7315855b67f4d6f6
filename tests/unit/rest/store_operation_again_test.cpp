// Storing once more what an earlier attempt may have stored: only where points are still as they were known.
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "rest/store_operation.hpp"
#include "support/catch.hpp"
#include "support/rest_upsert.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;
using Lines = std::vector<std::string>;

namespace {

/// Points 1 to 3 once more, of which these are known.
struct Again : Upsert {
  std::vector<PointBefore> before = std::vector<PointBefore>(3);

  explicit Again(Existing existing, std::initializer_list<std::pair<std::size_t, std::string>> there = {}) : Upsert(existing) {
    for (const auto& [place, payload] : there) before[place] = {true, payload};
    request.before = before;
  }
};

const std::string counted = R"({"tag":"t","usage_count":7,"success_rate":0.5,"_qbatch_W":5,"_qbatch_last":"W.5"})";

const std::string matchesNothing = R"("update_filter":{"must":[{"has_id":[]}]})";

std::string onlyBody(const RestRig& rig) {
  REQUIRE(rig.record->lines() == Lines{upsertLine});
  return rig.record->all().front().body;
}

}  // namespace

TEST_CASE("again: what did not exist is inserted where it is still absent") {
  const auto existing = GENERATE(Existing::replace, Existing::keepMetrics, Existing::skip);
  const unsigned minor = GENERATE(16u, 17u, 18u);
  CAPTURE(minor);
  RestRig rig(always(written()));
  const auto reply = Again(existing).run(rig.version(1, minor));
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.conditional == (existing != Existing::skip));  // where it is enough that a point is there
  CHECK(reply.requests == 1);
  const auto body = onlyBody(rig);
  CHECK(hasPart(body, R"("update_mode":"insert_only")") == (minor >= 17));
  CHECK(hasPart(body, matchesNothing) == (minor < 17));
  CHECK(hasPart(body, R"("payload":{"code":"x","usage_count":0})"));
}

TEST_CASE("again: replace writes where every member is as it was known") {
  const unsigned minor = GENERATE(16u, 17u, 18u);
  CAPTURE(minor);
  RestRig rig(always(written()));
  const auto reply = Again(Existing::replace, {{0, counted}, {2, "{}"}}).run(rig.version(1, minor));
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.conditional);
  CHECK(reply.requests == 1);
  const auto body = onlyBody(rig);
  CHECK(hasPart(body, R"("update_filter":{"should":[)"));
  CHECK(hasPart(body, R"({"must":[{"has_id":[1]},{"key":"tag","match":{"value":"t"}},{"key":"usage_count","match":{"value":7}},)"
                      R"({"key":"success_rate","range":{"gte":0.5,"lte":0.5}},{"key":"_qbatch_W","match":{"value":5}},)"
                      R"({"key":"_qbatch_last","match":{"value":"W.5"}}]})"));
  CHECK(hasPart(body, R"({"must":[{"has_id":[3]}]})"));
  CHECK_FALSE(hasPart(body, "insert_only"));
  // It replaces all the same: nothing is carried over.
  CHECK(hasPart(body, R"({"id":1,"vector":[0.5,-1],"payload":{"code":"x","usage_count":0}})"));
  CHECK(hasPart(body, R"("id":2)"));
  CHECK_FALSE(hasPart(body, "_qbatch_store"));
}

TEST_CASE("again: keepMetrics carries over the metrics that are known, without a look") {
  RestRig rig(always(written()));
  const Again again(Existing::keepMetrics, {{0, counted}});
  const auto reply = again.run(rig.version(1, 16 + GENERATE(0u, 2u)));
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.conditional);
  CHECK(reply.requests == 1);
  const auto body = onlyBody(rig);
  CHECK(hasPart(body, R"("usage_count":7,"success_rate":0.5)"));
  CHECK(hasPart(body, R"("_qbatch_W":5)"));
  CHECK(hasPart(body, R"({"id":2,"vector":[0.5,-1],"payload":{"code":"x","usage_count":0}})"));
  CHECK(hasPart(body, R"({"must":[{"has_id":[1]},{"key":"tag","match":{"value":"t"}},{"key":"usage_count","match":{"value":7}},)"));
  CHECK(hasPart(body, R"({"key":"_qbatch_last","match":{"value":"W.5"}})"));
  CHECK_FALSE(hasPart(body, R"("tag":"t")"));
  const auto stamp = stampIn(body);
  CHECK_FALSE(stamp.empty());
  CHECK(again.run(rig).verdict.conditional);
  CHECK(stampIn(rig.record->all().back().body) != stamp);
}

TEST_CASE("again: skip inserts, whatever is known") {
  RestRig rig(always(written()));
  const auto reply = Again(Existing::skip, {{0, counted}}).run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK_FALSE(reply.verdict.conditional);
  CHECK(hasPart(onlyBody(rig), "insert_only"));
}

TEST_CASE("again: before 1.16 nothing can be written on condition: what others have changed is left out, as far as a look can tell") {
  const std::string asKnown = R"([{"id":1,"payload":)" + counted + R"(},{"id":3,"payload":{"by":"somebody else"}}])";
  SECTION("replace") {
    RestRig rig(inOrder({resultOf(asKnown), written()}));
    const auto reply = Again(Existing::replace, {{0, counted}}).run(rig.version(1, 15));
    CHECK(reply.verdict.kind == Kind::completed);
    CHECK(reply.verdict.conditional);
    CHECK(rig.record->lines() == Lines{lookUpLine, upsertLine});
    const auto body = rig.record->all().back().body;
    CHECK_FALSE(hasPart(body, "update_"));
    CHECK(hasPart(body, R"("id":1)"));
    CHECK(hasPart(body, R"("id":2)"));
    CHECK_FALSE(hasPart(body, R"("id":3)"));
  }
  SECTION("nothing is as it was") {
    RestRig rig(inOrder({resultOf(R"([{"id":2,"payload":{}},{"id":3,"payload":{}}])")}));
    const auto reply = Again(Existing::replace, {{0, counted}}).run(rig.version(1, 15));
    CHECK(reply.verdict.kind == Kind::completed);
    CHECK(reply.verdict.conditional);
    CHECK(rig.record->lines() == Lines{lookUpLine});
  }
  SECTION("keepMetrics looks up what is left, and does not take that for what stood there before") {
    RestRig rig(inOrder({resultOf(asKnown), resultOf(known), written(), refusal(503, "no leader")}));
    const auto reply = Again(Existing::keepMetrics, {{0, counted}}).run(rig.version(1, 15));
    CHECK(reply.verdict.kind == Kind::unavailable);
    CHECK(rig.record->lines() == Lines{lookUpLine, lookUpLine, upsertLine, "PUT /collections/c/points/vectors"});
    CHECK_FALSE(reply.before);
  }
}

TEST_CASE("again: where the version is hidden it is written on condition, which an old server passes over") {
  RestRig rig(inOrder({page(404), written(), written()}));
  const auto reply = Again(Existing::replace, {{0, counted}}).run(rig);
  CHECK(reply.verdict.conditional);
  CHECK(rig.record->lines() == Lines{"GET /", upsertLine});
  CHECK(hasPart(rig.record->all().back().body, R"("update_filter":{"should":[)"));
  CHECK(Again(Existing::replace).run(rig).verdict.conditional);
  CHECK(hasPart(rig.record->all().back().body, matchesNothing));
}

TEST_CASE("again: the version is asked for, which replacing alone does not need") {
  RestRig rig(inOrder({versionOf("1.18.3"), written()}));
  CHECK(Again(Existing::replace, {{0, counted}}).run(rig).verdict.conditional);
  CHECK(rig.record->lines() == Lines{"GET /", upsertLine});
}

TEST_CASE("again: what is only acknowledged was written on condition, too") {
  RestRig rig(always(writeOf("acknowledged")));
  const auto reply = Again(Existing::replace, {{0, counted}}).run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::acknowledged);
  CHECK(reply.verdict.conditional);
}

TEST_CASE("again: a refused condition is a failure like any other") {
  RestRig rig(always(refusal(503, "no leader")));
  const auto reply = Again(Existing::replace, {{0, counted}}).run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::unavailable);
  CHECK_FALSE(reply.verdict.conditional);
  CHECK_FALSE(reply.before);
}

TEST_CASE("what a look-up saw is told where the store then fails, and not where it succeeds") {
  const unsigned minor = GENERATE(15u, 18u);
  CAPTURE(minor);
  SECTION("fails") {
    RestRig rig(inOrder({resultOf(known), fault(http::Fault::Kind::reset, "lost", true)}));
    const auto reply = Upsert().run(rig.version(1, minor));
    CHECK(reply.verdict.kind == Kind::unavailable);
    REQUIRE(reply.before);
    REQUIRE(reply.before->size() == 1);
    CHECK(reply.before->front().id == PointId(1));
    CHECK(hasPart(reply.before->front().payload, R"("usage_count":7)"));
    CHECK(reply.before->front().vector.empty());
  }
  SECTION("nothing stood there") {
    RestRig rig(inOrder({resultOf("[]"), refusal(503, "no leader")}));
    const auto reply = Upsert().run(rig.version(1, minor));
    REQUIRE(reply.before);
    CHECK(reply.before->empty());
  }
  SECTION("only acknowledged") {
    RestRig rig(inOrder({resultOf("[]"), writeOf("acknowledged")}));
    CHECK(Upsert().run(rig.version(1, minor)).before);
  }
  SECTION("succeeds") {
    RestRig rig(inOrder({resultOf("[]"), written()}));
    CHECK_FALSE(Upsert().run(rig.version(1, minor)).before);
  }
  SECTION("the look-up itself fails") {
    RestRig rig(inOrder({refusal(503, "no leader")}));
    CHECK_FALSE(Upsert().run(rig.version(1, minor)).before);
  }
}

TEST_CASE("what a later round sees is not what stood there before") {
  RestRig rig([round = 0](const http::Request& request) mutable -> http::Response {
    if (request.method == "PUT") return round < 3 ? written() : refusal(503, "no leader");
    switch (round++) {
      case 0:
        return resultOf(known);
      case 1:
        return resultOf(R"([{"id":1,"payload":{"_qbatch_store":"another's"}}])");
      default:
        return resultOf(countedOn(2));
    }
  });
  const auto reply = Upsert().run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::unavailable);
  REQUIRE(reply.before);
  REQUIRE(reply.before->size() == 1);
  CHECK(hasPart(reply.before->front().payload, R"("usage_count":7)"));
}
