#ifdef QBATCH_SERVICE
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/service_program.hpp"
#include "support/text_matchers.hpp"

// qbatch-service: Idempotency-Key. A repeat gets the first answer, and nothing counts twice.
namespace qbatch::test {
namespace {

const std::string onePattern = R"({"patterns":[{"id":7,"description":"d","code":"c","language":"l"}]})";
const std::string oneUpdate = R"({"updates":[{"id":7,"increment_usage":true}]})";

std::string keyed(const std::string& key) { return "Idempotency-Key: " + key + "\r\n"; }

std::int64_t countOf(const ServiceProgram& service) {
  return CliJson(service.ask("GET", "/patterns/7").body).number("/pattern/metadata/usage_count");
}

bool isRepeat(const ServiceProgram::Answer& answer) { return answer.header("idempotent-replayed") == "true"; }

}  // namespace

TEST_CASE("service: a repeat with the same key gets the first answer, and increments count once", "[service]") {
  const ServiceProgram service;
  const auto stored = service.post("/batch/store/patterns", onePattern, keyed("s1"));
  CHECK_FALSE(isRepeat(stored));
  const auto first = service.post("/batch/update/metrics", oneUpdate, keyed("u1"));
  CHECK(first.status == 200);
  CHECK_FALSE(isRepeat(first));
  for (int i = 0; i < 3; ++i) {
    const auto again = service.post("/batch/update/metrics", oneUpdate, keyed("u1"));
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(again.header("content-type") == first.header("content-type"));
    CHECK(isRepeat(again));
  }
  CHECK(countOf(service) == 1);
  CHECK(service.post("/patterns/7/metrics", R"({"increment_usage":2})", keyed("u2")).status == 200);
  CHECK(isRepeat(service.post("/patterns/7/metrics", R"({"increment_usage":2})", keyed("u2"))));
  CHECK(countOf(service) == 3);
  // Every POST knows keys; another key is another request.
  CHECK(isRepeat(service.post("/batch/store/patterns", onePattern, keyed("s1"))));
  CHECK(service.post("/batch/update/metrics", oneUpdate, keyed("u3")).status == 200);
  CHECK(countOf(service) == 4);
  CHECK_THAT(service.ask("GET", "/metrics").body, contains("qbatch_repeats_total 5\n"));
}

TEST_CASE("service: a key that was used for another request is refused, and so is one that is none", "[service]") {
  const ServiceProgram service;
  CHECK(service.post("/batch/store/patterns", onePattern, keyed("k")).status == 200);
  const auto other = service.post("/batch/update/metrics", oneUpdate, keyed("k"));
  CHECK(other.status == 422);
  CHECK_THAT(other.body, contains("another request"));
  CHECK(countOf(service) == 0);
  CHECK(service.post("/batch/store/patterns", onePattern, "Idempotency-Key: \r\n").status == 400);
  CHECK(service.post("/batch/store/patterns", onePattern, keyed("a") + keyed("b")).status == 400);
  CHECK(service.post("/batch/store/patterns", onePattern, keyed(std::string(256, 'k'))).status == 400);
  CHECK(service.post("/batch/store/patterns", onePattern, keyed(std::string(255, 'k'))).status == 200);
}

TEST_CASE("service: what was not carried out leaves its key free", "[service]") {
  const ServiceProgram service;
  CHECK(service.post("/batch/store/patterns", "{", keyed("k")).status == 400);
  CHECK(service.post("/batch/store/patterns", onePattern, keyed("k")).status == 200);
  const auto missing =
      service.post("/batch/update/metrics", R"({"updates":[{"id":7,"increment_usage":true}],"collection":"later"})", keyed("m"));
  CHECK(missing.status == 404);
  CHECK(service.post("/batch/store/patterns", R"({"collection":"later","patterns":[{"id":7,"description":"d"}]})").status == 200);
  CHECK(service.post("/batch/update/metrics", R"({"updates":[{"id":7,"increment_usage":true}],"collection":"later"})", keyed("m")).status ==
        200);
}

TEST_CASE("service: after a cut answer the repeat stores and counts once", "[service]") {
  const ServiceProgram service;
  CHECK(service.post("/batch/store/patterns", onePattern).status == 200);
  const std::string json = "content-type: application/json\r\n";
  const auto times = static_cast<std::int64_t>(campaignSize(20));
  for (std::int64_t round = 1; round <= times; ++round) {
    const auto key = keyed("cut-" + std::to_string(round));
    {
      RawClient client(service.port());
      client.send(rawRequest("POST", "/batch/update/metrics", oneUpdate, json + key));
      if (round % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(round % 7));
    }  // gone before the answer
    const auto again = service.post("/batch/update/metrics", oneUpdate, key);
    CHECK(again.status == 200);
    CHECK(countOf(service) == round);
  }
}

TEST_CASE("service: a repeat that comes while the first one runs waits for it", "[service]") {
  const ServiceProgram service;
  std::string body = R"({"patterns":[)";
  for (int i = 0; i < 1000; ++i)
    body += (i == 0 ? "" : ",") + (R"({"code":"void function_)" + std::to_string(i) + "() {" + std::string(400, 'x') + "}\"}");
  body += "]}";
  const auto request = rawRequest("POST", "/batch/store/patterns", body, "content-type: application/json\r\n" + keyed("same"));
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(service.port());
    REQUIRE(clients.back().send(request));
  }
  int repeats = 0;
  std::string first;
  for (auto& client : clients) {
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->status == 200);
    if (first.empty()) first = answer->body;
    CHECK(answer->body == first);
    repeats += isRepeat(*answer) ? 1 : 0;
  }
  CHECK(repeats == 3);
}

TEST_CASE("service: answers outlive a restart, also by kill -9", "[service]") {
  const std::vector<std::string> arguments = {"--local", "store.db", "--state", "state.db"};
  ServiceProgram service(arguments);
  CHECK(service.post("/batch/store/patterns", onePattern, keyed("s")).status == 200);
  const auto first = service.post("/batch/update/metrics", oneUpdate, keyed("u"));
  CHECK(service.stop() == 0);
  service.start(arguments);
  const auto again = service.post("/batch/update/metrics", oneUpdate, keyed("u"));
  CHECK(isRepeat(again));
  CHECK(again.body == first.body);
  service.kill();
  service.start(arguments);
  CHECK(isRepeat(service.post("/batch/update/metrics", oneUpdate, keyed("u"))));
  CHECK(countOf(service) == 1);
}

TEST_CASE("service: kill -9 in the middle of counting: a repeat counts nothing twice, and says where it does not know", "[service]") {
  const std::vector<std::string> arguments = {"--local", "store.db", "--state", "state.db", "--quiet"};
  ServiceProgram service(arguments);
  CHECK(service.post("/batch/store/patterns", onePattern).status == 200);
  const auto seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  std::int64_t least = 0, most = 0;
  const auto rounds = static_cast<int>(campaignSize(15));
  for (int round = 0; round < rounds; ++round) {
    const auto key = keyed("killed-" + std::to_string(round));
    RawClient client(service.port());
    client.send(rawRequest("POST", "/batch/update/metrics", oneUpdate, "content-type: application/json\r\n" + key));
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(6000)));
    service.kill();
    service.start(arguments);
    const auto again = service.post("/batch/update/metrics", oneUpdate, key);
    if (again.status == 409) {
      CHECK_THAT(again.body, contains("not known"));
    } else {
      CHECK(again.status == 200);
      ++least;
    }
    ++most;
    const auto count = countOf(service);
    CHECK(count >= least);
    CHECK(count <= most);
    if (again.status == 409) most = least = count;  // what became of it has shown
  }
}

}  // namespace qbatch::test
#endif
