#include "codec/encode_requests.hpp"

#include <string>
#include <vector>

#include "codec/json_check.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::codec;

namespace {

const PointId uuid = PointId::parse("123e4567-e89b-12d3-a456-426614174000");

/// What `append` appends, which must be valid JSON without white space.
template <class Append>
std::string text(Append append) {
  std::string out = "x";
  append(out);
  REQUIRE(out.front() == 'x');
  out.erase(0, 1);
  CHECK(checkJson(out) == out);
  return out;
}

std::string retrieve(const PayloadChoice& choice, bool withVector = false, std::string_view name = "", std::string_view shardKey = "") {
  const std::vector<PointId> ids = {PointId(7), uuid};
  return text([&](std::string& out) { appendRetrieve(out, ids, choice, withVector, name, shardKey); });
}

std::string query(const QueryPoints& request, std::string_view shardKey = "") {
  return text([&](std::string& out) { appendQueryBatch(out, request, shardKey); });
}

std::string scroll(const ScrollPoints& request, std::string_view shardKey = "") {
  return text([&](std::string& out) { appendScroll(out, request, shardKey); });
}

std::string create(const CollectionInfo& info) {
  return text([&](std::string& out) { appendCreateCollection(out, info); });
}

std::string batch(const std::vector<BatchOperation>& operations, std::string_view shardKey = "") {
  return text([&](std::string& out) { appendBatch(out, operations, shardKey); });
}

}  // namespace

TEST_CASE("a retrieve says which payload and vector it wants") {
  const std::string ids = R"({"ids":[7,"123e4567-e89b-12d3-a456-426614174000"],)";
  CHECK(retrieve({}) == ids + R"("with_payload":false,"with_vector":false})");
  CHECK(retrieve({PayloadChoice::Kind::all, {}}, true) == ids + R"("with_payload":true,"with_vector":true})");
  CHECK(retrieve({PayloadChoice::Kind::only, {"a", "b\"c"}}, true, "code") ==
        ids + R"("with_payload":["a","b\"c"],"with_vector":["code"]})");
  CHECK(retrieve({PayloadChoice::Kind::only, {}}, false, "code") == ids + R"("with_payload":[],"with_vector":false})");
  CHECK(retrieve({PayloadChoice::Kind::allBut, {"code"}}, false, "", "north") ==
        ids + R"("with_payload":{"exclude":["code"]},"with_vector":false,"shard_key":"north"})");
  CHECK(text([](std::string& out) { appendRetrieve(out, {}, {}, false, "", ""); }) ==
        R"({"ids":[],"with_payload":false,"with_vector":false})");
}

TEST_CASE("a query batch has one search for each vector") {
  const std::vector<float> first = {0.5F, 1}, second = {-2};
  const std::vector<std::span<const float>> vectors = {first, second};
  CHECK(query({.vectors = vectors}) ==
        R"({"searches":[{"query":[0.5,1],"limit":10,"with_payload":true},{"query":[-2],"limit":10,"with_payload":true}]})");
  QueryPoints request;
  request.vectorName = "code";
  request.vectors = {vectors.data(), 1};
  request.limit = 3;
  request.offset = 6;
  request.filter = R"({"must":[]})";
  request.minScore = 0.25F;
  request.exact = true;
  CHECK(query(request, "s") == R"({"searches":[{"query":[0.5,1],"using":"code","limit":3,"offset":6,"filter":{"must":[]},)"
                               R"("score_threshold":0.25,"params":{"exact":true},"with_payload":true,"shard_key":"s"}]})");
  request = {};
  request.vectors = {vectors.data() + 1, 1};
  request.minScore = -1e-7F;
  request.exact = false;
  CHECK(query(request) ==
        R"({"searches":[{"query":[-2],"limit":10,"score_threshold":-1e-7,"params":{"exact":false},"with_payload":true}]})");
  CHECK(query({}) == R"({"searches":[]})");
}

TEST_CASE("a scroll") {
  CHECK(scroll({}) == R"({"limit":1000,"with_payload":false,"with_vector":false})");
  ScrollPoints request;
  request.limit = 5;
  request.from = uuid;
  request.filter = R"({"should":[]})";
  request.vectorName = "code";
  request.withPayload = request.withVector = true;
  CHECK(scroll(request, "s") == R"({"limit":5,"offset":"123e4567-e89b-12d3-a456-426614174000","filter":{"should":[]},)"
                                R"("with_payload":true,"with_vector":["code"],"shard_key":"s"})");
}

TEST_CASE("a page can have some members of payloads only") {
  ScrollPoints request;
  request.limit = 5;
  request.from = PointId(7);
  request.withPayload = true;
  CHECK(text([&](std::string& out) {
          appendScroll(out, request, {PayloadChoice::Kind::allBut, {"a", "b"}}, "eu");
        }) == R"({"limit":5,"offset":7,"with_payload":{"exclude":["a","b"]},"with_vector":false,"shard_key":"eu"})");
}

TEST_CASE("counting and deleting") {
  const std::vector<PointId> ids = {uuid, PointId(0)};
  CHECK(text([](std::string& out) { appendCount(out, "", ""); }) == R"({"exact":true})");
  CHECK(text([](std::string& out) { appendCount(out, R"({"must":[]})", "s"); }) ==
        R"({"exact":true,"filter":{"must":[]},"shard_key":"s"})");
  CHECK(text([&](std::string& out) { appendDelete(out, ids, ""); }) == R"({"points":["123e4567-e89b-12d3-a456-426614174000",0]})");
  CHECK(text([&](std::string& out) { appendDelete(out, ids, "s"); }) ==
        R"({"points":["123e4567-e89b-12d3-a456-426614174000",0],"shard_key":"s"})");
}

TEST_CASE("creating collections and moving aliases") {
  CollectionInfo info;
  info.name = "not in the body";
  info.dimension = 384;
  CHECK(create(info) == R"({"vectors":{"size":384,"distance":"Cosine"}})");
  info.vectorName = "ü\"";
  info.distance = Distance::manhattan;
  info.embedder = "hashing:384";
  CHECK(create(info) == R"({"vectors":{"ü\"":{"size":384,"distance":"Manhattan"}},"metadata":{"qbatch_embedder":"hashing:384"}})");
  CHECK(text([](std::string& out) { appendSetAlias(out, "prod", "a\"2"); }) ==
        R"({"actions":[{"delete_alias":{"alias_name":"prod"}},{"create_alias":{"collection_name":"a\"2","alias_name":"prod"}}]})");
}

TEST_CASE("a batch of operations") {
  const SetPayload set{R"({"usage_count":3,"gone":null})", R"({"must":[{"has_id":[1]}]})"};
  const DeletePayload remove{{"_qbatch_W", "b"}, R"({"must":[]})"};
  CHECK(batch({set, remove}) ==
        R"({"operations":[{"set_payload":{"payload":{"usage_count":3,"gone":null},"filter":{"must":[{"has_id":[1]}]}}},)"
        R"({"delete_payload":{"keys":["_qbatch_W","b"],"filter":{"must":[]}}}]})");
  CHECK(batch({set}, "s") == R"({"operations":[{"set_payload":{"payload":{"usage_count":3,"gone":null},"filter":{"must":[{"has_id":[1]}]},)"
                             R"("shard_key":"s"}}]})");
  CHECK(batch({}) == R"({"operations":[]})");
}
