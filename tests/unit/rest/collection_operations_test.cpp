#include "rest/collection_operations.hpp"

#include <optional>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;
using Lines = std::vector<std::string>;

namespace {

template <class Asked>
Reply carryOut(RestRig& rig, const Asked& request) {
  return rig.run([&](auto stage, Completion completion) { return makeCollectionOperation(stage, request, {}, std::move(completion)); });
}

/// GET /collections/{} of a collection with these vectors.
http::Response described(const std::string& vectors, const std::string& more = "") {
  return resultOf(R"({"status":"green","points_count":5,"config":{"params":{"vectors":)" + vectors +
                  R"(,"shard_number":1,"replication_factor":1},"strict_mode_config":{"enabled":false})" + more + "}}");
}
const std::string cosine4 = R"({"size":4,"distance":"Cosine"})";
const std::string two = R"({"dense":{"size":3,"distance":"Dot"},"code":{"size":2,"distance":"Euclid"}})";

using Info = std::optional<CollectionInfo>;
Info infoIn(const Reply& reply) {
  REQUIRE(reply.verdict.kind == Kind::completed);
  return std::get<Info>(reply.answer);
}

CreateCollection creating(std::string vectorName = "", std::size_t dimension = 4, Distance distance = Distance::cosine) {
  CreateCollection request;
  request.info.name = "c";
  request.info.vectorName = std::move(vectorName);
  request.info.dimension = dimension;
  request.info.distance = distance;
  return request;
}

}  // namespace

TEST_CASE("a description tells the limits of a collection whose strict mode is on") {
  const std::string strict = R"({"result":{"points_count":5,"config":{"params":{"vectors":)" + cosine4 +
                             R"(},"strict_mode_config":{"enabled":true,"upsert_max_batchsize":100,"search_max_batchsize":10,)"
                             R"("max_query_limit":20,"search_allow_exact":false}}},"status":"ok"})";
  const bool on = GENERATE(true, false);
  RestRig rig([&](const http::Request& request) {
    return request.url.ends_with("6333/") ? versionOf("1.18.3") : on ? answer(200, strict) : described(cosine4);
  });
  for (int round = 0; round < 2; ++round) {  // asked for, and remembered
    const auto info = infoIn(carryOut(rig, DescribeCollection{"c", ""}));
    REQUIRE(info);
    CHECK(info->limits == (on ? CollectionLimits{100, 10, 20, false} : CollectionLimits()));
  }
  CHECK(rig.record->lines() == Lines{"GET /", "GET /collections/c"});
}

TEST_CASE("a description asks for the version once, and is not asked for again while it is fresh") {
  RestRig rig([](const http::Request& request) {
    return request.url.ends_with("6333/") ? versionOf("1.18.3") : described(cosine4, R"(,"metadata":{"qbatch_embedder":"hash:4"})");
  });
  const auto first = carryOut(rig, DescribeCollection{"c", ""});
  const auto info = infoIn(first);
  REQUIRE(info);
  CHECK(info->name == "c");
  CHECK(info->vectorName.empty());
  CHECK(info->dimension == 4);
  CHECK(info->distance == Distance::cosine);
  CHECK(info->embedder == "hash:4");
  CHECK(info->points == 5);
  CHECK(first.requests == 2);
  CHECK(rig.record->lines() == Lines{"GET /", "GET /collections/c"});
  const auto second = carryOut(rig, DescribeCollection{"c", ""});
  CHECK(second.requests == 0);
  CHECK(infoIn(second)->dimension == 4);
  CHECK(carryOut(rig, DescribeCollection{"d", ""}).requests == 1);
  CHECK(rig.record->size() == 3);
}

TEST_CASE("a dropped collection is asked for again") {
  RestRig rig(inOrder({described(cosine4), resultOf("true"), noCollection(), noCollection()}));
  rig.version(1, 18);
  CHECK(infoIn(carryOut(rig, DescribeCollection{"c", ""})));
  CHECK(std::get<bool>(carryOut(rig, DropCollection{"c"}).answer));
  CHECK_FALSE(infoIn(carryOut(rig, DescribeCollection{"c", ""})));
  CHECK(carryOut(rig, DescribeCollection{"c", ""}).requests == 1);  // absence is not remembered
}

TEST_CASE("of several vectors the one of that name is described, else the first") {
  RestRig rig(always(described(two)));
  rig.version(1, 18);
  const auto code = infoIn(carryOut(rig, DescribeCollection{"c", "code"}));
  CHECK(code->vectorName == "code");
  CHECK(code->dimension == 2);
  CHECK(code->distance == Distance::euclid);
  const auto other = infoIn(carryOut(rig, DescribeCollection{"c", "other"}));
  CHECK(other->vectorName == "dense");
  CHECK(other->dimension == 3);
}

TEST_CASE("a collection that cannot be filled is refused") {
  struct Row {
    std::string vectors, words;
  };
  const Row row = GENERATE(Row{"{}", "no dense vectors"}, Row{"null", "no dense vectors"},
                           Row{R"({"size":4,"distance":"Cosine","multivector_config":{"comparator":"max_sim"}})", "multivectors"});
  RestRig rig(always(described(row.vectors)));
  const auto reply = carryOut(rig.version(1, 18), DescribeCollection{"c", ""});
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.code() == Errc::collectionMismatch);
  CHECK(hasPart(reply.verdict.error.message(), row.words));
}

TEST_CASE("a description that fails is a fault, not an absence") {
  const auto bad = GENERATE(refusal(503, "no leader"), answer(401, "no key"), answer(404, ""), page(200), answer(200, "{"),
                            resultOf("null"), resultOf("{}"));
  CAPTURE(bad.status, bad.body);
  RestRig rig(always(bad));
  const auto reply = carryOut(rig.version(1, 18), DescribeCollection{"c", ""});
  CHECK(reply.verdict.kind != Kind::completed);
  CHECK(reply.verdict.error);
  CHECK_FALSE(reply.verdict.maybeApplied);
}

TEST_CASE("create sends size, distance and the embedder's name") {
  RestRig rig(always(resultOf("true")));
  auto request = creating("dense", 3, Distance::dot);
  request.info.embedder = "hash:3";
  const auto reply = carryOut(rig, request);
  CHECK(std::get<bool>(reply.answer));
  CHECK(reply.requests == 1);
  CHECK(rig.record->lines() == Lines{"PUT /collections/c"});
  CHECK(rig.record->all()[0].body == R"({"vectors":{"dense":{"size":3,"distance":"Dot"}},"metadata":{"qbatch_embedder":"hash:3"}})");
}

TEST_CASE("a collection that exists is no new one where it agrees, and a mismatch where it does not") {
  struct Row {
    std::string vectors;
    CreateCollection request;
    bool agrees;
  };
  const Row row =
      GENERATE(Row{cosine4, creating(), true}, Row{two, creating("code", 2, Distance::euclid), true}, Row{cosine4, creating("", 8), false},
               Row{cosine4, creating("", 4, Distance::dot), false}, Row{cosine4, creating("dense"), false},
               Row{two, creating("", 3, Distance::dot), false}, Row{"{}", creating(), false});
  RestRig rig(inOrder({refusal(409, "Wrong input: Collection `c` already exists!"), described(row.vectors)}));
  const auto reply = carryOut(rig, row.request);
  CHECK(rig.record->lines() == Lines{"PUT /collections/c", "GET /collections/c"});
  CHECK(reply.requests == 2);
  CHECK_FALSE(reply.verdict.maybeApplied);
  if (row.agrees) {
    CHECK(reply.verdict.kind == Kind::completed);
    CHECK_FALSE(std::get<bool>(reply.answer));
  } else {
    CHECK(reply.verdict.kind == Kind::fatal);
    CHECK(reply.verdict.error.code() == Errc::collectionMismatch);
    CHECK(reply.verdict.error.serverMessage() == "Wrong input: Collection `c` already exists!");
    CHECK(hasPart(reply.verdict.error.message(), "collection `c` exists with other vectors"));
  }
}

TEST_CASE("a 409 of a collection that is not there keeps its own words") {
  RestRig rig(inOrder({refusal(409, "Wrong input: Alias `c` exists"), noCollection()}));
  const auto reply = carryOut(rig, creating());
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.httpStatus() == 409);
  CHECK(hasPart(reply.verdict.error.message(), "Alias `c` exists"));
}

TEST_CASE("a refused create stops, and one without answer may have been applied") {
  RestRig rig(inOrder({refusal(400, "Format error in JSON body: bad"), refusal(500, "broken"), answer(200, "{")}));
  const auto refused = carryOut(rig, creating());
  CHECK(refused.verdict.kind == Kind::fatal);
  CHECK_FALSE(refused.verdict.maybeApplied);
  for (int i = 0; i < 2; ++i) {
    const auto lost = carryOut(rig, creating());
    CHECK(lost.verdict.kind == Kind::unavailable);
    CHECK(lost.verdict.maybeApplied);
  }
}

TEST_CASE("a drop says whether there was something") {
  RestRig rig(inOrder({resultOf("true"), resultOf("false"), noCollection(), answer(401, "no key")}));
  CHECK(std::get<bool>(carryOut(rig, DropCollection{"c"}).answer));
  CHECK_FALSE(std::get<bool>(carryOut(rig, DropCollection{"c"}).answer));
  const auto absent = carryOut(rig, DropCollection{"c"});
  CHECK(absent.verdict.kind == Kind::completed);
  CHECK_FALSE(std::get<bool>(absent.answer));
  CHECK(carryOut(rig, DropCollection{"c"}).verdict.error.code() == Errc::unauthorized);
  CHECK(rig.record->lines() == Lines(4, "DELETE /collections/c"));
}

TEST_CASE("a list is by name, with aliases, without what was dropped meanwhile") {
  RestRig rig([](const http::Request& request) {
    const auto path = request.url.substr(std::string("http://localhost:6333").size());
    if (path == "/collections") return resultOf(R"({"collections":[{"name":"b"},{"name":"gone"},{"name":"a"}]})");
    if (path == "/aliases")
      return resultOf(R"({"aliases":[{"alias_name":"prod","collection_name":"b"},{"alias_name":"old","collection_name":"b"}]})");
    if (path == "/collections/gone") return noCollection();
    return described(path == "/collections/a" ? cosine4 : two);
  });
  const auto reply = carryOut(rig, ListCollections{});
  REQUIRE(reply.verdict.kind == Kind::completed);
  const auto& infos = std::get<std::vector<CollectionInfo>>(reply.answer);
  REQUIRE(infos.size() == 2);
  CHECK(infos[0].name == "a");
  CHECK(infos[0].dimension == 4);
  CHECK(infos[0].aliases.empty());
  CHECK(infos[1].name == "b");
  CHECK(infos[1].aliases == std::vector<std::string>{"prod", "old"});
  CHECK(reply.requests == 5);
}

TEST_CASE("a list whose parts cannot be had is none") {
  const auto bad = refusal(503, "no leader");
  const int step = GENERATE(0, 1, 2);
  RestRig rig(
      inOrder({step == 0 ? bad : resultOf(R"({"collections":[{"name":"b"}]})"), step == 1 ? bad : resultOf(R"({"aliases":[]})"), bad}));
  const auto reply = carryOut(rig, ListCollections{});
  CHECK(reply.verdict.kind == Kind::unavailable);
  CHECK(reply.requests == static_cast<std::size_t>(step) + 1);
}

TEST_CASE("no collections are an empty list") {
  RestRig rig(inOrder({resultOf(R"({"collections":[]})"), resultOf(R"({"aliases":[]})")}));
  CHECK(std::get<std::vector<CollectionInfo>>(carryOut(rig, ListCollections{}).answer).empty());
}

TEST_CASE("an alias is set in one step, and what was known under its name forgotten") {
  RestRig rig(inOrder({resultOf("true"), noCollection(), refusal(400, "Format error")}));
  const auto now = std::chrono::steady_clock::now();
  rig.stage->facts.learnCollection("prod", {}, now);
  CHECK(std::get<bool>(carryOut(rig, SetAlias{"prod", "c"}).answer));
  CHECK_FALSE(rig.stage->facts.collection("prod", now));
  CHECK(rig.record->lines() == Lines{"POST /collections/aliases"});
  CHECK(rig.record->all()[0].body ==
        R"({"actions":[{"delete_alias":{"alias_name":"prod"}},{"create_alias":{"collection_name":"c","alias_name":"prod"}}]})");
  CHECK(carryOut(rig, SetAlias{"prod", "c"}).verdict.error.code() == Errc::collectionNotFound);
  CHECK(carryOut(rig, SetAlias{"prod", "c"}).verdict.kind == Kind::fatal);
}
