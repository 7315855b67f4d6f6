#include "serve/collection_settings.hpp"

#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/scratch_folder.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using qbatch::test::contains;
using qbatch::test::refused;
using qbatch::test::ServeAsked;

namespace {

local::CollectionConfig configOf(const std::string& json) {
  auto config = local::CollectionConfig::parse("c", std::string_view(json));
  normalizeSettings(config);
  return config;
}
std::string setting(const local::CollectionConfig& config, std::string_view name) {
  const std::string* text = config.settings.find(name);
  return text == nullptr ? "absent" : *text;
}
local::CollectionConfig changed(const std::string& json, const std::string& change) {
  auto config = configOf(json);
  const Body body(change);
  changeSettings(config, body.root());
  return config;
}
std::string refusal(const std::string& json) {
  const Body body(json);
  return refused([&] { validateSettings(objectOf(body.root())); });
}
const std::string dense = R"("vectors":{"size":2,"distance":"Dot"})";

}  // namespace

TEST_CASE("settings out of range are refused by name") {
  const auto at = [](const std::string& problem) { return "422 Validation error in JSON body: [" + problem + "]"; };
  CHECK(refusal(R"({"hnsw_config":{"ef_construct":3}})") == at("hnsw_config.ef_construct: value 3 invalid, must be 4 or larger"));
  CHECK(refusal(R"({"hnsw_config":{"ef_construct":4,"m":0,"full_scan_threshold":10}})") == "not refused");
  CHECK(refusal(R"({"optimizers_config":{"deleted_threshold":1.5}})") ==
        at("optimizers_config.deleted_threshold: value 1.5 invalid, must be from 0.0 to 1.0"));
  CHECK(refusal(R"({"wal_config":{"wal_capacity_mb":0}})") == at("wal_config.wal_capacity_mb: value 0 invalid, must be 1 or larger"));
  CHECK(refusal(R"({"shard_number":0})") == at("shard_number: value 0 invalid, must be 1 or larger"));
  CHECK_THAT(refusal(R"({"vectors":{"size":2,"distance":"Dot","hnsw_config":{"ef_construct":1}}})"),
             contains("vectors.hnsw_config.ef_construct"));
  CHECK_THAT(refusal(R"({"vectors":{"a":{"size":2,"distance":"Dot","hnsw_config":{"ef_construct":1}}}})"),
             contains("vectors.a.hnsw_config.ef_construct"));
  CHECK(refusal(R"({"hnsw_config":{"m":"x"}})").starts_with("400"));
  CHECK(refusal(R"({"hnsw_config":[]})").starts_with("400"));
  CHECK_THAT(refusal(R"({"strict_mode_config":{"enabled":true}})"), contains("strict mode"));
  CHECK(refusal(R"({"strict_mode_config":{"enabled":false}})") == "not refused");
}

TEST_CASE("what is kept has no nulls and only what the API knows") {
  const auto config = configOf(
      R"({"vectors":{"a":{"size":2,"distance":"Dot","on_disk":null,"nonsense":1}},"unknown":5,"hnsw_config":{"m":8,"on_disk":null},)"
      R"("metadata":{"kept":null,"a":1},"shard_number":null})");
  CHECK(setting(config, "vectors") == R"({"a":{"size":2,"distance":"Dot"}})");
  CHECK(setting(config, "unknown") == "absent");
  CHECK(setting(config, "hnsw_config") == R"({"m":8})");
  CHECK(setting(config, "metadata") == R"({"kept":null,"a":1})");
  CHECK(setting(config, "shard_number") == "absent");
}

TEST_CASE("changes go over what was set, member by member") {
  const std::string made = "{" + dense + R"(,"hnsw_config":{"m":8,"ef_construct":50},"metadata":{"a":1,"b":{"c":2}}})";
  CHECK(setting(changed(made, R"({"hnsw_config":{"m":9,"on_disk":null}})"), "hnsw_config") == R"({"m":9,"ef_construct":50})");
  CHECK(setting(changed(made, R"({"optimizers_config":{"indexing_threshold":7}})"), "optimizers_config") == R"({"indexing_threshold":7})");
  CHECK(setting(changed(made, R"({"metadata":{"a":null,"b":{"d":3},"e":[1]}})"), "metadata") == R"({"b":{"d":3},"e":[1]})");
  CHECK(setting(changed(made, R"({"vectors":{"":{"hnsw_config":{"m":4},"on_disk":true,"size":99}}})"), "vectors") ==
        R"({"size":2,"distance":"Dot","hnsw_config":{"m":4},"on_disk":true})");
  CHECK(setting(changed(made, R"({"params":{"replication_factor":2,"on_disk_payload":false}})"), "replication_factor") == "2");
}

TEST_CASE("a quantization is replaced or disabled as a whole") {
  const std::string made = "{" + dense + R"(,"quantization_config":{"scalar":{"type":"int8","always_ram":true}}})";
  CHECK(setting(changed(made, R"({"quantization_config":{"binary":{}}})"), "quantization_config") == R"({"binary":{}})");
  CHECK(setting(changed(made, R"({"quantization_config":"Disabled"})"), "quantization_config") == "absent");
  CHECK(setting(changed(made, R"({"quantization_config":null})"), "quantization_config") != "absent");
}

TEST_CASE("a vector may be named size") {
  const std::string vectors = R"({"size":{"size":2,"distance":"Dot"},"other":{"size":3,"distance":"Dot"}})";
  CHECK(setting(configOf(R"({"vectors":)" + vectors + "}"), "vectors") == vectors);
  const auto config = changed(R"({"vectors":)" + vectors + "}", R"({"vectors":{"size":{"on_disk":true}}})");
  CHECK(setting(config, "vectors") == R"({"size":{"size":2,"distance":"Dot","on_disk":true},"other":{"size":3,"distance":"Dot"}})");
  CHECK_THAT(refusal(R"({"vectors":{"size":{"size":2,"distance":"Dot","hnsw_config":{"ef_construct":1}}}})"),
             contains("vectors.size.hnsw_config.ef_construct"));
}

TEST_CASE("the description shows what was set over the usual values") {
  const std::string shown = shownSettings(configOf("{" + dense + R"(,"hnsw_config":{"m":8},"metadata":{"a":null}})"));
  CHECK_THAT(shown, contains(R"("params":{"vectors":{"size":2,"distance":"Dot"},"shard_number":1,)"));
  CHECK_THAT(shown, contains(R"("hnsw_config":{"m":8,"ef_construct":100,)"));
  CHECK_THAT(shown, contains(R"("optimizer_config":{"deleted_threshold":0.2,)"));
  CHECK_THAT(shown, contains(R"("quantization_config":null)"));
  CHECK_THAT(shown, contains(R"("metadata":{"a":null}})"));
  CHECK_THAT(shownSettings(configOf("{}")), contains(R"("params":{"vectors":{},)"));
}

TEST_CASE("changes that make no sense are refused, and whatever is taken, the file can be opened again") {
  const qbatch::test::ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
  const std::string vectors = R"({"d":{"size":2,"distance":"Dot"}},"sparse_vectors":{"s":{}})";
  ServeAsked(file).makeCollection(vectors);
  const std::vector<std::pair<int, std::string>> changes{{400, R"({"vectors":{"d":5}})"},
                                                         {400, R"({"vectors":{"d":null}})"},
                                                         {400, R"({"vectors":{"x":{}}})"},
                                                         {400, R"({"vectors":[]})"},
                                                         {400, R"({"sparse_vectors":{"s":5}})"},
                                                         {400, R"({"sparse_vectors":{"d":{}}})"},
                                                         {400, R"({"vectors":{"d":{"quantization_config":[]}}})"},
                                                         {400, R"({"quantization_config":5})"},
                                                         {400, R"({"quantization_config":"Other"})"},
                                                         {400, R"({"vectors":{"d":{"quantization_config":7}}})"},
                                                         {400, R"({"hnsw_config":5})"},
                                                         {400, R"({"strict_mode_config":5})"},
                                                         {400, R"({"metadata":5})"},
                                                         {400, R"({"params":5})"},
                                                         {400, "[]"},
                                                         {400, R"({"params":{"replication_factor":0}})"},
                                                         {200, R"({"params":{"vectors":{},"sparse_vectors":5,"metadata":5}})"},
                                                         {200, R"({"sparse_vectors":{"s":{"index":{"on_disk":true}}}})"},
                                                         {200, R"({"vectors":{"d":{"hnsw_config":{"m":3}}},"metadata":{"a":1}})"},
                                                         {200, "{}"}};
  for (const auto& [status, change] : changes) {
    CAPTURE(change);
    std::string before;
    {
      ServeAsked asked(file);
      CHECK(asked("PATCH /collections/c", change) == status);
      before = asked.answer("GET /collections/c");
      CHECK_THAT(before, contains(R"("vectors":{"d":{"size":2,"distance":"Dot")"));
    }
    CHECK(ServeAsked(file).answer("GET /collections/c") == before);
  }
}
