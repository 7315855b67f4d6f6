#ifdef QBATCH_SERVICE
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/hostile_requests.hpp"
#include "support/service_program.hpp"

// qbatch-service among those who mean it no good: on the wire, and in JSON.
namespace qbatch::test {
namespace {

const std::string good = R"({"patterns":[{"id":7,"description":"d"}]})";

std::string nested(const std::string& open, const std::string& close, std::size_t levels) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += open;
  for (std::size_t i = 0; i < levels; ++i) text += close;
  return text;
}

struct Body {
  std::string target, json;
};

std::vector<Body> hostileBodies() {
  const std::string store = "/batch/store/patterns", search = "/batch/search/patterns", update = "/batch/update/metrics",
                    erase = "/batch/delete/patterns", collections = "/batch/collections";
  std::vector<Body> list;
  for (const auto& target :
       {store, search, update, erase, collections, std::string("/patterns/code"), std::string("/patterns/7/metrics")}) {
    for (const std::size_t levels : {200u, 2000u, 200000u}) {
      list.push_back({target, nested("[", "]", levels)});
      list.push_back({target, nested("{\"a\":", "}", levels)});
      list.push_back({target, R"({"patterns":)" + nested("[", "]", levels) + "}"});
    }
    for (const std::string json :
         {"", "null", "0", "\"", "[", "{", "{\"", "\\", "\xEF\xBB\xBF{}", "{\"a\":\"\xff\xfe\"}", "{\"\\u0000\":1}", "{\"patterns\":NaN}",
          "{\"patterns\":[1e999999]}", "{\"patterns\":[-]}", "{\"patterns\":[{]}"})
      list.push_back({target, json});
    list.push_back({target, "{\"" + std::string(1 << 20, 'n') + "\":1}"});
    list.push_back({target, std::string(1 << 20, ' ')});
  }
  const std::string digits(100000, '9');
  list.push_back({search, R"({"queries":["a"],"limit":)" + digits + "}"});
  list.push_back({search, R"({"queries":["a"],"limit":-1})"});
  list.push_back({search, R"({"queries":["a"],"limit":1e3})"});
  list.push_back({search, R"({"queries":["a"],"offset":18446744073709551616})"});
  list.push_back({search, R"({"queries":["a"],"min_score":)" + digits + "}"});
  list.push_back({search, R"({"queries":["a"],"filter":)" + nested("{\"must\":[", "]}", 500) + "}"});
  list.push_back({search, R"({"queries":["a"],"collections":[)" + nested("[", "]", 300) + "]}"});
  list.push_back({update, R"({"updates":)" + nested("[", "]", 3000) + "}"});
  list.push_back({collections, R"({"actions":[{"action":"create","collection":"x","size":)" + digits + "}]}"});
  list.push_back({collections, R"({"actions":[{"action":"create","collection":"../../x","size":"1"}]})"});
  std::string many = R"({"patterns":[)";
  for (int i = 0; i < 500000; ++i) many += i == 0 ? "{}" : ",{}";
  list.push_back({store, many + "]}"});
  return list;
}

}  // namespace

TEST_CASE("service: several hundred hostile requests are refused, and the service lives on", "[service]") {
  ServiceProgram service({"--local", ":memory:", "--head-timeout", "0.3", "--max-body", "8", "--quiet"});
  for (const auto& request : hostileRequests("/batch/store/patterns", "localhost", "content-type: application/json\r\n")) {
    CAPTURE(request.name, shownBytes(request.bytes, 300));
    const auto outcome = sendHostile(service.port(), request);
    CAPTURE(outcome.statuses, outcome.time.count());
    CHECK(outcome.good(request));
    REQUIRE(service.post("/batch/store/patterns", good).status == 200);
  }
  CHECK(service.stop() == 0);
}

TEST_CASE("service: hostile JSON is refused with a sentence, and takes neither stack nor memory", "[service]") {
  ServiceProgram service({"--local", ":memory:", "--quiet"});
  for (const auto& [target, json] : hostileBodies()) {
    CAPTURE(target, json.substr(0, 200), json.size());
    const auto type = json.empty() ? "content-type: application/json\r\ncontent-length: 0\r\n" : "";
    const auto answer = service.ask("POST", target, json, type);
    CHECK(answer.status >= 400);
    CHECK(answer.status < 500);
    CHECK(answer.body.size() < 5000);
  }
  REQUIRE(service.post("/batch/store/patterns", good).status == 200);
  // Huge numbers within an item concern that item alone.
  for (const std::string json :
       {R"({"patterns":[{"id":99999999999999999999999,"description":"d"}]})", R"({"patterns":[{"description":"d","vector":[1e300]}]})"}) {
    const auto answer = service.post("/batch/store/patterns", json);
    CHECK((answer.status == 200 || answer.status == 400));
    if (answer.status == 200) CHECK(CliJson(answer.body).number("/summary/failed") == 1);
  }
  CHECK(service.stop() == 0);
}

}  // namespace qbatch::test
#endif
