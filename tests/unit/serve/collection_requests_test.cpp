#include "serve/collection_requests.hpp"

#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using qbatch::test::contains;
using qbatch::test::refused;
using qbatch::test::ServeAsked;

namespace {

std::string nameRefusal(const std::string& name) {
  return refused([&] { checkCollectionName(name); });
}
/// Collections `a` and `b`, of which `b` has the alias `live`.
struct TwoCollections : ServeAsked {
  TwoCollections() {
    answer("PUT /collections/b", R"({"vectors":{"size":1,"distance":"Dot"}})");
    answer("PUT /collections/a", R"({"vectors":{"size":1,"distance":"Dot"}})");
    alias(R"({"create_alias":{"collection_name":"b","alias_name":"live"}})");
  }
  std::string alias(const std::string& actions) { return answer("POST /collections/aliases", R"({"actions":[)" + actions + "]}"); }
  std::string aliases() { return answer("GET /aliases"); }
};
const std::string liveIsB = R"({"aliases":[{"alias_name":"live","collection_name":"b"}]})";

}  // namespace

TEST_CASE("names of collections have 1 to 255 bytes and no signs of paths") {
  CHECK(nameRefusal(std::string(255, 'x')) == "not refused");
  CHECK(nameRefusal("a name, with: no") ==
        "422 Validation error in path parameters: [collection_name: collection name cannot contain \":\" char]");
  CHECK_THAT(nameRefusal(std::string(256, 'x')), contains("must be from 1 to 255 characters"));
  CHECK_THAT(nameRefusal(""), contains("value \"\" invalid, must be from 1 to 255 characters"));
  for (const char bad : std::string("<>:\"/\\|?*") + '\0' + '\x1F') CHECK(nameRefusal(std::string("a") + bad).starts_with("422"));
  for (const char* good : {"a b", "\xC3\xBC", "a.b", "-", "..a", "a%b"}) CHECK(nameRefusal(good) == "not refused");
}

TEST_CASE("a collection is made once, listed by name, and gone when it is deleted") {
  TwoCollections asked;
  CHECK(asked.answer("GET /collections") == R"({"collections":[{"name":"a"},{"name":"b"}]})");
  CHECK(asked.answer("PUT /collections/a", "{}") == "409 Wrong input: Collection `a` already exists!");
  CHECK(asked.answer("GET /collections/a/exists") == R"({"exists":true})");
  CHECK(asked.answer("GET /collections/live/exists") == R"({"exists":true})");
  CHECK(asked.answer("DELETE /collections/a") == "true");
  CHECK(asked.answer("DELETE /collections/a") == "false");
  CHECK(asked.answer("GET /collections/a/exists") == R"({"exists":false})");
  CHECK(asked.answer("GET /collections/a") == "404 Not found: Collection `a` doesn't exist!");
  CHECK(asked.answer("PATCH /collections/a", "{}").starts_with("404"));
  CHECK(asked.answer("PUT /collections/a", "{}") == "true");
}

TEST_CASE("a collection that is deleted and made again is empty") {
  ServeAsked asked;
  asked.makeCollection();
  asked.store(R"([{"id":1,"vector":[1,2],"payload":{"a":1}}])");
  CHECK_THAT(asked.answer("GET /collections/c"), contains(R"("points_count":1)"));
  CHECK(asked.answer("DELETE /collections/c") == "true");
  asked.makeCollection(R"({"size":3,"distance":"Dot"})");
  CHECK_THAT(asked.answer("GET /collections/c"), contains(R"("points_count":0)"));
  CHECK(asked.answer("POST /collections/c/points/scroll", "{}") == R"({"points":[],"next_page_offset":null})");
  asked.store(R"([{"id":1,"vector":[1,2,3]}])");
}

TEST_CASE("a description shows settings, metadata, points and indexes under name and alias") {
  TwoCollections asked;
  CHECK(asked.answer("PATCH /collections/live", R"({"metadata":{"a":1},"hnsw_config":{"m":7}})") == "true");
  const std::string shown = asked.answer("GET /collections/b");
  CHECK_THAT(shown, contains(R"("metadata":{"a":1})"));
  CHECK_THAT(shown, contains(R"("hnsw_config":{"m":7,)"));
  CHECK_THAT(shown, contains(R"("status":"green")"));
  CHECK_THAT(shown, contains(R"("payload_schema":{})"));
  CHECK(asked.answer("GET /collections/live") == shown);
}

TEST_CASE("bodies that describe no collection are refused and make none") {
  ServeAsked asked;
  for (const char* body : {R"({"vectors":{"size":2}})", R"({"vectors":{"size":70000,"distance":"Dot"}})",
                           R"({"vectors":{"a":{"size":2,"distance":"Dot"}},"sparse_vectors":{"a":{}}})",
                           R"({"vectors":{"size":2,"distance":"Dot","multivector_config":{"comparator":"max_sim"}}})",
                           R"({"vectors":{"size":2,"distance":"Dot","datatype":"uint8"}})", R"({"hnsw_config":{"ef_construct":1}})",
                           R"({"sparse_vectors":{"s":1}})", R"({"strict_mode_config":{"enabled":true}})", "[]", "", "{"}) {
    CAPTURE(body);
    const int status = asked("PUT /collections/c", body);
    CHECK((status == 400 || status == 422));
    CHECK(asked.answer("GET /collections/c/exists") == R"({"exists":false})");
  }
}

TEST_CASE("aliases are made, moved, renamed and deleted, all actions or none") {
  TwoCollections asked;
  CHECK(asked.aliases() == liveIsB);
  CHECK(asked.alias(R"({"delete_alias":{"alias_name":"live"}},{"create_alias":{"collection_name":"a","alias_name":"live"}})") == "true");
  CHECK(asked.aliases() == R"({"aliases":[{"alias_name":"live","collection_name":"a"}]})");
  CHECK(asked.alias(R"({"create_alias":{"collection_name":"b","alias_name":"live"}})") == "true");
  for (const char* actions :
       {R"({"delete_alias":{"alias_name":"live"}},{"create_alias":{"collection_name":"none","alias_name":"x"}})",
        R"({"create_alias":{"collection_name":"a","alias_name":"x"}},{"rename_alias":{"old_alias_name":"y","new_alias_name":"z"}})",
        R"({"delete_alias":{"alias_name":"live"}},{"create_alias":{"collection_name":"b","alias_name":"a"}})",
        R"({"delete_alias":{"alias_name":"live"}},{"no_action":{}})",
        R"({"delete_alias":{"alias_name":"live"}},{"create_alias":{"alias_name":"x"}})", R"({"delete_alias":{"alias_name":"live"}},5)"}) {
    CAPTURE(actions);
    CHECK(asked.alias(actions).substr(0, 1) == "4");
    CHECK(asked.aliases() == liveIsB);
  }
  CHECK(
      asked.alias(
          R"({"rename_alias":{"old_alias_name":"live","new_alias_name":"prod"}},{"create_alias":{"collection_name":"a","alias_name":"live"}})") ==
      "true");
  CHECK(asked.answer("GET /collections/b/aliases") == R"({"aliases":[{"alias_name":"prod","collection_name":"b"}]})");
  CHECK(asked.answer("GET /collections/a/aliases") == R"({"aliases":[{"alias_name":"live","collection_name":"a"}]})");
  CHECK(asked.alias("") == "true");
}

TEST_CASE("an alias stands for its collection, whose name it may not take") {
  TwoCollections asked;
  CHECK(asked.answer("PUT /collections/live/points?wait=true", R"({"points":[{"id":1,"vector":[1]}]})") ==
        R"({"operation_id":1,"status":"completed"})");
  CHECK(asked.answer("POST /collections/b/points/count", "{}") == R"({"count":1})");
  CHECK_THAT(asked.answer("PUT /collections/live", "{}"), contains("Alias with the same name already exists"));
  CHECK(asked.answer("DELETE /collections/live") == "false");
  CHECK(asked.answer("GET /collections/none/aliases").starts_with("404"));
  CHECK(asked.answer("DELETE /collections/b") == "true");
  CHECK(asked.aliases() == R"({"aliases":[]})");
  CHECK(asked.answer("POST /collections/live/points/count", "{}") == "404 Not found: Collection `live` doesn't exist!");
}
