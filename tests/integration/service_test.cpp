#ifdef QBATCH_SERVICE
#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"
#include "support/service_program.hpp"
#include "support/text_matchers.hpp"

// qbatch-service: the documented requests and responses, to the letter. What it answers is held against openapi.json by ServiceProgram.
namespace qbatch::test {
namespace {

std::string dataFile(const std::string& name) {
  std::ifstream file(std::string(QBATCH_TEST_DATA) + "/service/" + name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  REQUIRE_FALSE(text.empty());
  while (text.back() == '\n') text.pop_back();
  return text;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

/// The whole answer, compact; the file may be written for people.
void checkGolden(const ServiceProgram::Answer& answer, const std::string& file, int status = 200) {
  CHECK(answer.status == status);
  const CliJson wanted(dataFile(file));
  CHECK(answer.body == simdjson::minify(wanted.root));
}

std::string patternsBody(std::size_t count) {
  std::string body = R"({"patterns":[)";
  for (std::size_t i = 0; i < count; ++i)
    body += std::string(i == 0 ? "" : ",") + R"({"code":"f)" + std::to_string(i) + R"x(()","language":"cpp"})x";
  return body + "]}";
}

std::string repeated(const std::string& before, const std::string& element, std::size_t count) {
  std::string body = before;
  for (std::size_t i = 0; i < count; ++i) body += (i == 0 ? "" : ",") + element;
  return body + "]}";
}

}  // namespace

TEST_CASE("service: the documented requests are answered to the letter", "[service]") {
  const ServiceProgram service;
  checkGolden(service.post("/batch/store/patterns", dataFile("store_request.json")), "store_response.json");
  checkGolden(service.post("/batch/search/patterns", dataFile("search_request.json")), "search_response.json");
  const CliJson stored(dataFile("store_response.json"));
  auto update = replaced(dataFile("update_request.json"), "READ", stored.text("/ids/0"));
  update = replaced(update, "RETRY", stored.text("/ids/1"));
  checkGolden(service.post("/batch/update/metrics", update), "update_response.json");
  checkGolden(service.post("/batch/search/patterns", dataFile("search_request.json")), "search_after_update_response.json");
  // Storing again changes no metric.
  checkGolden(service.post("/batch/store/patterns", dataFile("store_request.json")), "store_response.json");
  checkGolden(service.post("/batch/search/patterns", dataFile("search_request.json")), "search_after_update_response.json");
}

TEST_CASE("service: without failures the responses are the short documented ones", "[service]") {
  const ServiceProgram service;
  const auto stored = service.post("/batch/store/patterns", R"({"patterns":[{"description":"d","code":"c","language":"l","id":7}]})");
  CHECK(stored.body == R"({"status":"success","summary":{"total":1,"successful":1,"failed":0},"ids":[7],"errors":[]})");
  const auto updated = service.post("/batch/update/metrics", R"({"updates":[{"id":7,"increment_usage":true}]})");
  CHECK(updated.body == R"({"status":"success","summary":{"total":1,"successful":1,"failed":0}})");
  const auto found = service.post("/batch/search/patterns", R"({"queries":[]})");
  CHECK(found.body == R"({"status":"success","batch_results":[]})");
}

TEST_CASE("service: items at fault are answered 200, named, and do not block the others", "[service]") {
  const ServiceProgram service;
  const auto stored =
      service.post("/batch/store/patterns",
                   R"({"patterns":[{"description":"good"},{"description":5},17,{"vector":[1,2]},{"description":"x","id":"?"}]})");
  CHECK(stored.status == 200);
  const CliJson answer(stored.body);
  CHECK(answer.text("/status") == "success");
  CHECK(answer.number("/summary/total") == 5);
  CHECK(answer.number("/summary/successful") == 1);
  CHECK(answer.size("/errors") == 4);
  CHECK(answer.number("/errors/0/index") == 1);
  CHECK(answer.number("/errors/0/pattern/description") == 5);
  CHECK(answer.number("/errors/1/pattern") == 17);
  CHECK(answer.text("/errors/2/outcome") == "rejected");
  CHECK(answer.number("/errors/3/index") == 4);

  const auto found = service.post("/batch/search/patterns", R"({"queries":["good",[],{"vector":[1]}],"limit":2})");
  CHECK(found.status == 200);
  const CliJson hits(found.body);
  CHECK(hits.size("/batch_results") == 3);
  CHECK(hits.size("/batch_results/0/results") == 1);
  CHECK(hits.text("/batch_results/1/outcome") == "rejected");
  CHECK(hits.size("/batch_results/2/results") == 0);
  CHECK_THAT(hits.text("/batch_results/2/error"), contains("1024"));

  const auto updated = service.post("/batch/update/metrics", R"({"updates":[{"increment_usage":true},{"id":1,"increment_usage":1.5}]})");
  CHECK(updated.status == 200);
  CHECK(CliJson(updated.body).number("/summary/failed") == 2);
}

TEST_CASE("service: more items than a request may carry are 413, with limit and remedy", "[service]") {
  const ServiceProgram service;
  const auto full = service.post("/batch/store/patterns", patternsBody(1000));
  CHECK(full.status == 200);
  CHECK(CliJson(full.body).number("/summary/successful") == 1000);
  struct Case {
    std::string target, body, said;
  };
  const std::vector<Case> cases = {
      {"/batch/store/patterns", patternsBody(1001),
       "1001 patterns are more than the 1000 that one request may carry; send them in several"},
      {"/batch/search/patterns", repeated(R"({"queries":[)", "\"a\"", 101), "101 queries are more than the 100"},
      {"/batch/update/metrics", repeated(R"({"updates":[)", R"({"id":1})", 501), "501 updates are more than the 500"},
      {"/batch/delete/patterns", repeated(R"({"ids":[)", "1", 1001), "1001 ids are more than the 1000"}};
  for (const auto& [target, body, said] : cases) {
    const auto answer = service.post(target, body);
    CHECK(answer.status == 413);
    CHECK_THAT(answer.body, contains(said) && contains("--max-"));
  }
  CHECK(service.post("/batch/search/patterns", repeated(R"({"queries":[)", "\"a\"", 100)).status == 200);
  const ServiceProgram small({"--local", ":memory:", "--max-patterns", "3", "--max-queries", "2", "--max-updates", "1"});
  CHECK(small.post("/batch/store/patterns", patternsBody(3)).status == 200);
  CHECK_THAT(small.post("/batch/store/patterns", patternsBody(4)).body, contains("4 patterns are more than the 3"));
  CHECK(small.post("/batch/search/patterns", R"({"queries":["a","b","c"]})").status == 413);
  CHECK(small.post("/batch/update/metrics", R"({"updates":[{"id":1},{"id":2}]})").status == 413);
}

TEST_CASE("service: limits above the usual are one request of the service and several of the library", "[service]") {
  const ServiceProgram service({"--local", ":memory:", "--max-patterns", "5000"});
  const auto answer = service.post("/batch/store/patterns", patternsBody(2500));
  CHECK(answer.status == 200);
  CHECK(CliJson(answer.body).number("/summary/successful") == 2500);
}

TEST_CASE("service: what is no JSON is 400 with the place; what is unknown is named", "[service]") {
  const ServiceProgram service;
  struct Case {
    std::string body, said;
  };
  const std::vector<Case> cases = {
      {"{", "(at byte 1)"},
      {R"({"patterns":[{"description":"a"},]})", "(at byte 33"},
      {R"({"patterns":[{"description":tru}]})", "(at byte 28"},
      {R"({"patterns":[]} x)", "(at byte 16)"},
      {"[]", "an object is wanted here (at byte 0)"},
      {"\xff", "(at byte 0)"},
      {"{}", "\"patterns\" is missing"},
      {R"({"patterns":{}})", "an array is wanted"},
      {R"({"patterns":[],"patterns":[]})", "stands twice"},
      {R"({"patterns":[],"colection":"x"})", "unknown member \"colection\"; the body of this request may have patterns"},
      {R"({"patterns":[],"collection":7})", "\"collection\" must be a string; it is 7"},
      {R"({"patterns":[],"collection":""})", "is empty"},
      {R"({"patterns":[],"existing":"never"})", "\"keep\", \"replace\" or \"skip\""}};
  for (const auto& [body, said] : cases) {
    const auto answer = service.post("/batch/store/patterns", body);
    INFO(body);
    CHECK(answer.status == 400);
    CHECK_THAT(CliJson(answer.body).text("/error"), contains(said));
  }
  for (const std::string body :
       {R"({"queries":["a"],"limit":0})", R"({"queries":["a"],"limit":-1})", R"({"queries":["a"],"filter":{"musst":[]}})",
        R"({"queries":["a"],"min_score":"x"})", R"({"queries":["a"],"collection":"a","collections":["b"]})"}) {
    INFO(body);
    CHECK(service.post("/batch/search/patterns", body).status == 400);
  }
  CHECK(service.ask("POST", "/batch/store/patterns", "", "content-type: application/json\r\ncontent-length: 0\r\n").status == 400);
}

TEST_CASE("service: text that only looks like JSON is not carried out", "[service]") {
  const ServiceProgram service;
  CHECK(service.post("/batch/store/patterns", R"({"patterns":[{"id":1,"description":"d"}]})").status == 200);
  struct Case {
    std::string target, body;
  };
  const std::vector<Case> cases = {{"/batch/delete/patterns", R"({"ids":[1],"collection":"patterns":"c"}})"},
                                   {"/batch/delete/patterns", R"({"ids":[1x]})"},
                                   {"/batch/delete/patterns", R"({"ids":["\ud800"]})"},
                                   {"/batch/delete/patterns", R"({"ids":[99999999999999999999999]})"},
                                   {"/batch/store/patterns", R"({"patterns":[],"collection":"c":"c"}})"},
                                   {"/batch/update/metrics", R"({"collection":"patterns":1},"updates":[{"id":1,"increment_usage":true}]})"},
                                   {"/batch/search/patterns", R"({"queries":["a"],"collections":["a":["a","b"]},"b"]})"},
                                   {"/batch/search/patterns", "{\"queries\":[\"a\"],\"min_score\":0.5\x01,\"limit\":1}"},
                                   {"/patterns/1/metrics", R"({"increment_usage":true:1})"},
                                   {"/patterns/code", R"({"description":"d":"e"})"}};
  for (const auto& [target, body] : cases) {
    INFO(target << " " << body);
    CHECK(service.post(target, body).status == 400);
  }
  CHECK(CliJson(service.ask("GET", "/patterns/1").body).number("/pattern/metadata/usage_count") == 0);
  // A body of many members ends at the first that is unknown, or too many.
  std::string many = R"({"queries":[)";
  for (int i = 0; i < 40000; ++i) many += (i == 0 ? "\"a\"],\"m" : "\"m") + std::to_string(i) + "\":1" + (i == 39999 ? "}" : ",");
  CHECK(service.post("/batch/search/patterns", many).status == 400);
}

TEST_CASE("service: a search has bounds, so that a small request has no answer of gigabytes", "[service]") {
  const ServiceProgram service({"--local", ":memory:", "--max-hits", "100"});
  CHECK(service.post("/batch/store/patterns", R"({"patterns":[{"id":1,"description":"d"}]})").status == 200);
  CHECK(service.post("/batch/search/patterns", R"({"queries":["a","b"],"limit":50})").status == 200);
  for (const std::string body :
       {R"({"queries":["a","b"],"limit":51})", R"({"queries":["a"],"limit":50,"offset":51})",
        R"({"queries":["a"],"limit":18446744073709551615})", R"({"queries":["a"],"limit":1,"offset":18446744073709551615})",
        R"({"queries":["a"],"limit":34,"collections":["a","b","c"]})"}) {
    INFO(body);
    const auto answer = service.post("/batch/search/patterns", body);
    CHECK(answer.status == 413);
    CHECK_THAT(answer.body, contains("--max-hits"));
  }
  CHECK(service.post("/patterns/search", R"({"query":"a","limit":101})").status == 413);
  CHECK(service.post("/batch/search/patterns", R"({"queries":["a"],"collections":[]})").status == 400);
  CHECK(service.post("/batch/search/patterns", repeated(R"({"queries":["a"],"limit":1,"collections":[)", "\"x\"", 65)).status == 413);
  const std::string filter = R"({"must":[{"key":")" + std::string(1u << 20, 'k') + R"(","match":{"value":1}}]})";
  CHECK(service.post("/batch/search/patterns", R"({"queries":["a"],"limit":1,"filter":)" + filter + "}").status == 413);
}

TEST_CASE("service: filter, limit, offset, min_score and another collection are honoured", "[service]") {
  const ServiceProgram service;
  CHECK(service
            .post("/batch/store/patterns",
                  R"({"collection":"other","patterns":[{"description":"a b","language":"cpp"},{"description":"a c","language":"perl"}]})")
            .status == 200);
  const auto search = [&](const std::string& further) {
    return CliJson(service.post("/batch/search/patterns", R"({"queries":["a b"],"collection":"other")" + further + "}").body)
        .size("/batch_results/0/results");
  };
  CHECK(search("") == 2);
  CHECK(search(R"(,"limit":1)") == 1);
  CHECK(search(R"(,"offset":1)") == 1);
  CHECK(search(R"(,"min_score":0.99)") == 1);
  CHECK(search(R"(,"exact":true,"filter":{"must":[{"key":"language","match":{"value":"perl"}}]})") == 1);
  // The usual collection has nothing yet, and says so.
  const auto missing = service.post("/batch/search/patterns", R"({"queries":["a"]})");
  CHECK(missing.status == 404);
  CHECK(CliJson(missing.body).text("/status") == "error");
  CHECK_THAT(CliJson(missing.body).text("/error"), contains("patterns"));
}

TEST_CASE("service: a store that cannot be reached is 502, and the batch says so of each item", "[service]") {
  const ServiceProgram service({"--url", "http://127.0.0.1:9", "--request-timeout", "30"});
  const auto answer = service.post("/batch/store/patterns", patternsBody(2));
  CHECK(answer.status == 502);
  const CliJson said(answer.body);
  CHECK(said.text("/status") == "error");
  CHECK(said.number("/summary/failed") == 2);
  CHECK_THAT(said.text("/error"), contains("127.0.0.1:9"));
  CHECK(service.ask("GET", "/readyz").status == 503);
  CHECK(service.ask("GET", "/healthz").status == 200);
}

}  // namespace qbatch::test
#endif
