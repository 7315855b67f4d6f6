#include "local/collection_config.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
std::string refusalOf(const std::string& body) {
  try {
    static_cast<void>(CollectionConfig::parse("c", body));
  } catch (const RequestError& error) {
    return std::to_string(error.error().httpStatus()) + " " + error.error().serverMessage();
  }
  return "none";
}
bool refuses(const std::string& body, const std::string& words) { return refusalOf(body).find(words) != std::string::npos; }
}  // namespace

TEST_CASE("a body describes one vector, several, sparse ones, or none") {
  const auto one = CollectionConfig::parse("c", R"({"vectors":{"size":4,"distance":"Cosine","on_disk":true}})");
  REQUIRE(one.layout.dense.size() == 1);
  CHECK(one.layout.dense[0] == DenseParams{"", 4, Distance::cosine});
  const auto several = CollectionConfig::parse("c", R"({"vectors":{"b":{"size":2,"distance":"Dot"},"a":{"size":1,"distance":"Manhattan"}},
                                                        "sparse_vectors":{"words":{}}})");
  CHECK(several.layout.denseColumn("a").has_value());
  CHECK(several.layout.sparse == std::vector<std::string>{"words"});
  CHECK(CollectionConfig::parse("c", "{}").layout.dense.empty());
}

TEST_CASE("what cannot be kept is refused with the server's words, or with its name") {
  CHECK(refuses("[]", "400 Format error in JSON body"));
  CHECK(refuses(R"({"vectors":{"size":0,"distance":"Dot"}})", "untagged enum VectorsConfig"));
  CHECK(refuses(R"({"vectors":{"size":1,"distance":"dot"}})", "untagged enum VectorsConfig"));
  CHECK(refuses(R"({"vectors":{"a":{"size":1}}})", "untagged enum VectorsConfig"));
  CHECK(refuses(R"({"vectors":7})", "untagged enum VectorsConfig"));
  CHECK(refuses(R"({"vectors":{"size":65537,"distance":"Dot"}})", "422"));
  CHECK(refuses(R"({"vectors":{"size":1,"distance":"Dot","multivector_config":{"comparator":"max_sim"}}})", "multivector_config"));
  CHECK(refuses(R"({"vectors":{"size":1,"distance":"Dot","datatype":"uint8"}})", "datatype"));
  CHECK(refusalOf(R"({"vectors":{"size":1,"distance":"Dot","datatype":"float32"}})") == "none");
  CHECK(refuses(R"({"vectors":{"a":{"size":1,"distance":"Dot"}},"sparse_vectors":{"a":{}}})", "must be unique"));
  CHECK(refuses(R"({"vectors":{},"init_from":{"collection":"d"}})", "init_from"));
  CHECK(refuses(R"({"hnsw_config":3})", "hnsw_config"));
}

TEST_CASE("its text says all of it") {
  auto config = CollectionConfig::parse(
      "c", R"({"vectors":{"code":{"size":3,"distance":"Euclid"}},"sparse_vectors":{"s":{}},"metadata":{"qbatch_embedder":"e\n1"}})");
  config.payloadSchema = {{"a.b", "\"keyword\""}, {"t", R"({"type":"text"})"}};
  const auto back = CollectionConfig::fromText("c", config.text());
  CHECK(back.name == "c");
  CHECK(back.layout.dense == config.layout.dense);
  CHECK(back.layout.sparse == config.layout.sparse);
  CHECK(back.payloadSchema == config.payloadSchema);
  CHECK(back.settings.text() == config.settings.text());
  CHECK_THROWS_AS(CollectionConfig::fromText("c", "{}"), ParseError);
  CHECK_THROWS_AS(CollectionConfig::fromText("c", "x"), ParseError);
}

TEST_CASE("seen from one of its vectors") {
  const auto config = CollectionConfig::parse(
      "c", R"({"vectors":{"a":{"size":3,"distance":"Euclid"},"b":{"size":5,"distance":"Dot"}},"metadata":{"qbatch_embedder":"e1"}})");
  const CollectionInfo info = config.info("b");
  CHECK(info.name == "c");
  CHECK(info.vectorName == "b");
  CHECK(info.dimension == 5);
  CHECK(info.distance == Distance::dot);
  CHECK(info.embedder == "e1");
  CHECK(config.info("none").vectorName == "a");
  const auto made = CollectionConfig::of(info);
  CHECK(made.layout.dense == std::vector<DenseParams>{{"b", 5, Distance::dot}});
  CHECK(made.info("b").embedder == "e1");
}
