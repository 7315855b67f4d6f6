#include "support/fake_qdrant.hpp"

#include <thread>

#include "support/catch.hpp"
#include "support/conformance_replay.hpp"
#include "support/scripted_server.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::test;
using qbatch::PointId;

namespace {

class Asked {
 public:
  explicit Asked(FakeQdrant::Options options = {}) : fake(std::move(options)) {}
  /// Returns the status; the body is in `body`.
  int operator()(const std::string& line, const std::string& sent = {}, HttpHeaders headers = {}) {
    auto exchange = parseHead(line + " HTTP/1.1\r\n\r\n").value();
    exchange.body = sent;
    exchange.headers = std::move(headers);
    const auto answer = fake.answer(exchange);
    body = answer.body;
    return answer.status;
  }
  void makeCollection() { REQUIRE((*this)("PUT /collections/c", R"({"vectors":{"size":2,"distance":"Dot"}})") == 200); }
  void store(const std::string& points, const std::string& more = {}) {
    REQUIRE((*this)("PUT /collections/c/points?wait=true", R"({"points":)" + points + more + "}") == 200);
  }

  FakeQdrant fake;
  std::string body;
};

const std::string twoPoints = R"([{"id":1,"vector":[1,0],"payload":{"n":1}},{"id":2,"vector":[0,1],"payload":{"n":2,"m":null}}])";

}  // namespace

TEST_CASE("a replayed answer that differs is found") {
  RecordedStep step{
      "x", "x", {}, 200, R"({"result":{"points":[{"id":1,"score":0.5},{"id":2,"score":0.5},{"id":3,"score":0.1}]},"status":"ok"})"};
  const auto differs = [&](const std::string& body, int status = 200) {
    return difference(step, {status, {}, body, false, {}}).has_value();
  };
  CHECK_FALSE(differs(R"({"result":{"points":[{"id":2,"score":0.500001},{"id":1,"score":0.5},{"id":3,"score":0.1}]},"time":1})"));
  CHECK(differs(R"({"result":{"points":[{"id":1,"score":0.5},{"id":3,"score":0.1},{"id":2,"score":0.5}]}})"));
  CHECK(differs(R"({"result":{"points":[{"id":1,"score":0.5},{"id":2,"score":0.5}]}})"));
  CHECK(differs(R"({"result":{"points":[{"id":1,"score":0.5},{"id":2,"score":0.5},{"id":3,"score":0.2}]}})"));
  CHECK(differs(R"({"result":{"points":[{"id":1,"score":0.5},{"id":2,"score":0.5},{"id":3}]}})"));
  CHECK(differs(step.response, 201));
  CHECK(differs("no JSON"));
  step.status = 400;
  step.response = R"({"status":{"error":"wrong thing at line 1 column 2"}})";
  CHECK_FALSE(differs(R"({"status":{"error":"wrong thing"}})", 400));
  CHECK(differs(R"({"status":{"error":"other thing"}})", 400));
}

TEST_CASE("the fake Qdrant says its version, and an older one passes over what it does not know") {
  Asked asked({.version = "1.15.4"});
  REQUIRE(asked("GET /") == 200);
  CHECK_THAT(asked.body, contains(R"("version":"1.15.4")"));
  asked.makeCollection();
  asked.store(twoPoints);
  asked.store(R"([{"id":1,"vector":[1,1],"payload":{"n":9}}])", R"(,"update_mode":"insert_only")");
  CHECK(asked.fake.payload("c", 1) == R"({"n":9})");
  asked.store(R"([{"id":1,"vector":[1,1],"payload":{"n":10}}])", R"(,"update_filter":{"must":[{"key":"n","match":{"value":77}}]})");
  CHECK(asked.fake.payload("c", 1) == R"({"n":10})");
  REQUIRE(asked("PUT /collections/m", R"({"vectors":{"size":1,"distance":"Dot"},"metadata":{"k":"v"}})") == 200);
  REQUIRE(asked("GET /collections/m") == 200);
  CHECK(asked.body.find("metadata") == std::string::npos);
  Asked between({.version = "1.16.0"});
  between.makeCollection();
  between.store(twoPoints);
  between.store(R"([{"id":1,"vector":[1,1],"payload":{"n":10}}])", R"(,"update_filter":{"must":[{"key":"n","match":{"value":77}}]})");
  CHECK(between.fake.payload("c", 1) == R"({"n":1})");
  between.store(R"([{"id":1,"vector":[1,1],"payload":{"n":9}}])", R"(,"update_mode":"insert_only")");
  CHECK(between.fake.payload("c", 1) == R"({"n":9})");
}

TEST_CASE("the fake Qdrant describes collections") {
  Asked asked;
  REQUIRE(asked("PUT /collections/d",
                R"({"vectors":{"code":{"size":3,"distance":"Euclid"}},"metadata":{"qbatch_embedder":"e"},"replication_factor":2})") == 200);
  REQUIRE(asked("GET /collections/d") == 200);
  CHECK_THAT(asked.body, contains(R"("vectors":{"code":{"size":3,"distance":"Euclid"}})"));
  CHECK_THAT(asked.body, contains(R"("metadata":{"qbatch_embedder":"e"})"));
  CHECK_THAT(asked.body, contains(R"("replication_factor":2)"));
  CHECK_THAT(asked.body, contains(R"("points_count":0)"));
  REQUIRE(asked("POST /collections/aliases", R"({"actions":[{"create_alias":{"collection_name":"d","alias_name":"a"}}]})") == 200);
  CHECK(asked("GET /collections/a") == 200);
  CHECK(asked("PUT /collections/a", R"({"vectors":{"size":1,"distance":"Dot"}})") == 400);
  CHECK(asked.fake.problems().empty());
}

TEST_CASE("aliases of the fake Qdrant change all at once or not at all") {
  Asked asked;
  asked.makeCollection();
  CHECK(
      asked(
          "POST /collections/aliases",
          R"({"actions":[{"create_alias":{"collection_name":"c","alias_name":"a"}},{"rename_alias":{"old_alias_name":"no","new_alias_name":"x"}}]})") ==
      404);
  REQUIRE(asked("GET /aliases") == 200);
  CHECK_THAT(asked.body, contains(R"("aliases":[])"));
}

TEST_CASE("an unknown vector name stores what stands before it, a wrong dimension nothing") {
  Asked asked;
  asked.makeCollection();
  const std::string unknown = R"({"points":[{"id":1,"vector":[1,2]},{"id":2,"vector":{"x":[1,2]}},{"id":3,"vector":[1,2]}]})";
  CHECK(asked("PUT /collections/c/points?wait=true", unknown) == 400);
  CHECK(asked.fake.pointCount("c") == 1);
  CHECK(asked.fake.vector("c", 1) == std::vector<float>{1, 2});
  CHECK(asked("PUT /collections/c/points?wait=true", R"({"points":[{"id":4,"vector":[1,2]},{"id":5,"vector":[1]}]})") == 400);
  CHECK(asked.fake.pointCount("c") == 1);
  CHECK(asked("POST /collections/c/points/delete?wait=true", R"({"points":[1]})") == 200);
  CHECK(asked("PUT /collections/c/points?wait=false", unknown) == 200);  // and nobody hears of it
  CHECK_THAT(asked.body, contains(R"("status":"acknowledged")"));
  CHECK(asked.fake.pointCount("c") == 1);
}

TEST_CASE("null removes a payload key when it is set, and stays when a point is stored") {
  Asked asked;
  asked.makeCollection();
  asked.store(twoPoints);
  CHECK(asked.fake.payload("c", 2) == R"({"n":2,"m":null})");
  CHECK(asked("POST /collections/c/points/payload?wait=true", R"({"payload":{"n":null,"k":[null]},"points":[2]})") == 200);
  CHECK(asked.fake.payload("c", 2) == R"({"m":null,"k":[null]})");
}

TEST_CASE("a missing id is a 404 after others were written") {
  Asked asked;
  asked.makeCollection();
  asked.store(twoPoints);
  CHECK(asked("POST /collections/c/points/payload?wait=true", R"({"payload":{"k":1},"points":[1,7]})") == 404);
  CHECK_THAT(asked.body, contains("No point with id 7 found"));
  CHECK(asked.fake.payload("c", 1) == R"({"n":1,"k":1})");
  CHECK(asked("PUT /collections/c/points/vectors?wait=true", R"({"points":[{"id":2,"vector":[5,6]},{"id":8,"vector":[5,6]}]})") == 404);
  CHECK(asked.fake.vector("c", 2) == std::vector<float>{5, 6});
}

TEST_CASE("the fake Qdrant can let updates wait") {
  Asked asked;
  asked.makeCollection();
  asked.fake.setPace(
      [](const Exchange& exchange) { return exchange.method == "PUT" ? FakeQdrant::Pace::timesOut : FakeQdrant::Pace::held; });
  asked.store(twoPoints);
  CHECK_THAT(asked.body, contains(R"("status":"wait_timeout")"));
  CHECK(asked.fake.pointCount("c") == 2);
  REQUIRE(asked("POST /collections/c/points/delete?wait=true", R"({"points":[1]})") == 200);
  CHECK_THAT(asked.body, contains(R"("status":"wait_timeout")"));
  REQUIRE(asked("POST /collections/c/points/delete", R"({"points":[2]})") == 200);
  CHECK_THAT(asked.body, contains(R"("status":"acknowledged")"));
  CHECK(asked.fake.pointCount("c") == 2);
  asked.fake.applyHeld();
  CHECK(asked.fake.pointCount("c") == 0);
}

TEST_CASE("the fake Qdrant asks for its key") {
  Asked asked({.apiKey = "secret", .readOnlyApiKey = "look", .maxRequestBytes = 100});
  CHECK(asked("GET /") == 200);
  CHECK(asked("GET /collections") == 401);
  CHECK(asked.body == "Must provide an API key or an Authorization bearer token");
  CHECK(asked("GET /collections", "", {{"api-key", "wrong"}}) == 401);
  CHECK(asked("GET /collections", "", {{"api-key", "secret"}}) == 200);
  CHECK(asked("GET /collections", "", {{"authorization", "Bearer secret"}}) == 200);
  CHECK(asked("GET /collections", "", {{"api-key", "look"}}) == 200);
  CHECK(asked("DELETE /collections/x", "", {{"api-key", "look"}}) == 403);
  CHECK(asked("PUT /collections/x", std::string(101, ' '), {{"api-key", "secret"}}) == 400);
  CHECK(asked.body ==
        R"({"status":{"error":"Payload error: JSON payload (101 bytes) is larger than allowed (limit: 100 bytes)."},"time":0.0})");
}

TEST_CASE("requests that do not fit the API description are refused and kept") {
  Asked asked;
  asked.makeCollection();
  CHECK(asked("PUT /collections/c/points?wait=true", R"({"points":[{"id":1,"vector":[1,2],"pay_load":{}}]})") == 400);
  CHECK(asked("PUT /collections/c/points?wiat=true", R"({"points":[{"id":1,"vector":[1,2]}]})") == 400);
  CHECK(asked.fake.pointCount("c") == 0);
  REQUIRE(asked.fake.problems().size() == 2);
  CHECK_THAT(asked.fake.problems()[0], contains("/points/0/pay_load"));
  CHECK_THAT(asked.fake.problems()[1], contains("wiat"));
}

TEST_CASE("infinite and not normalised values come back as the real server gives them") {
  Asked asked;
  asked.makeCollection();
  asked.store(R"([{"id":1,"vector":[1e39,1]}])");
  REQUIRE(asked("GET /collections/c/points/1") == 200);
  CHECK_THAT(asked.body, contains(R"("vector":[null,1.0])"));
  REQUIRE(asked("PUT /collections/n", R"({"vectors":{"size":2,"distance":"Cosine"}})") == 200);
  REQUIRE(asked("PUT /collections/n/points?wait=true", R"({"points":[{"id":1,"vector":[3,4]}]})") == 200);
  CHECK(asked.fake.vector("n", 1) == std::vector<float>{0.6F, 0.8F});
}

TEST_CASE("several clients use one fake Qdrant at once") {
  FakeQdrant fake;
  Exchange create = parseHead("PUT /collections/c HTTP/1.1\r\n\r\n").value();
  create.body = R"({"vectors":{"size":2,"distance":"Dot"}})";
  REQUIRE(fake.answer(create).status == 200);
  std::vector<std::thread> threads;
  for (int worker = 0; worker < 4; ++worker) {
    threads.emplace_back([&fake, worker] {
      for (int i = 0; i < 25; ++i) {
        Exchange upsert = parseHead("PUT /collections/c/points?wait=true HTTP/1.1\r\n\r\n").value();
        upsert.body = R"({"points":[{"id":)" + std::to_string(worker * 25 + i) + R"(,"vector":[1,2]}]})";
        static_cast<void>(fake.answer(upsert));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(fake.pointCount("c") == 100);
  CHECK(fake.problems().empty());
}
