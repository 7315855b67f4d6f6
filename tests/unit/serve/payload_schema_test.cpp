#include "serve/payload_schema.hpp"

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

FieldSchema fieldOf(const std::string& json) {
  const Body body(json);
  return readField(body.root());
}
std::string refusal(const std::string& json) {
  return refused([&] { static_cast<void>(fieldOf(json)); });
}
void index(ServeAsked& asked, const std::string& field, const std::string& schema) {
  const int status = asked("PUT /collections/c/index?wait=true", R"({"field_name":")" + field + R"(","field_schema":)" + schema + "}");
  INFO(asked.body);
  REQUIRE(status == 200);
}
/// The member `payload_schema` of the description.
std::string schemaOf(ServeAsked& asked) {
  const std::string all = asked.answer("GET /collections/c");
  const auto begin = all.find("\"payload_schema\":") + 17, end = all.find(",\"update_queue\"");
  return all.substr(begin, end - begin);
}
const std::string three = R"([{"id":1,"vector":{},"payload":{"k":"a","n":1}},{"id":2,"vector":{},"payload":{"k":["b",5],"n":[1,2.0]}},)"
                          R"({"id":3,"vector":{},"payload":{"k":7,"n":1.5,"t":"some words"}}])";

}  // namespace

TEST_CASE("an index is described by a path and a kind") {
  CHECK(fieldOf(R"({"field_name":"a.b[].c","field_schema":"keyword"})").field == "a.b[].c");
  CHECK(fieldOf(R"({"field_name":"a","field_schema":{"type":"integer", "lookup":true}})").schema == R"({"type":"integer","lookup":true})");
  CHECK_THAT(refusal(R"({"field_name":"a..b","field_schema":"keyword"})"), contains("Invalid json path"));
  CHECK_THAT(refusal(R"({"field_schema":"keyword"})"), contains("missing field `field_name`"));
  CHECK_THAT(refusal(R"({"field_name":"a"})"), contains("Please specify `field_schema`"));
  for (const char* schema : {R"("none")", "5", "{}", R"({"type":"none"})", "[]"})
    CHECK_THAT(refusal(R"({"field_name":"a","field_schema":)" + std::string(schema) + "}"), contains("untagged enum PayloadFieldSchema"));
}

TEST_CASE("indexes are shown with their points, which follow every write") {
  ServeAsked asked;
  asked.makeCollection();
  CHECK(schemaOf(asked) == "{}");
  index(asked, "k", R"("keyword")");
  asked.store(three);
  index(asked, "n", R"({"type":"integer","range":true})");
  CHECK(schemaOf(asked) ==
        R"({"k":{"data_type":"keyword","points":2},"n":{"data_type":"integer","params":{"type":"integer","range":true},"points":2}})");
  asked("POST /collections/c/points/payload?wait=true", R"({"payload":{"k":"c"},"points":[3]})");
  asked("POST /collections/c/points/delete?wait=true", R"({"points":[1]})");
  asked("POST /collections/c/points/payload/clear?wait=true", R"({"points":[2]})");
  CHECK_THAT(schemaOf(asked), contains(R"("k":{"data_type":"keyword","points":1})"));
  CHECK_THAT(schemaOf(asked), contains(R"("points":0}})"));
}

TEST_CASE("indexes are replaced and dropped") {
  ServeAsked asked;
  asked.makeCollection();
  asked.store(three);
  index(asked, "k", R"("keyword")");
  index(asked, "k", R"("integer")");
  CHECK(schemaOf(asked) == R"({"k":{"data_type":"integer","points":2}})");
  CHECK(asked.answer("DELETE /collections/c/index/none?wait=true").find("completed") != std::string::npos);
  CHECK(asked.answer("DELETE /collections/c/index/k?wait=true").find("completed") != std::string::npos);
  CHECK(schemaOf(asked) == "{}");
  CHECK(asked.answer("POST /collections/c/facet", R"({"key":"k"})").starts_with("400"));
  CHECK(asked.answer("DELETE /collections/c/index/a..b?wait=true").starts_with("400"));
  CHECK(asked.answer("DELETE /collections/none/index/k?wait=true").starts_with("404"));
  CHECK(asked.answer("PUT /collections/none/index", R"({"field_name":"a","field_schema":"keyword"})").starts_with("404"));
}

TEST_CASE("an index of texts makes their match one of words") {
  ServeAsked asked;
  asked.makeCollection();
  asked.store(three);
  const std::string words = R"({"filter":{"must":[{"key":"t","match":{"text":"words some"}}]}})";
  CHECK(asked.answer("POST /collections/c/points/count", words) == R"({"count":0})");
  index(asked, "t", R"("text")");
  CHECK(asked.answer("POST /collections/c/points/count", words) == R"({"count":1})");
  local::CollectionConfig config;
  config.payloadSchema = {{"t", R"("text")"}, {"u", R"({"type":"text","lowercase":true,"max_token_len":9})"}, {"k", R"("keyword")"}};
  const auto fields = textFields(config);
  REQUIRE(fields.size() == 2);
  CHECK(fields.at("t").shortest == 0);
  CHECK(fields.at("u").longest == 9);
}

TEST_CASE("indexes are right again when a file is opened again") {
  const qbatch::test::ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
  std::string schema, facets;
  const std::string facet = "POST /collections/c/facet", key = R"({"key":"k"})";
  {
    ServeAsked asked(file);
    asked.makeCollection();
    index(asked, "k", R"("keyword")");
    asked.store(three);
    index(asked, "t", R"({"type":"text"})");
    index(asked, "a.b", R"("uuid")");
    index(asked, "gone", R"("bool")");
    asked("DELETE /collections/c/index/gone?wait=true");
    schema = schemaOf(asked);
    facets = asked.answer(facet, key);
    CHECK(facets == R"({"hits":[{"value":"a","count":1},{"value":"b","count":1}]})");
  }
  ServeAsked again(file);
  CHECK(schemaOf(again) == schema);
  CHECK(again.answer(facet, key) == facets);
  CHECK(again.answer("POST /collections/c/points/count", R"({"filter":{"must":{"key":"k","match":{"value":"b"}}}})") == R"({"count":1})");
  again.store(R"([{"id":9,"vector":{},"payload":{"k":"b"}}])");
  CHECK_THAT(again.answer(facet, key), contains(R"({"value":"b","count":2})"));
}
