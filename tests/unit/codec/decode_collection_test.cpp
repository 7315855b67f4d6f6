#include "codec/decode_collection.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::codec;
using qbatch::test::contains;

namespace {

CollectionDescription described(std::string body) { return decodeCollection(body); }

/// The description of a collection with these parameters, and `more` behind them in its configuration.
CollectionDescription configured(const std::string& parameters, const std::string& more = "") {
  return described(R"({"result":{"status":"green","points_count":5,"config":{"params":{)" + parameters + "}" + more + "}}}");
}

}  // namespace

// Shaped after the schema CollectionInfo of Qdrant 1.18.3's API description.
TEST_CASE("a collection with one unnamed vector") {
  const auto found = described(
      R"({"result":{"status":"green","optimizer_status":"ok","indexed_vectors_count":0,"points_count":1234,"segments_count":2,"config":{"params":)"
      R"({"vectors":{"size":384,"distance":"Cosine","hnsw_config":{"m":16},"on_disk":true},"shard_number":1,"replication_factor":2,)"
      R"("write_consistency_factor":1,"on_disk_payload":true},"hnsw_config":{"m":16,"ef_construct":100},"optimizer_config":{"flush_interval_sec":5},)"
      R"("wal_config":null,"quantization_config":null,"strict_mode_config":{"enabled":true,"upsert_max_batchsize":500,"max_query_limit":null},)"
      R"("metadata":{"owner":{"a":1},"qbatch_embedder":"hashing:384"}},"payload_schema":{"language":{"data_type":"keyword","points":3}}},)"
      R"("status":"ok","time":0.0001})");
  REQUIRE(found.vectors.size() == 1);
  CHECK(found.vectors[0].name.empty());
  CHECK(found.vectors[0].dimension == 384);
  CHECK(found.vectors[0].distance == Distance::cosine);
  CHECK_FALSE(found.vectors[0].multi);
  CHECK(found.embedder == "hashing:384");
  CHECK(found.points == 1234);
  CHECK(found.replicationFactor == 2);
  CHECK_FALSE(found.customSharding);
  CHECK(found.limits == CollectionLimits{500, 0, 0, true});
}

TEST_CASE("a collection with named vectors") {
  const auto found = configured(
      R"("vectors":{"size":{"distance":"Dot","size":3},"code":{"size":2,"distance":"Euclid","multivector_config":{"comparator":"max_sim"}},)"
      R"("distance":{"size":4,"distance":"Manhattan","multivector_config":null}},"sharding_method":"custom","sparse_vectors":{"words":{}})");
  REQUIRE(found.vectors.size() == 3);
  CHECK(found.vectors[0].name == "size");
  CHECK(found.vectors[0].dimension == 3);
  CHECK(found.vectors[0].distance == Distance::dot);
  CHECK(found.vectors[1].name == "code");
  CHECK(found.vectors[1].multi);
  CHECK(found.vectors[1].distance == Distance::euclid);
  CHECK(found.vectors[2].name == "distance");
  CHECK_FALSE(found.vectors[2].multi);
  CHECK(found.vectors[2].distance == Distance::manhattan);
  CHECK(found.customSharding);
  CHECK(found.points == 5);
}

TEST_CASE("an unnamed multivector is known by its configuration") {
  const auto found = configured(R"("vectors":{"multivector_config":{"comparator":"max_sim"},"size":8,"distance":"Cosine"})");
  REQUIRE(found.vectors.size() == 1);
  CHECK(found.vectors[0].multi);
  CHECK(found.vectors[0].dimension == 8);
}

TEST_CASE("what a collection need not say") {
  for (const char* parameters : {"", R"("vectors":{})", R"("vectors":null,"replication_factor":null,"sharding_method":null)"}) {
    CAPTURE(parameters);
    const auto found = configured(parameters, R"(,"metadata":null,"strict_mode_config":null)");
    CHECK(found.vectors.empty());
    CHECK(found.embedder.empty());
    CHECK(found.replicationFactor == 1);
    CHECK_FALSE(found.customSharding);
    CHECK(found.limits == CollectionLimits());
  }
  CHECK(described(R"({"result":{"config":{"params":{}},"points_count":null}})").points == 0);
  CHECK(described(R"({"result":{"config":{"params":{}}}})").points == 0);
  CHECK_FALSE(configured(R"("sharding_method":"auto")").customSharding);
  CHECK(configured("", R"(,"metadata":{"qbatch_embedder":7})").embedder.empty());
}

TEST_CASE("limits of strict mode count where it is on") {
  const std::string all = R"("upsert_max_batchsize":5,"search_max_batchsize":6,"max_query_limit":7,"search_allow_exact":false)";
  const auto limits = [](const std::string& strict) { return configured("", R"(,"strict_mode_config":{)" + strict + "}").limits; };
  CHECK(limits(all + R"(,"enabled":true)") == CollectionLimits{5, 6, 7, false});
  CHECK(limits(R"("enabled":true,)" + all) == CollectionLimits{5, 6, 7, false});
  CHECK(limits(all + R"(,"enabled":false)") == CollectionLimits());
  CHECK(limits(all + R"(,"enabled":null)") == CollectionLimits());
  CHECK(limits(all) == CollectionLimits());
  CHECK(limits(R"("enabled":true,"search_allow_exact":true,"filter_max_conditions":3,"condition_max_size":9,"read_rate_limit":1)") ==
        CollectionLimits());
  CHECK(limits(
            R"("enabled":true,"upsert_max_batchsize":null,"search_max_batchsize":null,"max_query_limit":null,"search_allow_exact":null)") ==
        CollectionLimits());
  CHECK_THROWS_WITH(limits(R"("enabled":true,"max_query_limit":"many")"), contains("strict_mode_config"));
}

TEST_CASE("what is no description of a collection is refused") {
  CHECK_THROWS_WITH(described(R"({"result":{"points_count":1}})"), contains("`result.config.params` is missing"));
  CHECK_THROWS_WITH(described(R"({"result":{"config":{}}})"), contains("`result.config.params` is missing"));
  CHECK_THROWS_WITH(described(R"({"result":true})"), contains("`result` is not an object"));
  CHECK_THROWS_WITH(configured(R"("vectors":{"size":3})"), contains("without a distance"));
  CHECK_THROWS_WITH(configured(R"("vectors":{"distance":"Dot"})"), contains("without a size"));
  CHECK_THROWS_WITH(configured(R"("vectors":{"a":{"distance":"Dot"}})"), contains("without a size"));
  CHECK_THROWS_WITH(configured(R"("vectors":{"size":3,"distance":"Taxi"})"), contains("not one of Cosine"));
  CHECK_THROWS_WITH(configured(R"("vectors":{"size":-3,"distance":"Dot"})"), contains("unsigned"));
  CHECK_THROWS_WITH(configured(R"("replication_factor":"two")"), contains("replication_factor"));
  CHECK_THROWS_WITH(configured(R"("vectors":[1])"), contains("vectors"));
}

// Cases "collections", step 8, and "aliases", step 8, of answers recorded from a Qdrant 1.18.3 server.
TEST_CASE("names of collections and aliases") {
  std::string collections = R"({"result":{"collections":[{"name":"c1"},{"name":"c2"},{"name":"c3"}]},"status":"ok"})";
  CHECK(decodeCollectionNames(collections) == std::vector<std::string>{"c1", "c2", "c3"});
  std::string none = R"({"result":{"collections":[]}})";
  CHECK(decodeCollectionNames(none).empty());
  std::string aliases =
      R"({"result":{"aliases":[{"alias_name":"prod","collection_name":"a2"},{"collection_name":"\u00fc","alias_name":""}]}})";
  CHECK(decodeAliases(aliases) == std::vector<std::pair<std::string, std::string>>{{"prod", "a2"}, {"", "ü"}});
  for (std::string bad :
       {R"({"result":{}})", R"({"result":{"collections":[{}],"aliases":[{}]}})", R"({"result":{"collections":[7],"aliases":[7]}})",
        R"({"result":{"collections":[{"name":1}],"aliases":[{"alias_name":"x"}]}})", R"({"result":[]})"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(decodeCollectionNames(bad), DecodeError);
    CHECK_THROWS_AS(decodeAliases(bad), DecodeError);
  }
}
