#include "codec/kept_member.hpp"

#include "support/catch.hpp"

using namespace qbatch;
using codec::isKept;
using codec::JsonObject;

TEST_CASE("metrics under their names, own members and the counters that those name are kept, all else is content") {
  const auto stored = JsonObject::parse(R"({"downloads":3,"_qbatch_counter_downloads":true,"stars":4})");
  FieldNames fields;
  for (const auto* name : {"usage_count", "success_rate", "last_used", "_qbatch_last", "_qbatch_W", "downloads"})
    CHECK(isKept(name, stored, fields));
  for (const auto* name : {"stars", "code", "description", "uses", "qbatch", ""}) CHECK_FALSE(isKept(name, stored, fields));
  fields.usageCount = "uses";
  CHECK(isKept("uses", stored, fields));
  CHECK_FALSE(isKept("usage_count", stored, fields));
}
