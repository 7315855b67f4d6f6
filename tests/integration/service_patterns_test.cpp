#ifdef QBATCH_SERVICE
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/service_program.hpp"
#include "support/text_matchers.hpp"

// qbatch-service: operations on one pattern, deletes, collections.
namespace qbatch::test {
namespace {

std::vector<std::string> collectionsOf(const std::string& body) {
  const CliJson answer(body);
  std::vector<std::string> names;
  for (const auto hit : simdjson::dom::array(answer.at("/batch_results/0/results")))
    names.emplace_back(std::string_view(hit["collection"]));
  return names;
}

}  // namespace

TEST_CASE("service: one pattern is stored, read, found, updated and deleted", "[service]") {
  const ServiceProgram service;
  const auto stored = service.post("/patterns/code", R"({"description":"d","code":"c","language":"l","metadata":{"k":1}})");
  CHECK(stored.status == 200);
  const CliJson answer(stored.body);
  CHECK(answer.text("/status") == "success");
  const auto id = answer.text("/id");
  CHECK(stored.body == R"({"status":"success","id":")" + id + R"("})");

  const auto updated =
      service.post("/patterns/" + id + "/metrics", R"({"increment_usage":true,"success_rate":0.5,"last_used":"2025-01-15T12:00:00Z"})");
  CHECK(updated.body == stored.body);
  const auto read = service.ask("GET", "/patterns/" + id);
  CHECK(read.status == 200);
  CHECK(read.body == R"({"status":"success","pattern":{"id":")" + id +
                         R"(","description":"d","code":"c","language":"l","metadata":{"k":1,"usage_count":1,"success_rate":0.5,)" +
                         R"("last_used":"2025-01-15T12:00:00Z"}}})");
  const auto found = service.post("/patterns/search", R"({"query":"d","limit":1})");
  CHECK(found.status == 200);
  const CliJson hits(found.body);
  CHECK(hits.text("/query") == "d");
  CHECK(hits.text("/results/0/id") == id);
  CHECK(hits.has("/results/0/score"));

  CHECK(service.ask("DELETE", "/patterns/" + id).body == stored.body);
  CHECK(service.ask("GET", "/patterns/" + id).status == 404);
  CHECK(service.ask("DELETE", "/patterns/" + id).status == 200);  // as in a batch, an absent one is no error
  CHECK(service.post("/patterns/" + id + "/metrics", R"({"increment_usage":true})").status == 404);
}

TEST_CASE("service: one pattern's faults: 400 no JSON, 422 no pattern, 404 nowhere, 502 out of reach", "[service]") {
  const ServiceProgram service;
  CHECK_THAT(service.post("/patterns/code", R"({"description":"d")").body, contains("at byte"));
  struct Case {
    std::string body, said;
  };
  const std::vector<Case> cases = {{R"({"description":5})", "must be a string"},
                                   {R"({"descripton":"d"})", "unknown member"},
                                   {R"({"description":"","code":""})", ""},
                                   {R"({"description":"d","vector":[1,2]})", ""},
                                   {R"({"description":"d","metadata":{"usage_count":1}})", "usage_count"}};
  CHECK(service.post("/patterns/code", R"({"description":"first"})").status == 200);
  for (const auto& [body, said] : cases) {
    INFO(body);
    const auto answer = service.post("/patterns/code", body);
    CHECK(answer.status == 422);
    CHECK_THAT(CliJson(answer.body).text("/error"), contains(said));
  }
  CHECK(service.ask("GET", "/patterns/no-id").status == 400);
  CHECK(service.ask("GET", "/patterns/7").status == 404);
  CHECK(service.ask("GET", "/patterns/7?collection=nowhere").status == 404);
  CHECK(service.ask("GET", "/patterns/7?colection=x").status == 400);
  CHECK(service.ask("GET", "/patterns/7?collection=x&collection=y").status == 400);
  CHECK(service.post("/patterns/7/metrics", R"({"id":8,"increment_usage":true})").status == 422);
  CHECK(service.post("/patterns/search", R"({"query":"d","collection":"nowhere"})").status == 404);
  CHECK(service.post("/patterns/search", R"({"quary":"d"})").status == 422);
  const ServiceProgram far({"--url", "http://127.0.0.1:9"});
  const auto answer = far.post("/patterns/code", R"({"description":"d"})");
  CHECK(answer.status == 502);
  CHECK(CliJson(answer.body).text("/status") == "error");
}

TEST_CASE("service: patterns are deleted by ids and by filter", "[service]") {
  const ServiceProgram service;
  const auto store =
      R"({"patterns":[{"id":1,"description":"a","language":"x"},{"id":2,"description":"b","language":"y"},{"id":3,"description":"c","language":"y"}]})";
  CHECK(service.post("/batch/store/patterns", store).status == 200);
  CHECK(service.post("/batch/delete/patterns", R"({"ids":[1,"4"]})").body ==
        R"({"status":"success","summary":{"total":2,"successful":2,"failed":0},"ids":[1,4]})");
  const auto byFilter = service.post("/batch/delete/patterns", R"({"filter":{"must":[{"key":"language","match":{"value":"y"}}]}})");
  CHECK(byFilter.body == R"({"status":"success","summary":{"total":2,"successful":2,"failed":0},"ids":[2,3]})");
  for (const std::string body :
       {"{}", R"({"ids":[1],"filter":{}})", R"({"filter":{}})", R"({"ids":["x"]})", R"({"ids":1})", R"({"filter":7})"}) {
    INFO(body);
    CHECK(service.post("/batch/delete/patterns", body).status == 400);
  }
}

TEST_CASE("service: collections are created, aliased, listed and deleted, each with its own outcome", "[service]") {
  const ServiceProgram service;
  const auto changed = service.post("/batch/collections", R"({"actions":[
    {"action":"create","collection":"a","size":4,"distance":"Dot"},
    {"action":"create","collection":"a","size":5},
    {"action":"create","collection":"a","size":4,"distance":"Dot"},
    {"action":"alias","alias":"now","collection":"a"},
    {"action":"alias","alias":"then","collection":"nowhere"},
    {"action":"delete","collection":"nowhere"}]})");
  CHECK(changed.status == 200);
  const CliJson answer(changed.body);
  CHECK(answer.text("/status") == "success");
  CHECK(answer.number("/summary/successful") == 4);
  CHECK(bool(answer.at("/results/0/changed")));
  CHECK(answer.text("/results/1/outcome") == "rejected");
  CHECK_FALSE(bool(answer.at("/results/2/changed")));
  CHECK(answer.text("/results/3/alias") == "now");
  CHECK(answer.text("/results/4/outcome") == "rejected");
  CHECK_THAT(answer.text("/results/4/error"), contains("nowhere"));
  CHECK_FALSE(bool(answer.at("/results/5/changed")));

  const CliJson list(service.ask("GET", "/batch/collections").body);
  CHECK(list.size("/collections") == 1);
  CHECK(list.text("/collections/0/name") == "a");
  CHECK(list.text("/collections/0/distance") == "Dot");
  CHECK(list.text("/collections/0/aliases/0") == "now");
  CHECK(service.post("/batch/collections", R"({"actions":[{"action":"delete","collection":"a"}]})").status == 200);
  CHECK(CliJson(service.ask("GET", "/batch/collections").body).size("/collections") == 0);
  // What cannot be read as actions is refused whole: nothing is done by half.
  for (const std::string body :
       {R"({"actions":[{"action":"create","collection":"b","size":4},{"action":"drop","collection":"b"}]})",
        R"({"actions":[{"action":"create","collection":"b","size":"4"}]})", R"({"actions":[7]})", "{}",
        R"({"actions":[{"action":"delete"}]})", R"({"actions":[{"action":"alias","collection":"b"}]})",
        R"({"actions":[{"action":"create","collection":"b"}]})", R"({"actions":[{"action":"delete","collection":"b","size":4}]})"}) {
    INFO(body);
    CHECK(service.post("/batch/collections", body).status == 400);
  }
  CHECK(CliJson(service.ask("GET", "/batch/collections").body).size("/collections") == 0);
}

TEST_CASE("service: several collections are searched together, hits merged by rank", "[service]") {
  const ServiceProgram service;
  CHECK(service.post("/batch/store/patterns", R"({"collection":"a","patterns":[{"description":"red green"},{"description":"red"}]})")
            .status == 200);
  CHECK(service.post("/batch/store/patterns", R"({"collection":"b","patterns":[{"description":"blue"},{"description":"red"}]})").status ==
        200);
  const auto both = service.post("/batch/search/patterns", R"({"queries":["red"],"collections":["a","b"],"limit":3})");
  CHECK(both.status == 200);
  CHECK(collectionsOf(both.body) == std::vector<std::string>{"a", "b", "a"});
  const auto other = service.post("/batch/search/patterns", R"({"queries":["red"],"collections":["b","a"],"limit":3})");
  CHECK(collectionsOf(other.body) == std::vector<std::string>{"b", "a", "b"});
  // One that is not there is said, and does not keep back what the other has.
  const auto half = service.post("/batch/search/patterns", R"({"queries":["red"],"collections":["a","nowhere"],"limit":3})");
  CHECK(half.status == 200);
  CHECK(collectionsOf(half.body) == std::vector<std::string>{"a", "a"});
  CHECK_THAT(CliJson(half.body).text("/batch_results/0/error"), contains("nowhere"));
  CHECK(service.post("/batch/search/patterns", R"({"queries":["red"],"collections":["no","nowhere"]})").status == 404);
  const auto once = service.post("/patterns/search", R"({"query":"red","collections":["a","nowhere"]})");
  CHECK(once.status == 200);
  CHECK(CliJson(once.body).size("/results") == 2);
  CHECK_THAT(CliJson(once.body).text("/error"), contains("nowhere"));
  CHECK(service.post("/patterns/search", R"({"query":"red","collections":["no","nowhere"]})").status == 404);
}

}  // namespace qbatch::test
#endif
