#include "codec/decode_hit.hpp"

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;

namespace {
Hit decoded(std::string payload, const FieldNames& fields = {}) {
  return codec::decodeHit({.id = 5, .score = 0.5f, .payload = std::move(payload)}, fields);
}
}  // namespace

TEST_CASE("a payload's members go into the hit's fields, the rest into metadata") {
  const auto hit = decoded(R"({"description":"d","code":"c\n","language":"cpp","usage_count":3,"success_rate":1,
                               "last_used":"2025-01-15T12:00:00Z","x":{"y":[1,null]},"_qbatch_w":9,"_qbatch_last":"a.1"})");
  CHECK(hit.id == PointId(5));
  CHECK(hit.score == 0.5f);
  CHECK(hit.description == "d");
  CHECK(hit.code == "c\n");
  CHECK(hit.language == "cpp");
  CHECK(hit.usageCount == 3);
  CHECK(hit.successRate == 1.0);
  CHECK(hit.lastUsed == "2025-01-15T12:00:00Z");
  CHECK(hit.metadata.json() == R"({"x":{"y":[1,null]}})");
}

TEST_CASE("a member of an unexpected kind stays in metadata") {
  const auto hit = decoded(R"({"description":7,"usage_count":1.5,"success_rate":"high","last_used":null})");
  CHECK(hit.description.empty());
  CHECK_FALSE(hit.usageCount);
  CHECK_FALSE(hit.successRate);
  CHECK_FALSE(hit.lastUsed);
  CHECK(hit.metadata.json() == R"({"description":7,"usage_count":1.5,"success_rate":"high","last_used":null})");
}

TEST_CASE("mapped names are read, and the documented ones are then metadata") {
  FieldNames fields;
  fields.code = "source";
  fields.usageCount = "uses";
  const auto hit = decoded(R"({"source":"s","uses":2,"code":"other"})", fields);
  CHECK(hit.code == "s");
  CHECK(hit.usageCount == 2);
  CHECK(hit.metadata.json() == R"({"code":"other"})");
}

TEST_CASE("no payload is an empty hit, and one that is no object is a ParseError") {
  CHECK(decoded("").metadata.empty());
  CHECK_THROWS_AS(decoded("[1]"), ParseError);
}

TEST_CASE("a payload that has been checked gives the same hit as one that has not") {
  for (const auto* text :
       {R"({})", R"({"description":"a \"quoted\" \\ text","code":"line\nline\u00e9","language":"","usage_count":7})",
        R"({"x":{"y":[1,null,"]}"],"z":{}},"k\"ey":-1.5e3,"_qbatch_A1":9,"last_used":null,"success_rate":0.5,"tags":["a","b"]})"}) {
    const auto checked = codec::decodeHit({.payload = text, .payloadChecked = true}, {}), unchecked = decoded(text);
    INFO(text);
    CHECK(checked.description == unchecked.description);
    CHECK(checked.code == unchecked.code);
    CHECK(checked.language == unchecked.language);
    CHECK(checked.usageCount == unchecked.usageCount);
    CHECK(checked.successRate == unchecked.successRate);
    CHECK(checked.lastUsed == unchecked.lastUsed);
    CHECK(checked.metadata.json() == unchecked.metadata.json());
  }
}
