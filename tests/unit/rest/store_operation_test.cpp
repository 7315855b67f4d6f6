#include "rest/store_operation.hpp"

#include <algorithm>
#include <vector>

#include "codec/json_object.hpp"
#include "rest/carry_over.hpp"
#include "support/catch.hpp"
#include "support/rest_upsert.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;
using Lines = std::vector<std::string>;

TEST_CASE("replace is one call") {
  RestRig rig(always(written()));
  Upsert upsert(Existing::replace);
  upsert.request.vectorName = "dense";
  const auto reply = upsert.run(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.items.empty());
  CHECK(reply.requests == 1);
  CHECK(reply.bytesSent > 100);
  CHECK(reply.bytesReceived > 100);
  REQUIRE(rig.record->lines() == Lines{upsertLine});
  const auto sent = rig.record->all().front();
  CHECK(hasPart(sent.url, "?wait=true"));
  CHECK(hasPart(sent.body, R"({"id":1,"vector":{"dense":[0.5,-1)"));
  CHECK_FALSE(hasPart(sent.body, "update_"));
}

TEST_CASE("new points are looked up and inserted where they are still absent, as the server's version allows") {
  struct Row {
    unsigned minor;
    bool insertOnly, filter;
  };
  const Row row = GENERATE(Row{18, true, false}, Row{17, true, false}, Row{16, false, true}, Row{15, false, false}, Row{10, false, false});
  CAPTURE(row.minor);
  RestRig rig(inOrder({resultOf("[]"), written()}));
  rig.version(1, row.minor);
  const auto reply = Upsert().run(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.requests == 2);
  REQUIRE(rig.record->lines() == Lines{lookUpLine, upsertLine});
  const auto look = rig.record->all()[0].body, write = rig.record->all()[1].body;
  CHECK(hasPart(look, R"("ids":[1,2,3])"));
  CHECK(hasPart(look, R"("with_payload":true)"));
  CHECK(hasPart(look, R"("with_vector":false)"));
  CHECK(hasPart(write, R"("update_mode":"insert_only")") == row.insertOnly);
  CHECK(hasPart(write, R"("update_filter":{"must":[{"has_id":[]}]})") == row.filter);
  CHECK(hasPart(write, R"("id":3)"));
}

TEST_CASE("the version is asked for once") {
  RestRig rig([](const http::Request& request) {
    if (request.method == "GET") return versionOf("1.18.3");
    return request.method == "PUT" ? written() : resultOf("[]");
  });
  CHECK(Upsert().run(rig).requests == 3);
  CHECK(Upsert().run(rig).requests == 2);
  CHECK(rig.record->lines() == Lines{"GET /", lookUpLine, upsertLine, lookUpLine, upsertLine});
  CHECK(hasPart(rig.record->all().back().body, "insert_only"));
}

TEST_CASE("where the version is hidden, new points are inserted under a filter that an old server passes over") {
  const auto hidden = GENERATE(page(404), page(200), answer(404, ""), refusal(400, "no"), answer(401, "no key"),
                               answer(200, R"({"title":"another","version":"9.1.1"})"));
  CAPTURE(hidden.status, hidden.body);
  const std::string filter = R"("update_filter":{"must":[{"has_id":[]}]})";
  SECTION("none is known") {
    RestRig rig(inOrder({hidden, resultOf("[]"), written()}));
    CHECK(Upsert().run(rig).verdict.kind == Kind::completed);
    CHECK(hasPart(rig.record->all().back().body, filter));
    CHECK_FALSE(hasPart(rig.record->all().back().body, "insert_only"));
  }
  SECTION("a known one goes the way of old servers") {
    RestRig rig(inOrder({hidden, resultOf(known), written(), written(), batchOf("completed")}));
    CHECK(Upsert().run(rig).verdict.kind == Kind::completed);
    REQUIRE(rig.record->lines() ==
            Lines{"GET /", lookUpLine, upsertLine, "PUT /collections/c/points/vectors", "POST /collections/c/points/batch"});
    CHECK(hasPart(rig.record->all()[2].body, filter));
    CHECK_FALSE(hasPart(rig.record->all()[2].body, R"("id":1)"));
  }
}

TEST_CASE("a look-up that keeps metrics reads whole payloads, one that only skips reads none") {
  RestRig rig(always(resultOf("[]")));
  static_cast<void>(Upsert(Existing::keepMetrics).run(rig.version(1, 18)));
  CHECK(hasPart(rig.record->all().front().body, R"("with_payload":true)"));
  static_cast<void>(Upsert(Existing::skip).run(rig.version(1, 15)));
  CHECK(hasPart(rig.record->all().at(2).body, R"("with_payload":false)"));
}

TEST_CASE("known points are replaced where they are as read, with their metrics, and read back") {
  const auto writes = std::make_shared<unsigned>(0);
  RestRig rig(contended(1, writes));
  const auto reply = Upsert().run(rig.version(1, 16 + GENERATE(0u, 2u)));
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.items.empty());
  CHECK(reply.requests == 3);
  REQUIRE(rig.record->lines() == Lines{lookUpLine, upsertLine, lookUpLine});
  const auto calls = rig.record->all();
  CHECK(hasPart(calls[1].url, "wait=true"));
  CHECK(hasPart(calls[1].body, R"("usage_count":7)"));
  CHECK(hasPart(calls[1].body, R"("success_rate":0.5)"));
  CHECK(hasPart(calls[1].body, R"("_qbatch_W":5)"));
  CHECK(hasPart(calls[1].body, R"("update_filter":{"should":[{"must":[{"has_id":[1]},)"));
  CHECK(hasPart(calls[1].body, R"({"key":"usage_count","match":{"value":7}})"));
  CHECK(hasPart(calls[1].body, R"({"key":"_qbatch_last","match":{"value":"W.5"}})"));
  CHECK_FALSE(hasPart(calls[1].body, "insert_only"));
  CHECK(hasPart(calls[2].body, R"("ids":[1],)"));
}

TEST_CASE("points that others changed meanwhile go round again, alone and under a stamp of their own") {
  const auto writes = std::make_shared<unsigned>(0);
  RestRig rig(contended(3, writes));
  const auto reply = Upsert().run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.items.empty());
  CHECK(reply.requests == 9);
  const auto calls = rig.record->all();
  REQUIRE(calls.size() == 9);
  CHECK(hasPart(calls[1].body, R"("id":2)"));
  CHECK(hasPart(calls[3].body, R"("ids":[1],)"));
  CHECK_FALSE(hasPart(calls[4].body, R"("id":2)"));
  CHECK(stampIn(calls[1].body) != stampIn(calls[4].body));
  CHECK(stampIn(calls[4].body) != stampIn(calls[7].body));
}

TEST_CASE("who loses three times is not known to be stored, and the others are") {
  const auto writes = std::make_shared<unsigned>(0);
  RestRig rig(contended(99, writes));
  const auto reply = Upsert().run(rig.version(1, 18));
  CHECK(*writes == 3);
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].position == 0);
  CHECK(reply.verdict.items[0].outcome == Outcome::unknown);
  CHECK(reply.verdict.items[0].error.code() == Errc::unavailable);
  CHECK(hasPart(reply.verdict.items[0].error.message(), "point 1"));
}

TEST_CASE("a point that somebody else deletes before it is stored again is not known to be stored") {
  RestRig rig([round = 0](const http::Request& request) mutable {
    if (request.method == "PUT") return written();
    switch (round++) {
      case 0:
        return resultOf(known);
      case 1:
        return resultOf(R"([{"id":1,"payload":{"_qbatch_store":"another's"}}])");
      default:
        return resultOf("[]");
    }
  });
  const auto reply = Upsert().run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].position == 0);
  CHECK(reply.verdict.items[0].outcome == Outcome::unknown);
  REQUIRE(reply.before);  // what it was, so that it can be told what has become of it
  CHECK(reply.before->size() == 1);
  CHECK_FALSE(hasPart(rig.record->all().back().body, "points\":[{"));
}

TEST_CASE("a known point that is gone when its store is read back is not known to be stored") {
  RestRig rig(inOrder({resultOf(known), written(), resultOf("[]"), resultOf("[]")}));
  const auto reply = Upsert().run(rig.version(1, 18));
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].position == 0);
  CHECK(reply.verdict.items[0].outcome == Outcome::unknown);
}

TEST_CASE("skip inserts without a look where the server can, and stores only absent points where it cannot") {
  SECTION("1.16 and later") {
    const unsigned minor = GENERATE(16u, 18u);
    RestRig rig(always(written()));
    CHECK(Upsert(Existing::skip).run(rig.version(1, minor)).requests == 1);
    const auto body = rig.record->all().front().body;
    CHECK(hasPart(body, "insert_only") == (minor >= 17));
    CHECK(hasPart(body, "update_filter") == (minor < 17));
  }
  SECTION("before") {
    RestRig rig(inOrder({resultOf(R"([{"id":2},{"id":1}])"), written()}));
    const auto reply = Upsert(Existing::skip).run(rig.version(1, 15));
    CHECK(reply.verdict.kind == Kind::completed);
    REQUIRE(rig.record->lines() == Lines{lookUpLine, upsertLine});
    CHECK(hasPart(rig.record->all()[0].body, R"("with_payload":false)"));
    CHECK(hasPart(rig.record->all()[1].body, R"({"points":[{"id":3,)"));
    CHECK_FALSE(hasPart(rig.record->all()[1].body, R"("id":1)"));
  }
  SECTION("nothing is written where all are there") {
    RestRig rig(inOrder({resultOf(R"([{"id":2},{"id":1},{"id":3}])")}));
    const auto reply = Upsert(Existing::skip).run(rig.version(1, 15));
    CHECK(reply.verdict.kind == Kind::completed);
    CHECK(reply.requests == 1);
  }
}

TEST_CASE("before 1.16 known points get their vectors and payloads by updates of their own") {
  RestRig rig(inOrder({resultOf(known), written(), written(), batchOf("completed")}));
  const auto reply = Upsert().run(rig.version(1, 15));
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.requests == 4);
  REQUIRE(rig.record->lines() == Lines{lookUpLine, upsertLine, "PUT /collections/c/points/vectors", "POST /collections/c/points/batch"});
  const auto calls = rig.record->all();
  CHECK_FALSE(hasPart(calls[1].body, R"("id":1)"));
  CHECK(hasPart(calls[2].body, R"({"points":[{"id":1,"vector":[0.5,-1)"));
  CHECK_FALSE(hasPart(calls[2].body, R"("id":2)"));
  CHECK(hasPart(calls[3].body, R"("set_payload")"));
  CHECK(hasPart(calls[3].body, R"({"has_id":[1]})"));
  // The count may have grown since it was read.
  CHECK_FALSE(hasPart(calls[3].body, "usage_count"));
  for (std::size_t i = 1; i < calls.size(); ++i) CHECK(hasPart(calls[i].url, "wait=true"));
}

TEST_CASE("a write that is not applied yet is only acknowledged") {
  const auto status = GENERATE(std::string("acknowledged"), std::string("wait_timeout"));
  CAPTURE(status);
  SECTION("replace") {
    RestRig rig(always(writeOf(status)));
    CHECK(Upsert(Existing::replace).run(rig).verdict.kind == Kind::acknowledged);
  }
  SECTION("new points") {
    RestRig rig(inOrder({resultOf("[]"), writeOf(status)}));
    CHECK(Upsert().run(rig.version(1, 18)).verdict.kind == Kind::acknowledged);
  }
  SECTION("known points") {
    RestRig rig(inOrder({resultOf(known), writeOf(status)}));
    const auto reply = Upsert().run(rig.version(1, 18));
    CHECK(reply.verdict.kind == Kind::acknowledged);
    CHECK(reply.requests == 2);
  }
  SECTION("any of an old server's writes") {
    const int late = GENERATE(0, 1, 2);
    CAPTURE(late);
    RestRig rig(inOrder({resultOf(known), late == 0 ? writeOf(status) : written(), late == 1 ? writeOf(status) : written(),
                         batchOf(late == 2 ? status : "completed")}));
    CHECK(Upsert().run(rig.version(1, 15)).verdict.kind == Kind::acknowledged);
  }
}

TEST_CASE("queued writes do not wait, except for what has to be read back") {
  SECTION("new points") {
    RestRig rig(inOrder({resultOf("[]"), writeOf("acknowledged")}));
    Upsert upsert;
    upsert.request.durability = Durability::queued;
    CHECK(upsert.run(rig.version(1, 18)).verdict.kind == Kind::acknowledged);
    CHECK(hasPart(rig.record->all()[1].url, "wait=false"));
  }
  SECTION("replace") {
    RestRig rig(always(writeOf("acknowledged")));
    Upsert upsert(Existing::replace);
    upsert.request.durability = Durability::queued;
    CHECK(upsert.run(rig).verdict.kind == Kind::acknowledged);
    CHECK(hasPart(rig.record->all()[0].url, "wait=false"));
  }
  SECTION("known points") {
    RestRig rig(contended(1, std::make_shared<unsigned>(0)));
    Upsert upsert;
    upsert.request.durability = Durability::queued;
    CHECK(upsert.run(rig.version(1, 18)).verdict.kind == Kind::completed);
    CHECK(hasPart(rig.record->all()[1].url, "wait=true"));
  }
}
