#include "hit_json.hpp"

#include <limits>

#include "codec/json_object.hpp"
#include "qbatch/report.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using response::Scores;

namespace {

Hit someHit() {
  Hit hit;
  hit.id = PointId(7);
  hit.score = 0.5F;
  hit.description = "d \"q\"";
  hit.code = "c\n";
  hit.language = "cpp";
  return hit;
}

std::string written(const Hit& hit, Scores scores) {
  std::string out = "[";
  response::hit(out, hit, scores);
  const auto json = out.substr(1);
  CHECK(codec::checkedJson(json) == json);
  return json;
}

}  // namespace

TEST_CASE("a hit is an object, with its score where it was searched for") {
  CHECK(written(someHit(), Scores::shown) == R"({"id":7,"description":"d \"q\"","code":"c\n","language":"cpp","score":0.5})");
  CHECK(written(someHit(), Scores::leftOut) == R"({"id":7,"description":"d \"q\"","code":"c\n","language":"cpp"})");
  CHECK(toJson(someHit()) == written(someHit(), Scores::leftOut));
}

TEST_CASE("metadata holds the usage metrics, and the collection comes last") {
  auto hit = someHit();
  hit.metadata = Payload{{"stars", 5}};
  hit.usageCount = 3;
  hit.successRate = std::numeric_limits<double>::infinity();
  hit.lastUsed = "2025-01-15T12:00:00Z";
  hit.collection = "tools";
  CHECK(written(hit, Scores::leftOut) ==
        R"({"id":7,"description":"d \"q\"","code":"c\n","language":"cpp",)"
        R"("metadata":{"stars":5,"usage_count":3,"success_rate":null,"last_used":"2025-01-15T12:00:00Z"},"collection":"tools"})");
}

TEST_CASE("a pattern that was read shows its usage metrics as metadata, and a UUID as text") {
  Hit hit;
  hit.id = PointId::parse("123e4567-e89b-12d3-a456-426614174000");
  hit.usageCount = 0;
  CHECK(toJson(hit) ==
        R"({"id":"123e4567-e89b-12d3-a456-426614174000","description":"","code":"","language":"","metadata":{"usage_count":0}})");
}
