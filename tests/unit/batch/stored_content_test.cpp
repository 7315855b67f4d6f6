#include "batch/stored_content.hpp"

#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;

namespace {

const std::vector<float> vector = {3, 0, -4};  // of length 5

ContentRules rulesFor(Existing existing, Distance distance = Distance::dot) {
  ContentRules rules;
  rules.existing = existing;
  rules.distance = distance;
  return rules;
}

PointView sent(std::string_view payload) { return {1, vector, payload}; }
StoredPoint stored(std::string payload, std::vector<float> values = vector) { return {1, 0, std::move(payload), std::move(values)}; }

bool samePayload(Existing existing, std::string_view wanted, std::string there) {
  return sameContent(sent(wanted), stored(std::move(there)), rulesFor(existing));
}
bool sameVector(const std::vector<float>& wanted, std::vector<float> there, ContentRules rules) {
  return sameContent({1, wanted, "{}"}, stored("{}", std::move(there)), rules);
}

using Before = std::optional<PointBefore>;
Before known(std::string payload) { return PointBefore{true, std::move(payload)}; }
const Before absent = PointBefore();

}  // namespace

TEST_CASE("stored_content: replace compares the whole payload", "[batch]") {
  constexpr auto replace = Existing::replace;
  CHECK(samePayload(replace, R"({"a":1,"b":[{"c":2}]})", R"({"b": [{"c": 2}], "a": 1})"));
  CHECK_FALSE(samePayload(replace, R"({"a":1})", R"({"a":2})"));
  CHECK_FALSE(samePayload(replace, R"({"a":1})", R"({"a":1,"more":2})"));
  CHECK_FALSE(samePayload(replace, R"({"a":1,"more":2})", R"({"a":1})"));
  for (const auto* kept : {"usage_count", "success_rate", "last_used", "_qbatch_last"}) {
    CAPTURE(kept);
    CHECK_FALSE(samePayload(replace, "{}", R"({")" + std::string(kept) + R"(":7})"));
  }
  CHECK_FALSE(samePayload(replace, R"({"views":0,"_qbatch_counter_views":true})", R"({"views":4,"_qbatch_counter_views":true})"));
  CHECK(samePayload(replace, "", "{}"));
  CHECK(samePayload(replace, "{}", ""));
  CHECK_FALSE(samePayload(replace, R"({"a":1})", ""));
}

TEST_CASE("stored_content: nulls are like absent members, and numbers may change in the last place", "[batch]") {
  for (const auto existing : {Existing::replace, Existing::keepMetrics}) {
    CHECK(samePayload(existing, R"({"a":null,"b":1})", R"({"b":1})"));
    CHECK(samePayload(existing, R"({"b":1})", R"({"a":null,"b":1})"));
    CHECK(samePayload(existing, R"({"a":{"x":null}})", R"({"a":{}})"));
    CHECK_FALSE(samePayload(existing, R"({"a":null})", R"({"a":0})"));
    CHECK(samePayload(existing, R"({"a":0.3})", R"({"a":0.30000000000000004})"));
    CHECK_FALSE(samePayload(existing, R"({"a":0.3})", R"({"a":0.31})"));
    CHECK_FALSE(samePayload(existing, R"({"a":9007199254740993})", R"({"a":9007199254740992})"));
  }
}

TEST_CASE("stored_content: keepMetrics passes over what storing again keeps", "[batch]") {
  constexpr auto keep = Existing::keepMetrics;
  CHECK(
      samePayload(keep, R"({"code":"a","usage_count":0})", R"({"code":"a","usage_count":9,"success_rate":0.5,"last_used":"2025-01-15"})"));
  CHECK(samePayload(keep, R"({"code":"a"})", R"({"code":"a","_qbatch_W":5,"_qbatch_last":"W.5","_qbatch_store":"S.1"})"));
  CHECK(samePayload(keep, R"({"views":0})", R"({"views":4,"_qbatch_counter_views":true})"));
  CHECK(samePayload(keep, "{}", R"({"views":4,"_qbatch_counter_views":true})"));
  CHECK_FALSE(samePayload(keep, R"({"views":0})", R"({"views":4})"));  // no counter, only a name
  CHECK_FALSE(samePayload(keep, R"({"views":0})", R"({"views":4,"_qbatch_counter_view":true})"));
  CHECK_FALSE(samePayload(keep, R"({"code":"a"})", R"({"code":"b","usage_count":9})"));
  CHECK_FALSE(samePayload(keep, R"({"code":"a"})", R"({"code":"a","tag":"theirs"})"));
}

TEST_CASE("stored_content: metrics have the names that the options give them", "[batch]") {
  auto rules = rulesFor(Existing::keepMetrics);
  rules.fields.usageCount = "uses";
  CHECK(sameContent(sent(R"({"uses":0})"), stored(R"({"uses":3})"), rules));
  CHECK_FALSE(sameContent(sent(R"({"usage_count":0})"), stored(R"({"usage_count":3})"), rules));
}

TEST_CASE("stored_content: cosine compares with what the collection makes of a vector", "[batch]") {
  const auto cosine = rulesFor(Existing::replace, Distance::cosine);
  CHECK(sameVector({3, 0, -4}, {0.6F, 0, -0.8F}, cosine));
  CHECK(sameVector({0.6F, 0, -0.8F}, {0.6F, 0, -0.8F}, cosine));
  CHECK_FALSE(sameVector({3, 0, -4}, {3, 0, -4}, cosine));
  CHECK_FALSE(sameVector({3, 0, -4}, {-0.6F, 0, 0.8F}, cosine));
  CHECK(sameVector({0, 0, 0}, {0, 0, 0}, cosine));  // nothing to normalise
  CHECK_FALSE(sameVector({0, 0, 0}, {0, 1, 0}, cosine));
  CHECK(sameVector({3e30F, 0, -4e30F}, {0.6F, 0, -0.8F}, cosine));
  CHECK(sameVector({3e-30F, 0, -4e-30F}, {0.6F, 0, -0.8F}, cosine));
  for (const auto distance : {Distance::dot, Distance::euclid, Distance::manhattan}) {
    const auto rules = rulesFor(Existing::replace, distance);
    CHECK(sameVector({3, 0, -4}, {3, 0, -4}, rules));
    CHECK_FALSE(sameVector({3, 0, -4}, {0.6F, 0, -0.8F}, rules));
  }
}

TEST_CASE("stored_content: vectors may differ by the tolerance, in parts of their largest value", "[batch]") {
  const auto dot = rulesFor(Existing::replace);
  CHECK(sameVector({1000, 0}, {1000.009F, 0}, dot));
  CHECK(sameVector({1000, 0}, {1000, -0.009F}, dot));
  CHECK_FALSE(sameVector({1000, 0}, {1000.02F, 0}, dot));
  CHECK_FALSE(sameVector({1000, 0}, {1000, 0.02F}, dot));
  CHECK(sameVector({1e-6F, 2e-6F}, {1e-6F, 2e-6F}, dot));
  CHECK_FALSE(sameVector({1e-6F, 2e-6F}, {2e-6F, 1e-6F}, dot));
  auto wide = dot;
  wide.tolerance = 0.1F;
  CHECK(sameVector({1000, 0}, {1020, 90}, wide));
  const auto cosine = rulesFor(Existing::replace, Distance::cosine);
  CHECK(sameVector({3, 0, -4}, {0.600005F, 0, -0.8F}, cosine));
  CHECK_FALSE(sameVector({3, 0, -4}, {0.60002F, 0, -0.8F}, cosine));
}

TEST_CASE("stored_content: a vector of another size, a missing one and one that is no number are other content", "[batch]") {
  const auto dot = rulesFor(Existing::replace);
  CHECK_FALSE(sameVector({1, 2}, {1, 2, 0}, dot));
  CHECK_FALSE(sameVector({1, 2}, {}, dot));
  CHECK_FALSE(sameVector({1, 2}, {1, std::nanf("")}, dot));
}

TEST_CASE("stored_content: an upsert is there, or is not, or somebody else has written", "[batch]") {
  struct Row {
    const char* what;
    Before before;
    std::optional<std::string> there;
    Found found;
    Before after;
  };
  const std::string ours = R"({"code":"ours"})", then = R"({"code":"then"})", third = R"({"code":"third"})";
  const Before never = known(R"({"qbatch:superseded":true})");  // a condition that nothing fulfils
  const Row rows[] = {
      {"ours, nothing known", {}, ours, Found::asSent, {}},
      {"ours, where something stood", known(then), ours, Found::asSent, known(then)},
      {"ours, where nothing stood", absent, ours, Found::asSent, absent},
      {"nothing, nothing known", {}, {}, Found::untouched, absent},
      {"still nothing", absent, {}, Found::untouched, absent},
      {"taken away", known(then), {}, Found::superseded, never},
      {"something, nothing known", {}, then, Found::untouched, known(then)},
      {"still what stood there", known(then), then, Found::untouched, known(then)},
      {"a third thing", known(then), third, Found::superseded, never},
      {"something, where nothing stood", absent, third, Found::superseded, never},
  };
  for (const auto existing : {Existing::replace, Existing::keepMetrics}) {
    for (const auto& row : rows) {
      CAPTURE(row.what);
      auto before = row.before;
      const auto point = stored(row.there.value_or(""));
      CHECK(upserted(sent(ours), row.there ? &point : nullptr, before, rulesFor(existing)) == row.found);
      REQUIRE(before.has_value() == row.after.has_value());
      if (!before) continue;
      CHECK(before->exists == row.after->exists);
      CHECK(before->payload == row.after->payload);
    }
  }
}

TEST_CASE("stored_content: the payload as sent with another vector is not what was sent", "[batch]") {
  Before before;
  const auto point = stored(R"({"code":"ours"})", {1, 2, 3});
  CHECK(upserted(sent(R"({"code":"ours"})"), &point, before, rulesFor(Existing::replace)) == Found::untouched);
  before = absent;
  CHECK(upserted(sent(R"({"code":"ours"})"), &point, before, rulesFor(Existing::replace)) == Found::superseded);
}

TEST_CASE("stored_content: skip wants a point, whatever is in it", "[batch]") {
  const auto rules = rulesFor(Existing::skip);
  const auto other = stored(R"({"code":"theirs"})", {9});
  Before before;
  CHECK(upserted(sent(R"({"code":"ours"})"), &other, before, rules) == Found::asSent);
  CHECK(upserted(sent(R"({"code":"ours"})"), nullptr, before, rules) == Found::untouched);
  REQUIRE(before);
  CHECK_FALSE(before->exists);
}

TEST_CASE("stored_content: what was looked up before may lack the texts, where metrics are kept", "[batch]") {
  const auto there = stored(R"({"description":"d","code":"then","language":"cpp","tag":1})");
  auto before = known(R"({"tag":1})");
  CHECK(upserted(sent(R"({"code":"ours"})"), &there, before, rulesFor(Existing::keepMetrics)) == Found::untouched);
  CHECK(before->payload == there.payload);  // the texts are known from now on
  auto changed = there;
  changed.payload = R"({"description":"d","code":"third","language":"cpp","tag":1})";
  CHECK(upserted(sent(R"({"code":"ours"})"), &changed, before, rulesFor(Existing::keepMetrics)) == Found::superseded);

  before = known(R"({"tag":1})");
  CHECK(upserted(sent(R"({"code":"ours"})"), &there, before, rulesFor(Existing::replace)) == Found::superseded);
  before = known(R"({"tag":2})");
  CHECK(upserted(sent(R"({"code":"ours"})"), &there, before, rulesFor(Existing::keepMetrics)) == Found::superseded);
  before = known(R"({"code":"other","tag":1})");  // a text that is known must be the same
  CHECK(upserted(sent(R"({"code":"ours"})"), &there, before, rulesFor(Existing::keepMetrics)) == Found::superseded);
}

TEST_CASE("stored_content: metrics that were counted meanwhile are known from then on", "[batch]") {
  const auto there = stored(R"({"code":"then","usage_count":8,"_qbatch_W":6})");
  auto before = known(R"({"code":"then","usage_count":7,"_qbatch_W":5})");
  CHECK(upserted(sent(R"({"code":"ours"})"), &there, before, rulesFor(Existing::keepMetrics)) == Found::untouched);
  CHECK(before->payload == there.payload);
  before = known(R"({"code":"then","usage_count":7,"_qbatch_W":5})");
  CHECK(upserted(sent(R"({"code":"ours"})"), &there, before, rulesFor(Existing::replace)) == Found::superseded);
}

TEST_CASE("stored_content: a deleted point is gone, or still there, or written anew", "[batch]") {
  const auto then = stored(R"({"a":1})"), third = stored(R"({"a":2})");
  Before before;
  CHECK(deleted(nullptr, before) == Found::asSent);
  CHECK_FALSE(before);
  CHECK(deleted(&then, before) == Found::untouched);
  REQUIRE(before);
  CHECK(before->exists);
  CHECK(before->payload == then.payload);
  CHECK(deleted(&then, before) == Found::untouched);
  CHECK(deleted(&third, before) == Found::superseded);
  CHECK(before->payload != third.payload);  // which is not to be deleted
  CHECK(deleted(nullptr, before) == Found::asSent);
  before = absent;
  CHECK(deleted(&third, before) == Found::superseded);
}
