#include "local/point_writes.hpp"

#include "codec/json_object.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

const FieldNames names;

MetricChange increment(std::string name, std::int64_t by) {
  MetricChange change;
  change.increments = {{std::move(name), by}};
  return change;
}
Error errorOf(std::string_view stored, const MetricChange& change) {
  try {
    static_cast<void>(changedPayload(stored, change, names));
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}
void checkRejected(std::string_view stored, const MetricChange& change, const std::string& words) {
  const Error error = errorOf(stored, change);
  CAPTURE(error.message());
  CHECK(error.code() == make_error_code(Errc::invalidItem));
  CHECK(error.message().find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("counting up: from nothing, from null, from a number, down again") {
  CHECK(changedPayload("{}", increment("usage_count", 2), names) == R"({"usage_count":2})");
  CHECK(changedPayload(R"({"usage_count":null})", increment("usage_count", 2), names) == R"({"usage_count":2})");
  CHECK(changedPayload(R"({"usage_count":5,"a":1})", increment("usage_count", -7), names) == R"({"usage_count":-2,"a":1})");
}

TEST_CASE("other counters than the usage count are marked") {
  CHECK(changedPayload(R"({"views":1})", increment("views", 1), names) == R"({"views":2,"_qbatch_counter_views":true})");
  FieldNames mapped;
  mapped.usageCount = "views";
  CHECK(changedPayload(R"({"views":1})", increment("views", 1), mapped) == R"({"views":2})");
}

TEST_CASE("what is no count is rejected by its kind") {
  checkRejected(R"({"usage_count":"7"})", increment("usage_count", 1), "string");
  checkRejected(R"({"usage_count":7.0})", increment("usage_count", 1), "7.0");
  checkRejected(R"({"usage_count":[7]})", increment("usage_count", 1), "array");
  checkRejected(R"({"usage_count":true})", increment("usage_count", 1), "boolean");
  checkRejected("{}", increment("_qbatch_x", 1), "_qbatch_x");
  checkRejected("{}", increment("", 1), "name");
  checkRejected("{}", increment("a.b", 1), "a.b");
  checkRejected("{}", increment(std::string(49, 'n'), 1), "48");
}

TEST_CASE("counts stay within plus and minus 2^53") {
  constexpr auto most = "9007199254740992";
  CHECK(changedPayload(R"({"usage_count":9007199254740991})", increment("usage_count", 1), names) ==
        std::string(R"({"usage_count":)") + most + "}");
  checkRejected(R"({"usage_count":9007199254740992})", increment("usage_count", 1), "2^53");
  checkRejected(R"({"usage_count":-9007199254740992})", increment("usage_count", -1), "2^53");
  checkRejected(R"({"usage_count":9223372036854775807})", increment("usage_count", 9223372036854775807), "2^53");
}

TEST_CASE("success rate, time and members") {
  MetricChange change;
  change.successRateJson = "0.75";
  change.lastUsed = "2025-01-15T12:00:00Z";
  change.setJson = R"({"note":"n","gone":null})";
  CHECK(changedPayload(R"({"gone":1})", change, names) == R"({"note":"n","success_rate":0.75,"last_used":"2025-01-15T12:00:00Z"})");
}

TEST_CASE("the last use is never set back") {
  MetricChange change;
  change.lastUsed = "2025-01-15T12:00:00Z";
  constexpr auto later = R"({"last_used":"2025-01-15T13:30:00+01:00"})", earlier = R"({"last_used":"2025-01-15T12:30:00+01:00"})";
  CHECK(changedPayload(later, change, names) == later);
  CHECK(changedPayload(earlier, change, names) == R"({"last_used":"2025-01-15T12:00:00Z"})");
  CHECK(changedPayload(R"({"last_used":"yesterday"})", change, names) == R"({"last_used":"2025-01-15T12:00:00Z"})");
  CHECK(changedPayload(R"({"last_used":5})", change, names) == R"({"last_used":"2025-01-15T12:00:00Z"})");
}

TEST_CASE("parts that do not fit reject the whole change") {
  MetricChange change = increment("usage_count", 1);
  change.lastUsed = "yesterday";
  checkRejected("{}", change, "RFC 3339");
  change = increment("usage_count", 1);
  change.successRateJson = "\"high\"";
  checkRejected("{}", change, "no number");
  change = increment("usage_count", 1);
  change.setJson = "[1]";
  checkRejected("{}", change, "JSON object");
  change.setJson = R"({"_qbatch_x":1})";
  checkRejected("{}", change, "_qbatch_x");
}
