#include "rest/point_operations.hpp"

#include <vector>

#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;

namespace {

template <class Asked>
Reply carryOut(RestRig& rig, const Asked& request) {
  return rig.run([&](auto stage, Completion completion) { return makePointOperation(stage, request, {}, std::move(completion)); });
}

/// The only call that was sent.
FakeTransport::Seen sent(const RestRig& rig) {
  REQUIRE(rig.record->size() == 1);
  return rig.record->all().front();
}

const std::vector<PointId> ids = {3, 1, 9, PointId::parse("123e4567-e89b-12d3-a456-426614174000"), 3};

RetrievePoints retrieving() {
  RetrievePoints request;
  request.collection = "a/b";
  request.ids = ids;
  return request;
}

struct TwoQueries {
  std::vector<float> one = {0.5F, 1}, two = {-1, 0.25F};
  std::vector<std::span<const float>> vectors = {one, two};
  QueryPoints request;
  TwoQueries() {
    request.collection = "c";
    request.vectors = vectors;
    request.limit = 3;
  }
};

}  // namespace

TEST_CASE("points come in the order that was asked for, each once, absent ones left out") {
  RestRig rig(always(resultOf(
      R"([{"id":"123e4567-e89b-12d3-a456-426614174000","payload":{"d":4}},{"id":1,"payload":{"d":1}},{"id":3,"payload":{"d":3}}])")));
  auto request = retrieving();
  request.withVector = true;
  request.vectorName = "dense";
  const auto reply = carryOut(rig, request);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.requests == 1);
  const auto& points = std::get<std::vector<StoredPoint>>(reply.answer);
  REQUIRE(points.size() == 3);
  CHECK(points[0].id == PointId(3));
  CHECK(points[0].payload == R"({"d":3})");
  CHECK(points[1].id == PointId(1));
  CHECK(points[2].id == ids[3]);
  CHECK(points[2].payload == R"({"d":4})");
  const auto call = sent(rig);
  CHECK(call.method == "POST");
  CHECK(call.url == "http://localhost:6333/collections/a%2Fb/points");
  CHECK(call.body == R"({"ids":[3,1,9,"123e4567-e89b-12d3-a456-426614174000",3],"with_payload":true,"with_vector":["dense"]})");
}

TEST_CASE("the options' consistency and shard key go with reads") {
  rest::ChannelOptions options;
  options.rest.consistency = "all";
  options.rest.shardKey = "eu";
  RestRig rig(always(resultOf("[]")), options);
  CHECK(carryOut(rig, retrieving()).verdict.kind == Kind::completed);
  CHECK(sent(rig).url.ends_with("/points?consistency=all"));
  CHECK(hasPart(sent(rig).body, R"("shard_key":"eu")"));
}

TEST_CASE("a query has a list for each vector") {
  RestRig rig(always(resultOf(R"([{"points":[{"id":3,"version":1,"score":0.5,"payload":{"d":1}},{"id":1,"score":0.25}]},{"points":[]}])")));
  const TwoQueries query;
  const auto reply = carryOut(rig, query.request);
  CHECK(reply.verdict.kind == Kind::completed);
  const auto& lists = std::get<std::vector<std::vector<StoredPoint>>>(reply.answer);
  REQUIRE(lists.size() == 2);
  REQUIRE(lists[0].size() == 2);
  CHECK(lists[0][0].id == PointId(3));
  CHECK(lists[0][0].score == 0.5F);
  CHECK(lists[0][0].payload == R"({"d":1})");
  CHECK(lists[1].empty());
  CHECK(sent(rig).url == "http://localhost:6333/collections/c/points/query/batch");
  CHECK(hasPart(sent(rig).body, R"({"searches":[{"query":[0.5,1)"));
}

TEST_CASE("too few or too many lists of hits are no answer") {
  const auto* lists = GENERATE(R"([])", R"([{"points":[]}])", R"([{"points":[]},{"points":[]},{"points":[]}])");
  RestRig rig(always(resultOf(lists)));
  const TwoQueries query;
  const auto reply = carryOut(rig, query.request);
  CHECK(reply.verdict.kind == Kind::unavailable);
  CHECK(reply.verdict.error.httpStatus() == 200);
  CHECK(hasPart(reply.verdict.error.message(), "for 2 queries"));
  CHECK(std::holds_alternative<std::monostate>(reply.answer));
}

TEST_CASE("scroll gives a page, and where the next begins") {
  RestRig rig(inOrder(
      {resultOf(R"({"points":[{"id":3,"payload":null}],"next_page_offset":7})"), resultOf(R"({"points":[],"next_page_offset":null})")}));
  ScrollPoints request;
  request.collection = "c";
  request.limit = 1;
  request.from = PointId(3);
  request.filter = R"({"must":[]})";
  const auto first = carryOut(rig, request), last = carryOut(rig, request);
  const auto& page = std::get<ScrollPage>(first.answer);
  REQUIRE(page.points.size() == 1);
  CHECK(page.next == PointId(7));
  CHECK_FALSE(std::get<ScrollPage>(last.answer).next);
  const auto call = rig.record->all().front();
  CHECK(call.url.ends_with("/collections/c/points/scroll"));
  CHECK(call.body == R"({"limit":1,"offset":3,"filter":{"must":[]},"with_payload":false,"with_vector":false})");
}

TEST_CASE("count") {
  RestRig rig(always(resultOf(R"({"count":12})")));
  const auto reply = carryOut(rig, CountPoints{"c", R"({"must":[]})"});
  CHECK(std::get<std::size_t>(reply.answer) == 12);
  CHECK(sent(rig).url.ends_with("/collections/c/points/count"));
  CHECK(sent(rig).body == R"({"exact":true,"filter":{"must":[]}})");
}

TEST_CASE("delete waits, and says whether it was applied") {
  struct Row {
    http::Response response;
    Kind kind;
    bool maybeApplied;
  };
  const Row row = GENERATE(Row{written(), Kind::completed, false}, Row{writeOf("acknowledged"), Kind::acknowledged, false},
                           Row{writeOf("wait_timeout"), Kind::acknowledged, false}, Row{refusal(500, "broken"), Kind::unavailable, true},
                           Row{answer(200, "{"), Kind::unavailable, true}, Row{page(200), Kind::fatal, true},
                           Row{refusal(400, "Wrong input: something"), Kind::itemAtFault, true},
                           Row{fault(http::Fault::Kind::connect), Kind::unavailable, false});
  CAPTURE(row.response.status, row.response.body);
  RestRig rig(always(row.response));
  DeletePoints request;
  request.collection = "c";
  request.ids = ids;
  const auto reply = carryOut(rig, request);
  CHECK(reply.verdict.kind == row.kind);
  CHECK(reply.verdict.maybeApplied == row.maybeApplied);
  CHECK_FALSE(reply.verdict.conditional);
  CHECK(sent(rig).url == "http://localhost:6333/collections/c/points/delete?wait=true");
  CHECK(hasPart(sent(rig).body, R"({"points":[3,1,9,)"));
}

TEST_CASE("a delete of known points takes away only what is still as it was, and says that it did so on condition") {
  struct Row {
    http::Response response;
    Kind kind;
    bool conditional;
  };
  const Row row = GENERATE(Row{written(), Kind::completed, true}, Row{writeOf("acknowledged"), Kind::acknowledged, true},
                           Row{refusal(503, "no leader"), Kind::unavailable, false});
  CAPTURE(row.response.status, row.response.body);
  RestRig rig(always(row.response));
  const std::vector<PointBefore> before = {{true, R"({"a":1})"}, {}, {true, "{}"}};
  DeletePoints request;
  request.collection = "c";
  request.ids = std::span(ids).first(3);
  request.before = before;
  const auto reply = carryOut(rig, request);
  CHECK(reply.verdict.kind == row.kind);
  CHECK(reply.verdict.conditional == row.conditional);
  CHECK(sent(rig).url == "http://localhost:6333/collections/c/points/delete?wait=true");
  CHECK(sent(rig).body == R"({"filter":{"should":[{"must":[{"has_id":[9]}]},{"must":[{"has_id":[3]},{"key":"a","match":{"value":1}}]}]}})");
}

TEST_CASE("a delete of points that are known not to exist deletes nothing") {
  rest::ChannelOptions options;
  options.rest.shardKey = "eu";
  RestRig rig(always(written()), options);
  const std::vector<PointBefore> before(2);
  DeletePoints request;
  request.collection = "c";
  request.ids = std::span(ids).first(2);
  request.before = before;
  CHECK(carryOut(rig, request).verdict.conditional);
  CHECK(hasPart(sent(rig).body, R"("filter":{"must":[{"has_id":[]}]})"));
  CHECK(hasPart(sent(rig).body, R"("shard_key":"eu")"));
}

TEST_CASE("what is no answer of Qdrant's is a passing fault, and a page a lasting one") {
  const auto* body = GENERATE("", "{", "nonsense", R"({"result":null,"status":"ok"})", R"({"status":"ok"})", R"({"result":7})",
                              R"({"result":{"count":-1}})", R"({"result":[{"payload":{}}]})", "\xff\xfe");
  CAPTURE(body);
  const auto check = [&](const Reply& reply, Kind kind) {
    CHECK(reply.verdict.kind == kind);
    CHECK(reply.verdict.error.code() == Errc::unavailable);
    CHECK(reply.verdict.error.httpStatus() == 200);
    CHECK_FALSE(reply.verdict.maybeApplied);
    CHECK(reply.requests == 1);
    CHECK(hasPart(reply.verdict.error.message(), "http://localhost:6333"));
  };
  const TwoQueries query;
  for (const auto& [response, kind] : {std::pair(answer(200, body), Kind::unavailable), std::pair(page(200), Kind::fatal)}) {
    RestRig retrieve(always(response)), queries(always(response)), scroll(always(response)), count(always(response));
    check(carryOut(retrieve, retrieving()), kind);
    check(carryOut(queries, query.request), kind);
    check(carryOut(scroll, ScrollPoints{"c"}), kind);
    check(carryOut(count, CountPoints{"c"}), kind);
  }
}

TEST_CASE("a server too old for a request is named with its version") {
  RestRig rig(always(answer(404, "")));
  rig.version(1, 9);
  const TwoQueries query;
  const auto reply = carryOut(rig, query.request);
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.code() == Errc::unsupported);
  CHECK(reply.verdict.error.httpStatus() == 404);
  CHECK(hasPart(reply.verdict.error.message(), "this one is version 1.9.0"));
  RestRig hidden(always(answer(404, "")));
  hidden.stage->facts.learnVersion({});
  CHECK_FALSE(hasPart(carryOut(hidden, query.request).verdict.error.message(), "this one is version"));
}

TEST_CASE("a collection that turns out to be gone is no longer known") {
  RestRig rig(always(noCollection()));
  const auto now = std::chrono::steady_clock::now();
  rig.stage->facts.learnCollection("c", {}, now);
  const auto reply = carryOut(rig, CountPoints{"c"});
  CHECK(reply.verdict.error.code() == Errc::collectionNotFound);
  CHECK_FALSE(rig.stage->facts.collection("c", now));
}
