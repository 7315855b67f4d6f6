#include "serve/selection.hpp"

#include <limits>

#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using qbatch::test::contains;
using qbatch::test::refused;

namespace {

/// One point with vectors of every kind, and one without any.
local::Collection somePoints() {
  local::Collection points(local::VectorLayout{{{"", 2, Distance::dot}, {"d", 1, Distance::dot}}, {"s", "t"}});
  local::PointVectors vectors;
  vectors.dense = {{1, 2.5F}, {3}};
  vectors.sparse = {local::SparseVector{{3, 70000}, {0.25F, -1}}};
  points.put(1, 1, 1, vectors, R"({"a":1,"b":{"c":2,"d":[{"e":3,"f":4}]},"h":"x"})");
  points.put(PointId::parse("550e8400-e29b-41d4-a716-446655440000"), 2, 1, {}, "{}");
  points.put(3, 3, 1, local::PointVectors::ofOne(0, {1, 2}), "{}");
  return points;
}
std::string shown(const std::string& json, std::uint64_t id = 1, bool payloadByDefault = false) {
  const local::Collection points = somePoints();
  const Body body(json);
  std::string out;
  Selection(objectOf(body.root()), payloadByDefault).show(out, points, points.find(id).value());
  return out;
}
std::string refusal(const std::string& json) {
  return refused([&] { static_cast<void>(shown(json)); });
}

}  // namespace

TEST_CASE("what is shown of a point where nothing is said") {
  CHECK(shown("{}") == R"({"id":1})");
  CHECK(shown("{}", 3, true) == R"({"id":3,"payload":{}})");
  CHECK(shown(R"({"with_payload":null,"with_vector":null})") == R"({"id":1})");
  const local::Collection points = somePoints();
  std::string out;
  Selection().show(out, points, 1, R"(,"score":1)");
  CHECK(out == R"({"id":"550e8400-e29b-41d4-a716-446655440000","score":1,"payload":{},"vector":{}})");
}

TEST_CASE("payloads are shown whole, not at all, or by paths") {
  CHECK(shown(R"({"with_payload":false})", 1, true) == R"({"id":1})");
  CHECK(shown(R"({"with_payload":true})") == R"({"id":1,"payload":{"a":1,"b":{"c":2,"d":[{"e":3,"f":4}]},"h":"x"}})");
  CHECK(shown(R"({"with_payload":["a","b.d[].f"]})") == R"({"id":1,"payload":{"a":1,"b":{"d":[{"f":4}]}}})");
  CHECK(shown(R"({"with_payload":{"include":["h","none"]}})") == R"({"id":1,"payload":{"h":"x"}})");
  CHECK(shown(R"({"with_payload":{"exclude":["b.c","h","b.d[].e"]}})") == R"({"id":1,"payload":{"a":1,"b":{"d":[{"f":4}]}}})");
  CHECK(shown(R"({"with_payload":[]})") == R"({"id":1,"payload":{}})");
  CHECK_THAT(refusal(R"({"with_payload":"a"})"), contains("untagged enum WithPayloadInterface"));
  CHECK_THAT(refusal(R"({"with_payload":{"only":["a"]}})"), contains("untagged enum WithPayloadInterface"));
  CHECK_THAT(refusal(R"({"with_payload":["a..b"]})"), contains("Invalid json path"));
}

TEST_CASE("vectors are shown alone or by name, sparse ones among them") {
  const std::string sparse = R"("s":{"indices":[3,70000],"values":[0.25,-1.0]}})";
  CHECK(shown(R"({"with_vector":true})") == R"({"id":1,"vector":{"":[1.0,2.5],"d":[3.0],)" + sparse + "}");
  CHECK(shown(R"({"with_vectors":["s","d"]})") == R"({"id":1,"vector":{"d":[3.0],)" + sparse + "}");
  CHECK(shown(R"({"with_vector":[""]})") == R"({"id":1,"vector":[1.0,2.5]})");
  CHECK(shown(R"({"with_vector":["t"]})") == R"({"id":1,"vector":{}})");
  CHECK(shown(R"({"with_vector":true})", 3) == R"({"id":3,"vector":[1.0,2.0]})");
  CHECK(shown(R"({"with_vector":["d"]})", 3) == R"({"id":3,"vector":{}})");
  CHECK(shown(R"({"with_vector":false,"with_payload":["h"]})") == R"({"id":1,"payload":{"h":"x"}})");
  CHECK_THAT(refusal(R"({"with_vector":"d"})"), contains("untagged enum WithVector"));
  CHECK_THAT(refusal(R"({"with_vector":[1]})"), contains("expected a string"));
}

TEST_CASE("names that the collection lacks are found out") {
  const auto checked = [](const std::string& json) {
    const Body body(json);
    const Selection selection(objectOf(body.root()), false);
    return refused([&] { selection.check(somePoints().layout()); });
  };
  CHECK(checked(R"({"with_vector":["","d","t"]})") == "not refused");
  CHECK(checked(R"({"with_vector":true})") == "not refused");
  CHECK(checked(R"({"with_vector":["d","u"]})") == "400 Wrong input: Not existing vector name error: u");
}

TEST_CASE("floats are written as short as they read back, whole ones with a fraction") {
  const auto text = [](float value) {
    std::string out;
    appendFloatOrNull(out, value);
    return out;
  };
  CHECK(text(0.1F) == "0.1");
  CHECK(text(-3) == "-3.0");
  CHECK(text(0) == "0.0");
  CHECK(text(16777216) == "16777216.0");
  CHECK(text(std::numeric_limits<float>::infinity()) == "null");
  CHECK(text(std::numeric_limits<float>::quiet_NaN()) == "null");
}
