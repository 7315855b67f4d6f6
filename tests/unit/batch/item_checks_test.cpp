#include "batch/item_checks.hpp"

#include <cmath>
#include <limits>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;

namespace {

const FieldNames names;

Pattern good() {
  Pattern pattern;
  pattern.description = "reads a file";
  pattern.code = "open(path).read()";
  pattern.language = "python";
  return pattern;
}

/// The message, after checking what every error of a check has; empty where nothing is wrong.
std::string messageOf(const std::optional<Error>& error) {
  if (!error) return {};
  CHECK(error->code() == Errc::invalidItem);
  CHECK(error->origin() == Origin::caller);
  CHECK_FALSE(error->message().empty());
  return error->message();
}

std::string wrong(const Pattern& pattern, const FieldNames& fields = names) { return messageOf(checkPattern(pattern, fields)); }
std::string wrong(const MetricUpdate& update, const FieldNames& fields = names) { return messageOf(checkUpdate(update, fields)); }
std::string wrong(const Query& query) { return messageOf(checkQuery(query)); }

bool has(const std::string& text, const std::string& part) {
  INFO("message: " << text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

std::string withMetadata(const std::string& json, const FieldNames& fields = names) {
  auto pattern = good();
  pattern.metadata = Payload::parse(json);
  return wrong(pattern, fields);
}

std::string withSet(const std::string& json, const FieldNames& fields = names) {
  MetricUpdate update;
  update.set = Payload::parse(json);
  return wrong(update, fields);
}

std::string withIncrement(const std::string& name, std::int64_t amount = 1) {
  MetricUpdate update;
  update.increments = {{name, amount}};
  return wrong(update);
}

constexpr auto infinity = std::numeric_limits<float>::infinity();
constexpr auto notANumber = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("item_checks: a good pattern", "[batch]") {
  CHECK(wrong(good()).empty());
  CHECK(withMetadata(
            R"({"category":"io","n":null,"deep":{"description":1,"_qbatch":2},"success_rate":0.5,"last_used":"2025-01-15T12:00:00Z"})")
            .empty());
  CHECK(withMetadata(R"({"success_rate":null,"last_used":null})").empty());
  CHECK(withMetadata(R"({"success_rate":1})").empty());
}

TEST_CASE("item_checks: texts are UTF-8 without NUL, and the message names field and byte", "[batch]") {
  for (const auto field : {&Pattern::description, &Pattern::code, &Pattern::language}) {
    auto pattern = good();
    pattern.*field = "ab\xff";
    const auto name = field == &Pattern::description ? "description" : field == &Pattern::code ? "code" : "language";
    has(wrong(pattern), std::string(name) + ": the text is not valid UTF-8 at byte 2");
    pattern.*field = std::string("abc\0d", 5);
    has(wrong(pattern), std::string(name) + ": the text has a NUL at byte 3");
  }
}

TEST_CASE("item_checks: without an id there must be a text to make it from", "[batch]") {
  Pattern pattern;
  pattern.vector = {1.0f};
  has(wrong(pattern), "needs description or code, or an id");
  pattern.language = "c";  // not enough: every such pattern would share one id
  has(wrong(pattern), "needs description or code, or an id");
  pattern.code = " ";
  CHECK(wrong(pattern).empty());
  pattern.code.clear();
  pattern.id = PointId(1);
  CHECK(wrong(pattern).empty());
}

TEST_CASE("item_checks: without a vector there must be something to embed", "[batch]") {
  Pattern pattern;
  pattern.id = PointId(1);
  has(wrong(pattern), "nothing to embed");
  pattern.description = " \t\n";
  pattern.code = "\r\v\f ";
  has(wrong(pattern), "nothing to embed");
  pattern.code = " x ";
  CHECK(wrong(pattern).empty());
  pattern.code = " ";
  pattern.vector = {1.0f};
  CHECK(wrong(pattern).empty());
}

TEST_CASE("item_checks: ready vectors are finite, and the message names the position", "[batch]") {
  std::vector<float> vector = {1.0f, std::numeric_limits<float>::max(), -0.0f};
  for (const std::size_t dimension : {0u, 3u}) {  // known or not
    CAPTURE(dimension);
    vector[1] = std::numeric_limits<float>::max();
    vector[2] = -0.0f;
    CHECK(messageOf(checkVector(vector, dimension)).empty());
    vector[1] = notANumber;
    has(messageOf(checkVector(vector, dimension)), "vector: the value at position 1 is NaN");
    vector[1] = 0.0f;
    vector[2] = -infinity;
    has(messageOf(checkVector(vector, dimension)), "vector: the value at position 2 is infinite");
  }
}

TEST_CASE("item_checks: an item's vector is not looked at with the rest of it, so that it can be left to the server", "[batch]") {
  auto pattern = good();
  pattern.vector = {notANumber, infinity};
  CHECK(wrong(pattern).empty());
  CHECK(wrong(Query{"", {notANumber}}).empty());
  pattern.metadata = Payload::parse(R"({"_qbatch_x":1})");
  has(wrong(pattern), "begins with _qbatch");
}

TEST_CASE("item_checks: names that metadata must not use", "[batch]") {
  has(withMetadata(R"({"a":1,"description":"x"})"), "metadata: \"description\" is kept for the pattern's description");
  has(withMetadata(R"({"code":null})"), "metadata: \"code\"");
  has(withMetadata(R"({"language":1})"), "metadata: \"language\"");
  has(withMetadata(R"({"usage_count":0})"), "metadata: \"usage_count\" is kept for the usage count");
  has(withMetadata(R"({"_qbatch":1})"), "begins with _qbatch");
  has(withMetadata(R"({"_qbatch_last":1})"), "begins with _qbatch");
  CHECK(withMetadata(R"({"qbatch":1,"Description":2,"x_qbatch":3})").empty());
}

TEST_CASE("item_checks: metadata that gives metrics their first values", "[batch]") {
  has(withMetadata(R"({"success_rate":"high"})"),
      "metadata: \"success_rate\" is the success rate and must be a number or null; it is a string");
  has(withMetadata(R"({"success_rate":[1]})"), "it is an array");
  has(withMetadata(R"({"success_rate":true})"), "it is a boolean");
  has(withMetadata(R"({"last_used":"yesterday"})"), "metadata: \"last_used\"");
  has(withMetadata(R"({"last_used":"2025-02-30T12:00:00Z"})"), "RFC 3339");
  has(withMetadata(R"({"last_used":1736942400})"), "RFC 3339");
}

TEST_CASE("item_checks: mapped names are refused; metadata calls the metrics by their documented names", "[batch]") {
  FieldNames mapped;
  mapped.description = "summary";
  mapped.usageCount = "uses";
  mapped.successRate = "rate";
  mapped.lastUsed = "seen";
  has(withMetadata(R"({"summary":"x"})", mapped), "metadata: \"summary\"");
  has(withMetadata(R"({"uses":1})", mapped), "metadata: \"uses\"");
  has(withMetadata(R"({"usage_count":1})", mapped), "metadata: \"usage_count\"");
  has(withMetadata(R"({"rate":0.5})", mapped), "call it success_rate");
  has(withMetadata(R"({"seen":"2025-01-15T12:00:00Z"})", mapped), "call it last_used");
  has(withMetadata(R"({"success_rate":"x"})", mapped), "metadata: \"success_rate\"");
  has(withMetadata(R"({"last_used":"y"})", mapped), "RFC 3339");
  CHECK(withMetadata(R"({"description":1,"success_rate":0.5,"last_used":"2025-01-15T12:00:00Z"})", mapped).empty());
  has(withMetadata(R"({"code":1})", mapped), "metadata: \"code\"");
}

TEST_CASE("item_checks: queries", "[batch]") {
  CHECK(wrong(Query{"error handling", {}}).empty());
  CHECK(wrong(Query{"", {1.0f}}).empty());
  CHECK(wrong(Query{"text too", {1.0f}}).empty());
  has(wrong(Query{"", {}}), "nothing to search for");
  has(wrong(Query{" \n", {}}), "nothing to search for");
  has(wrong(Query{"a\xc3", {}}), "text: the text is not valid UTF-8 at byte 1");
  has(wrong(Query{std::string("\0", 1), {1.0f}}), "text: the text has a NUL at byte 0");
}

TEST_CASE("item_checks: a good update", "[batch]") {
  MetricUpdate update;
  CHECK(wrong(update).empty());
  update.incrementUsage = -3;
  update.successRate = -1.5;
  update.lastUsed = "2025-01-15T12:00:00+01:00";
  update.increments = {{"success_count", 1}, {"attempt_count", 2}};
  update.set = Payload{{"stars", std::int64_t{3}}, {"gone", nullptr}};
  CHECK(wrong(update).empty());
  update.incrementUsage = 0;
  update.increments.emplace_back("usage_count", 2);
  CHECK(wrong(update).empty());
}

TEST_CASE("item_checks: counters", "[batch]") {
  has(withIncrement("bad name"), "increments: \"bad name\" cannot be a counter's name");
  has(withIncrement(""), "cannot be a counter's name");
  has(withIncrement("_qbatch_x"), "cannot be a counter's name");
  has(withIncrement("a\xff"), "cannot be a counter's name");
  has(withIncrement("success_rate"), "use successRate");
  has(withIncrement("last_used"), "use lastUsed");
  has(withIncrement("code"), "use another name");
  const auto longName = withIncrement(std::string(1000, 'x'));
  has(longName, "cannot be a counter's name");
  CHECK(longName.size() < 250);
}

TEST_CASE("item_checks: no counter twice", "[batch]") {
  MetricUpdate update;
  update.increments = {{"a", 1}, {"b", 1}, {"a", 2}};
  has(wrong(update), "increments: \"a\" stands twice");
  update.increments = {{"usage_count", 1}};
  update.incrementUsage = 1;
  has(wrong(update), "use one of the two");
  update.increments = {{"usage_count", 1}, {"usage_count", 1}};
  update.incrementUsage = 0;
  has(wrong(update), "stands twice");
}

TEST_CASE("item_checks: amounts that a counter holds exactly", "[batch]") {
  constexpr auto most = std::int64_t{1} << 53;
  CHECK(withIncrement("a", most).empty());
  CHECK(withIncrement("a", -most).empty());
  has(withIncrement("a", most + 1), "increments: \"a\": 9007199254740993 is beyond 2^53");
  has(withIncrement("a", -most - 1), "beyond 2^53");
  MetricUpdate update;
  update.incrementUsage = std::numeric_limits<std::int64_t>::min();
  has(wrong(update), "incrementUsage: ");
}

TEST_CASE("item_checks: absolute fields", "[batch]") {
  MetricUpdate update;
  update.successRate = std::nan("");
  has(wrong(update), "successRate");
  update.successRate = std::numeric_limits<double>::infinity();
  has(wrong(update), "successRate");
  update.successRate.reset();
  update.lastUsed = "now";
  has(wrong(update), "lastUsed: \"now\" is no time");
}

TEST_CASE("item_checks: set says which field to use instead", "[batch]") {
  has(withSet(R"({"a":1,"description":"x"})"), "set: \"description\" holds a text of the pattern");
  has(withSet(R"({"code":"x"})"), "store the pattern again");
  has(withSet(R"({"language":"x"})"), "store the pattern again");
  has(withSet(R"({"usage_count":1})"), "use incrementUsage");
  has(withSet(R"({"success_rate":1})"), "use successRate");
  has(withSet(R"({"last_used":"x"})"), "use lastUsed");
  has(withSet(R"({"_qbatch_w":1})"), "begins with _qbatch");
  MetricUpdate update;
  update.increments = {{"count", 1}};
  update.set.set("count", 5);
  has(wrong(update), "use increments or set, not both");
  FieldNames mapped;
  mapped.usageCount = "uses";
  CHECK(withSet(R"({"usage_count":1})", mapped).empty());
  has(withSet(R"({"uses":1})", mapped), "use incrementUsage");
}

TEST_CASE("item_checks: vectors fit the collection", "[batch]") {
  const std::vector<float> vector{1.0f, 2.0f};
  CHECK(messageOf(checkVector(vector, 2)).empty());
  CHECK(messageOf(checkVector(vector, 0)).empty());
  has(messageOf(checkVector(vector, 3)), "it has 2 values and the collection's dimension is 3");
  const std::vector<float> bad{1.0f, notANumber};
  has(messageOf(checkVector(bad, 2)), "position 1");
}

TEST_CASE("item_checks: metric names", "[batch]") {
  for (const auto* name : {"a", "A_9", "_x", "usage_count", "_qbat"}) CHECK(isMetricName(name));
  CHECK(isMetricName(std::string(48, 'x')));
  CHECK_FALSE(isMetricName(std::string(49, 'x')));
  for (const auto* name : {"", "a b", "a.b", "a-b", "\xc3\xa4", "_qbatch", "_qbatch_w"}) CHECK_FALSE(isMetricName(name));
}
