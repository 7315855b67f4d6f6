#include "codec/encode_payload.hpp"

#include "support/catch.hpp"

using namespace qbatch;

namespace {
std::string encoded(const Pattern& pattern, const FieldNames& fields = {}) {
  std::string out = "before ";
  codec::appendPatternPayload(out, pattern, fields);
  REQUIRE(out.starts_with("before "));
  return out.substr(7);
}
}  // namespace

TEST_CASE("a payload is flat: texts, metadata, a usage count of 0") {
  const Pattern pattern{
      .description = "d\"1\"", .code = "a\n\tb", .language = "cpp", .metadata = Payload::parse(R"({"x":{"y":[1]},"success_rate":0.5})")};
  CHECK(encoded(pattern) ==
        R"({"description":"d\"1\"","code":"a\n\tb","language":"cpp","x":{"y":[1]},"success_rate":0.5,"usage_count":0})");
  CHECK(encoded({}) == R"({"description":"","code":"","language":"","usage_count":0})");
}

TEST_CASE("mapped names stand in place of the documented ones, also for metrics in metadata") {
  FieldNames fields;
  fields.description = "text";
  fields.usageCount = "uses";
  fields.successRate = "rate";
  fields.lastUsed = "seen";
  const Pattern pattern{.description = "d", .metadata = Payload::parse(R"({"success_rate":1,"last_used":null,"other":2})")};
  CHECK(encoded(pattern, fields) == R"({"text":"d","code":"","language":"","rate":1,"seen":null,"other":2,"uses":0})");
}
