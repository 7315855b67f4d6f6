#include "codec/encode_points.hpp"

#include <simdjson.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "codec/json_check.hpp"
#include "codec/json_writer.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::codec;

namespace {

const PointId uuid = PointId::parse("123e4567-e89b-12d3-a456-426614174000");

std::string upsert(const UpsertBody& body) {
  std::string out;
  appendUpsert(out, body);
  CHECK(checkJson(out) == out);  // valid, and without white space
  return out;
}

std::string vectorText(const std::vector<float>& values) {
  std::string out;
  appendVector(out, values);
  return out;
}

float randomFloat(test::Random& random) {
  for (;;) {
    auto bits = static_cast<std::uint32_t>(random.below(std::uint64_t{1} << 32));
    if (random.chance(80)) bits = (bits & 0x807F'FFFFu) | static_cast<std::uint32_t>(random.between(110, 128)) << 23;
    if (random.chance(3)) bits &= 0x8000'0000u;
    const auto value = std::bit_cast<float>(bits);
    if (std::isfinite(value)) return value;
  }
}

/// Points that own what a PointView refers to.
struct Points {
  std::vector<std::vector<float>> vectors{};
  std::vector<std::string> payloads{};
  std::vector<PointView> views{};

  explicit Points(test::Random& random) {
    const std::size_t count = random.below(5);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<float> vector(random.below(random.chance(10) ? 600 : 20));
      for (float& value : vector) value = randomFloat(random);
      vectors.push_back(std::move(vector));
      payloads.push_back(random.chance(20) ? "" : "{\"n\":" + std::to_string(random.below(1000)) + ",\"text\":\"\\u00fc\\n\"}");
    }
    for (std::size_t i = 0; i < count; ++i) {
      std::array<std::uint8_t, 16> bytes{};
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
      views.push_back({random.chance(50) ? PointId::fromUuid(bytes) : PointId(random.below(UINT64_MAX)), vectors[i], payloads[i]});
    }
  }
};

/// As simdjson's DOM reads it, which knows nothing of this library.
void requireSame(simdjson::dom::element point, const PointView& sent, std::string_view vectorName) {
  if (sent.id.isNumber()) {
    REQUIRE(std::uint64_t(point["id"]) == sent.id.number());
  } else {
    REQUIRE(std::string_view(point["id"]) == sent.id.toString());
  }
  simdjson::dom::element vector = point["vector"];
  if (!vectorName.empty()) vector = vector.get_object().at_key(vectorName);
  const simdjson::dom::array numbers = vector.get_array();
  REQUIRE(numbers.size() == sent.vector.size());
  std::size_t i = 0;
  for (const double number : numbers) {
    const float value = sent.vector[i++];
    CAPTURE(value, number);
    // "0" is read as an integer, so only -0 shows that its sign is kept.
    REQUIRE(std::bit_cast<std::uint32_t>(static_cast<float>(number)) == std::bit_cast<std::uint32_t>(value));
  }
  simdjson::dom::parser parser;
  REQUIRE(simdjson::minify(point["payload"]) == simdjson::minify(parser.parse(std::string(sent.payload.empty() ? "{}" : sent.payload))));
}

}  // namespace

TEST_CASE("ids of both kinds") {
  std::string out = "x";
  appendPointId(out, PointId(18446744073709551615u));
  appendPointId(out, uuid);
  CHECK(out == "x18446744073709551615\"123e4567-e89b-12d3-a456-426614174000\"");
  const std::vector<PointId> ids = {PointId(0), uuid, PointId(7)};
  out.clear();
  appendPointIds(out, ids);
  CHECK(out == R"([0,"123e4567-e89b-12d3-a456-426614174000",7])");
  out.clear();
  appendPointIds(out, {});
  CHECK(out == "[]");
}

TEST_CASE("a vector is a list of short numbers") {
  CHECK(vectorText({}) == "[]");
  CHECK(vectorText({0.1F}) == "[0.1]");
  CHECK(vectorText({-0.0F, 0, 1, -2.5F, 0.012345678F, 1e-20F, 3.4028235e38F}) == "[-0.0,0,1,-2.5,0.012345678,1e-20,3.4028235e+38]");
  std::string many = "[";
  for (int i = 0; i < 1000; ++i) many += "0.25,";
  many.back() = ']';
  CHECK(vectorText(std::vector<float>(1000, 0.25F)) == many);
}

TEST_CASE("a vector that is not finite makes the whole request something that no JSON parser takes") {
  const float bad = GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                             -std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::quiet_NaN());
  const std::size_t place = GENERATE(std::size_t(0), std::size_t(63), std::size_t(200), std::size_t(383));
  const std::vector<float> good(384, 0.5F);
  auto vector = good;
  vector[place] = bad;
  const std::vector<PointView> points = {{PointId(1), good, "{}"}, {PointId(2), vector, "{}"}, {PointId(3), good, "{}"}};
  UpsertBody body;
  body.points = points;
  body.vectorName = GENERATE("", "dense");
  std::string out;
  appendUpsert(out, body);
  CAPTURE(bad, place, out.substr(0, 100));
  simdjson::dom::parser parser;
  CHECK(parser.parse(out).error() != simdjson::SUCCESS);
  CHECK_THROWS_AS(checkJson(out), ParseError);
}

TEST_CASE("an upsert of the unnamed vector") {
  const std::vector<float> first = {0.5F, -1}, second = {3};
  const std::vector<PointView> points = {{PointId(1), first, R"({"a":"ü"})"}, {uuid, second, ""}};
  CHECK(upsert({.points = points}) == R"({"points":[{"id":1,"vector":[0.5,-1],"payload":{"a":"ü"}},)"
                                      R"({"id":"123e4567-e89b-12d3-a456-426614174000","vector":[3],"payload":{}}]})");
  CHECK(upsert({}) == R"({"points":[]})");
}

TEST_CASE("an upsert with everything") {
  const std::vector<float> vector = {1};
  const std::vector<PointView> points = {{PointId(1), vector, "{}"}};
  CHECK(upsert({.points = points, .vectorName = "a\"b", .insertOnly = true, .updateFilter = R"({"must":[]})", .shardKey = "north"}) ==
        R"({"points":[{"id":1,"vector":{"a\"b":[1]},"payload":{}}],)"
        R"("update_mode":"insert_only","update_filter":{"must":[]},"shard_key":"north"})");
}

TEST_CASE("an update of vectors") {
  const std::vector<float> vector = {0.5F};
  const std::vector<PointView> points = {{PointId(1), vector, R"({"not":"sent"})"}, {PointId(2), vector, ""}};
  std::string out;
  appendUpdateVectors(out, points, "", "");
  CHECK(out == R"({"points":[{"id":1,"vector":[0.5]},{"id":2,"vector":[0.5]}]})");
  out.clear();
  appendUpdateVectors(out, {points.data(), 1}, "code", "s");
  CHECK(out == R"({"points":[{"id":1,"vector":{"code":[0.5]}}],"shard_key":"s"})");
}

TEST_CASE("bodies are appended, and a used buffer serves again") {
  std::string out = "before";
  appendUpsert(out, {});
  CHECK(out == R"(before{"points":[]})");
  const std::vector<float> vector(384, 0.123456F);
  const std::vector<PointView> points(50, PointView{PointId(1), vector, "{}"});
  out.clear();
  appendUpsert(out, {.points = points});
  const char* const place = out.data();
  const std::string first = out;
  out.clear();
  appendUpsert(out, {.points = points});
  CHECK(out == first);
  CHECK(out.data() == place);
}

TEST_CASE("room grows in few steps") {
  std::string out;
  std::size_t moves = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::size_t before = out.capacity();
    makeRoom(out, 100);
    REQUIRE(out.capacity() - out.size() >= 100);
    if (out.capacity() != before) ++moves;
    out.append(100, 'x');
  }
  CHECK(moves < 25);
}

TEST_CASE("points come back from another parser bit by bit") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  test::Random random(seed);
  simdjson::dom::parser parser;
  for (auto round = test::campaignSize(300); round > 0; --round) {
    const Points points(random);
    const std::string name = random.chance(50) ? "" : "näme\n\"";
    const std::string text = upsert({.points = points.views, .vectorName = name});
    const simdjson::dom::array read = parser.parse(text)["points"].get_array();
    REQUIRE(read.size() == points.views.size());
    std::size_t i = 0;
    for (const auto point : read) requireSame(point, points.views[i++], name);
  }
}
