// What the API keeps in a file is there again when the file is opened again.
#include <regex>

#include "serve/api.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"
#include "support/serve_asked.hpp"

using namespace qbatch::test;

namespace {

/// All that can be read of the store, one answer a line.
std::string everything(ServeAsked& asked) {
  std::string all = asked.answer("GET /collections") + "\n" + asked.answer("GET /aliases") + "\n";
  for (const std::string name : {"c", "d"}) {
    const std::string at = "/collections/" + name;
    all += asked.answer("GET " + at) + "\n";
    all += asked.answer("POST " + at + "/points/scroll", R"({"limit":1000,"with_vector":true})") + "\n";
    all += asked.answer("POST " + at + "/points/query", R"({"query":[0.3,-1],"using":"e","limit":1000})") + "\n";
    for (const char* key : {"n", "k.x"}) {
      all += asked.answer("POST " + at + "/facet", R"({"key":")" + std::string(key) + "\"}") + "\n";
      all += asked.answer("POST " + at + "/points/scroll", R"({"order_by":")" + std::string(key) + "\"}") + "\n";
    }
    all += asked.answer("POST " + at + "/points/count", R"({"filter":{"must":{"key":"n","match":{"value":1}}}})") + "\n";
  }
  return all;
}

/// Without what two stores may have differently: the time that an answer took, and the numbers of operations, which go on from the highest
/// that a point has when a file is opened.
std::string comparable(const std::string& answers) {
  static const std::regex numbers(R"re("(operation_id|version)":\d+|"time":.*)re");
  return std::regex_replace(answers, numbers, "");
}

/// Random requests, of which some are refused.
class Requests {
 public:
  explicit Requests(std::uint64_t seed) : random_(seed) {}
  void send(ServeAsked& asked) {
    asked.body.clear();  // it may be that nothing is sent
    const std::string name = random_.chance(70) ? "c" : "d", at = "/collections/" + name;
    switch (random_.below(20)) {
      case 0:
        asked("PUT " + at, R"({"vectors":{"":{"size":2,"distance":"Dot"},"e":{"size":2,"distance":"Cosine"}},"sparse_vectors":{"s":{}}})");
        return;
      case 1:
        if (random_.chance(20)) asked("DELETE " + at);
        return;
      case 2:
        asked("PATCH " + at, R"({"metadata":{"m)" + number(3) + "\":" + number(9) + R"(},"hnsw_config":{"m":)" + number(64) + "}}");
        return;
      case 3:
        asked("PUT " + at + "/index?wait=true", random_.chance(50) ? R"({"field_name":"n","field_schema":"integer"})"
                                                                   : R"({"field_name":"k.x","field_schema":{"type":"keyword"}})");
        return;
      case 4:
        if (random_.chance(30)) asked("DELETE " + at + "/index/n?wait=true");
        return;
      case 5:
        asked("POST /collections/aliases",
              R"({"actions":[{"create_alias":{"collection_name":")" + name + R"(","alias_name":"a)" + number(3) + "\"}}]}");
        return;
      default:
        asked("POST " + at + "/points/batch?wait=true", R"({"operations":[)" + operation() + "," + operation() + "," + operation() + "]}");
    }
  }

 private:
  std::string number(std::uint64_t below) { return std::to_string(random_.below(below)); }
  std::string id() { return random_.chance(90) ? number(20) : R"("00000000-0000-4000-8000-00000000000)" + number(5) + "\""; }
  std::string vectors() {
    std::string all;
    const auto add = [&](const std::string& vector) { all += (all.empty() ? "" : ",") + vector; };
    if (random_.chance(60)) add(R"("":[)" + number(9) + ",-0." + number(99) + "1]");
    if (random_.chance(60)) add(R"("e":[)" + number(9) + "," + number(9) + "e-3]");
    if (random_.chance(40)) add(R"("s":{"indices":[)" + number(9) + ",70000" + R"(],"values":[0.5,)" + number(9) + "]}");
    if (random_.chance(1)) add(R"("unknown":[1])");
    return "{" + all + "}";
  }
  std::string payload() {
    return R"({"n":[)" + number(4) + "," + number(4) + R"(],"k":{"x":"v)" + number(4) + R"("},"t":"\u00e4\"\n","f":1.5e300})";
  }
  std::string operation() {
    const std::string point = R"({"points":[)" + id() + "]",
                      byFilter = R"({"filter":{"must":{"key":"n","match":{"value":)" + number(4) + "}}}";
    const std::string some = random_.chance(70) ? point : byFilter;
    switch (random_.below(10)) {
      case 0:
        return R"({"delete":)" + point + "}}";
      case 1:
        return R"({"set_payload":)" + some + R"(,"payload":{"n":)" + number(4) + "}}}";
      case 2:
        return R"({"overwrite_payload":)" + some + R"(,"payload":)" + payload() + "}}";
      case 3:
        return R"({"delete_payload":)" + some + R"(,"keys":["k.x"]}})";
      case 4:
        return R"({"clear_payload":)" + point + "}}";
      case 5:
        return R"({"update_vectors":{"points":[{"id":)" + id() + R"(,"vector":)" + vectors() + "}]}}";
      case 6:
        return R"({"delete_vectors":)" + some + R"(,"vector":["e","s"]}})";
      default:
        return R"({"upsert":{"points":[{"id":)" + id() + R"(,"vector":)" + vectors() + R"(,"payload":)" + payload() + "}]}}";
    }
  }

  Random random_;
};

}  // namespace

TEST_CASE("everything is there again when a file is opened again") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
  Requests requests(seed), sameRequests(seed);
  ServeAsked inMemory;
  std::size_t points = 0;
  for (std::size_t round = 0; round < campaignSize(12); ++round) {
    std::string before;
    {
      ServeAsked asked(file);
      for (int i = 0; i < 40; ++i) {
        requests.send(asked);
        sameRequests.send(inMemory);
        REQUIRE(comparable(asked.body) == comparable(inMemory.body));
      }
      before = everything(asked);
      CHECK(comparable(before) == comparable(everything(inMemory)));
    }
    ServeAsked again(file);
    CHECK(everything(again) == before);
    points += before.find("\"n\":[") == std::string::npos ? 0 : 1;
  }
  CHECK(points > 0);
}
