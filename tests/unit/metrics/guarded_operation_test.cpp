#include "metrics/guarded_operation.hpp"

#include <optional>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::metrics;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;

namespace {

const Flush flush{.fields = {}, .writer = "Ab1", .sequence = 1024};

GuardedOperation operation(const MetricChange& change, const std::string& stored) {
  return guardedOperation(change, codec::JsonObject::parse(stored), flush);
}

std::string problem(const MetricChange& change, const std::string& stored = "{}") {
  try {
    static_cast<void>(operation(change, stored));
  } catch (const RequestError& error) {
    CHECK(error.error().code() == Errc::invalidItem);
    CHECK(error.error().origin() == Origin::server);
    return error.error().message();
  }
  return "none";
}

GuardedOperation::Rung only(const GuardedOperation& operation) {
  REQUIRE(operation.rungs.size() == 1);
  return operation.rungs.front();
}

MetricChange counting(const PointId& id, std::int64_t by) { return {.id = id, .increments = {{"usage_count", by}}}; }

std::vector<SharedOperation> shared(const std::vector<MetricChange>& changes, const std::vector<std::string>& stored) {
  std::vector<std::pair<std::size_t, GuardedOperation>> operations;
  for (std::size_t i = 0; i < changes.size(); ++i) operations.emplace_back(i, operation(changes[i], stored[i]));
  return sharedOperations(operations, changes, flush);
}

constexpr auto mark = R"("_qbatch_Ab1":1024,"_qbatch_last":"Ab1.1024"})";

}  // namespace

TEST_CASE("one operation, to the letter", "[metrics]") {
  const std::vector<MetricChange> changes{{.id = 7,
                                           .increments = {{"usage_count", 2}, {"shown", -1}},
                                           .successRateJson = "0.5",
                                           .lastUsed = "2025-01-15T12:00:00Z",
                                           .setJson = R"({"note":"a \"b\"","old":null})"}};
  const auto operations = shared(changes, {R"({"usage_count":5})"});
  REQUIRE(operations.size() == 1);
  CHECK(operations[0].positions == std::vector<std::size_t>{0});
  const auto& set = std::get<codec::SetPayload>(operations[0].operation);
  CHECK(set.payload == R"({"note":"a \"b\"","old":null,"usage_count":7,"shown":-1,"_qbatch_counter_shown":true,"success_rate":0.5,)"
                       R"("last_used":"2025-01-15T12:00:00Z","_qbatch_Ab1":1024,"_qbatch_last":"Ab1.1024"})");
  CHECK(set.filter ==
        R"({"must":[{"has_id":[7]},{"key":"usage_count","match":{"value":5}},{"is_empty":{"key":"shown"}}],)"
        R"("must_not":[{"key":"_qbatch_Ab1","range":{"gte":1024}},{"key":"last_used","range":{"gt":"2025-01-15T12:00:00Z"}}]})");
}

TEST_CASE("the filter of a change without increments has the mark alone", "[metrics]") {
  const auto id = PointId::parse("01234567-89ab-cdef-0123-456789abcdef");
  const auto operations = shared({{.id = id, .successRateJson = "1"}}, {"{}"});
  const auto& set = std::get<codec::SetPayload>(operations.at(0).operation);
  CHECK(set.filter == R"({"must":[{"has_id":["01234567-89ab-cdef-0123-456789abcdef"]}],)"
                      R"("must_not":[{"key":"_qbatch_Ab1","range":{"gte":1024}}]})");
}

TEST_CASE("points with equal guards and payloads share an operation", "[metrics]") {
  auto used = counting(4, 1);
  used.lastUsed = "2025-01-15T12:00:00Z";
  const auto operations = shared({counting(1, 1), counting(2, 1), counting(3, 1), used, counting(5, 2), counting(6, 1)},
                                 {R"({"usage_count":5})", R"({"usage_count":6})", R"({"usage_count":5})", R"({"usage_count":5})",
                                  R"({"usage_count":4})", R"({"usage_count":5})"});
  REQUIRE(operations.size() == 4);
  CHECK(operations[0].positions == std::vector<std::size_t>{0, 2, 5});
  CHECK(operations[1].positions == std::vector<std::size_t>{1});
  CHECK(operations[2].positions == std::vector<std::size_t>{3});
  CHECK(operations[3].positions == std::vector<std::size_t>{4});  // the same sum, and another count before it
  CHECK_THAT(std::get<codec::SetPayload>(operations[0].operation).filter, Contains(R"({"has_id":[1,3,6]})"));
}

TEST_CASE("a count of null is absent", "[metrics]") {
  const auto built = operation(counting(1, 3), R"({"usage_count":null})");
  CHECK(only(built).must == R"(,{"is_empty":{"key":"usage_count"}})");
  CHECK(only(built).payload == std::string(R"({"usage_count":3,)") + mark);
}

TEST_CASE("the usage count under a mapped name needs no note of being a counter", "[metrics]") {
  Flush mapped = flush;
  mapped.fields.usageCount = "uses";
  const auto built = guardedOperation({.id = 1, .increments = {{"uses", 1}, {"usage_count", 1}}}, {}, mapped);
  CHECK(only(built).payload == std::string(R"({"uses":1,"usage_count":1,"_qbatch_counter_usage_count":true,)") + mark);
}

TEST_CASE("the time of the last use is not set back", "[metrics]") {
  auto change = counting(1, 1);
  change.lastUsed = "2025-06-01T12:00:00Z";
  const auto lastUsed = [&](const std::string& stored) {
    const auto payload = codec::JsonObject::parse(only(operation(change, stored)).payload);
    const auto* raw = payload.find("last_used");
    return raw != nullptr ? *raw : "left out";
  };
  const std::string wanted = R"("2025-06-01T12:00:00Z")";
  CHECK(lastUsed("{}") == wanted);
  CHECK(lastUsed(R"({"last_used":null})") == wanted);
  CHECK(lastUsed(R"({"last_used":17})") == wanted);
  CHECK(lastUsed(R"({"last_used":"yesterday"})") == wanted);
  CHECK(lastUsed(R"({"last_used":"2025-06-01T11:59:59Z"})") == wanted);
  CHECK(lastUsed(R"({"last_used":"2025-06-01T13:00:00+02:00"})") == wanted);  // earlier, in another zone
  CHECK(lastUsed(R"({"last_used":"2025-06-01T12:00:00.001Z"})") == "left out");
}

TEST_CASE("what brings a point nothing new is no operation", "[metrics]") {
  CHECK(operation({.id = 1}, "{}").rungs.empty());
  CHECK(operation({.id = 1, .setJson = "{}"}, "{}").rungs.empty());
  CHECK(operation({.id = 1, .lastUsed = "2025-06-01T12:00:00Z"}, R"({"last_used":"2026-06-01T12:00:00Z"})").rungs.empty());
  CHECK_FALSE(operation(counting(1, 0), "{}").rungs.empty());
}

TEST_CASE("a counter that is set and counted up counts from what is set", "[metrics]") {
  auto change = counting(1, 2);
  change.setJson = R"({"usage_count":10})";
  const auto built = operation(change, R"({"usage_count":"many"})");
  CHECK(only(built).must.empty());
  CHECK(only(built).payload == std::string(R"({"usage_count":12,)") + mark);
  change.setJson = R"({"usage_count":null})";
  CHECK(only(operation(change, R"({"usage_count":4})")).payload == std::string(R"({"usage_count":2,)") + mark);
}

TEST_CASE("what cannot be applied as a whole is refused as a whole", "[metrics]") {
  CHECK_THAT(problem(counting(7, 1), R"({"usage_count":"x"})"),
             Equals("point 7: `usage_count` holds a value of kind string, which cannot be counted up: set it to a whole number first"));
  CHECK_THAT(problem(counting(7, 1), R"({"usage_count":9007199254740992})"), Contains("would leave the range of exact counts (2^53)"));
  CHECK_THAT(problem({.id = 7, .increments = {{"a.b", 1}}}), Contains("`a.b` cannot be a counter's name"));
  CHECK_THAT(problem({.id = 7, .setJson = R"({"_qbatch_x":1})"}),
             Equals("point 7: the name `_qbatch_x` is kept for qbatch itself: use another"));
  CHECK_THAT(problem({.id = 7, .setJson = "[1]"}), Contains("what is to be set is no valid JSON object"));
  for (const auto* rate : {"\"1\"", "abc", "1e999", "null", "1,\"x\":2"}) {
    CAPTURE(rate);
    CHECK_THAT(problem({.id = 7, .successRateJson = rate}), Contains("is no number"));
  }
  CHECK_THAT(problem({.id = 7, .lastUsed = "yesterday"}), Contains("`yesterday` is not in the form of RFC 3339"));
}

TEST_CASE("what has to be read: counters, mark and stamp, and the last use where one comes", "[metrics]") {
  const std::vector<MetricChange> counts{counting(1, 1), {.id = 2, .increments = {{"shown", 1}, {"usage_count", 1}, {"a.b", 1}}}};
  using Keys = std::vector<std::string>;
  CHECK(keysToRead(counts, flush) == Keys{"_qbatch_Ab1", "_qbatch_last", "shown", "usage_count"});
  const std::vector<MetricChange> times{{.id = 1, .lastUsed = "2025-06-01T12:00:00Z"}};
  CHECK(keysToRead(times, flush) == Keys{"_qbatch_Ab1", "_qbatch_last", "last_used"});
}

TEST_CASE("a time is written only while no later one stands there", "[metrics]") {
  const std::vector<MetricChange> changes{{.id = 7, .lastUsed = "2025-01-15T12:00:00Z"}};
  const auto filterFor = [&](const std::string& stored) {
    return std::get<codec::SetPayload>(shared(changes, {stored}).at(0).operation).filter;
  };
  for (const auto* stored : {"{}", R"({"last_used":null})", R"({"last_used":"2024-01-01T00:00:00Z"})"}) {
    CAPTURE(stored);
    CHECK(filterFor(stored) == R"({"must":[{"has_id":[7]}],"must_not":[{"key":"_qbatch_Ab1","range":{"gte":1024}},)"
                               R"({"key":"last_used","range":{"gt":"2025-01-15T12:00:00Z"}}]})");
  }
  // The server may know it for a later time, and then it would never be written over.
  CHECK(filterFor(R"({"last_used":"one day"})") == R"({"must":[{"has_id":[7]},{"key":"last_used","match":{"value":"one day"}}],)"
                                                   R"("must_not":[{"key":"_qbatch_Ab1","range":{"gte":1024}}]})");
}

TEST_CASE("rungs are ready for what others count up meanwhile", "[metrics]") {
  auto change = counting(7, 2);
  const auto rungsOf = [&](const std::string& stored, unsigned wanted) {
    std::vector<std::string> rungs;
    for (const auto& rung : guardedOperation(change, codec::JsonObject::parse(stored), flush, wanted).rungs)
      rungs.push_back(rung.must + " " + rung.payload);
    return rungs;
  };
  CHECK(rungsOf(R"({"usage_count":5})", 3) ==
        std::vector<std::string>{R"(,{"key":"usage_count","match":{"value":5}} {"usage_count":7,)" + std::string(mark),
                                 R"(,{"key":"usage_count","match":{"value":6}} {"usage_count":8,)" + std::string(mark),
                                 R"(,{"key":"usage_count","match":{"value":7}} {"usage_count":9,)" + std::string(mark)});
  CHECK(rungsOf("{}", 2).at(0) == R"(,{"is_empty":{"key":"usage_count"}} {"usage_count":2,)" + std::string(mark));
  CHECK(rungsOf("{}", 2).at(1) == R"(,{"key":"usage_count","match":{"value":1}} {"usage_count":3,)" + std::string(mark));
  CHECK(rungsOf(R"({"usage_count":9007199254740989})", 8).size() == 2);  // none beyond what is exact
  change.lastUsed = "2025-06-01T12:00:00Z";
  CHECK(rungsOf("{}", 8).size() == 8);
  CHECK(rungsOf("{}", 8).at(7).find("last_used") != std::string::npos);
  change.setJson = R"({"usage_count":3})";
  CHECK(rungsOf("{}", 8).size() == 1);  // counts from what is set
  change = {.id = 7, .increments = {{"usage_count", 1}, {"shown", 1}}};
  CHECK(rungsOf("{}", 8).size() == 1);
  change = {.id = 7, .successRateJson = "1"};
  CHECK(rungsOf("{}", 8).size() == 1);
}

TEST_CASE("points share the rungs that they have in common", "[metrics]") {
  const std::vector<MetricChange> changes{counting(1, 1), counting(2, 1)};
  std::vector<std::pair<std::size_t, GuardedOperation>> operations;
  for (std::size_t i = 0; i < 2; ++i)
    operations.emplace_back(
        i, guardedOperation(changes[i], codec::JsonObject::parse(R"({"usage_count":)" + std::to_string(i) + "}"), flush, 2));
  const auto joined = sharedOperations(operations, changes, flush);
  REQUIRE(joined.size() == 3);
  CHECK(joined[0].positions == std::vector<std::size_t>{0});
  CHECK(joined[1].positions == std::vector<std::size_t>{0, 1});
  CHECK(joined[2].positions == std::vector<std::size_t>{1});
}

TEST_CASE("where each filter needs an index, the count alone guards, and may only rise", "[metrics]") {
  Flush indexed = flush;
  indexed.indexedOnly = true;
  const auto stored = codec::JsonObject::parse(R"({"usage_count":5,"_qbatch_counter_shown":true})");
  const std::vector<MetricChange> changes{{.id = 7, .increments = {{"usage_count", 2}}, .lastUsed = "2025-06-01T12:00:00Z"}};
  const auto built = guardedOperation(changes[0], stored, indexed, 8);
  const std::vector<std::pair<std::size_t, GuardedOperation>> operations{{0, built}};
  const auto joined = sharedOperations(operations, changes, indexed);
  REQUIRE(joined.size() == 1);
  CHECK(std::get<codec::SetPayload>(joined[0].operation).filter ==
        R"({"must":[{"has_id":[7]},{"key":"usage_count","match":{"value":5}}]})");
  const auto problemOf = [&](const MetricChange& change) {
    try {
      static_cast<void>(guardedOperation(change, stored, indexed));
    } catch (const RequestError& error) {
      return error.error().message();
    }
    return std::string("none");
  };
  CHECK_THAT(problemOf(counting(7, -1)), Contains("`usage_count` cannot be counted down here") && Contains("unindexed_filtering_update"));
  CHECK_THAT(problemOf({.id = 7, .setJson = R"({"usage_count":1})"}), Contains("`usage_count` cannot be set here"));
  CHECK_THAT(problemOf({.id = 7, .setJson = R"({"shown":1})"}), Contains("`shown` cannot be set here"));
  CHECK(problemOf({.id = 7, .setJson = R"({"note":1})"}) == "none");
}

TEST_CASE("a barrier matches no point, and names no member that would need an index", "[metrics]") {
  const auto operation = std::get<codec::SetPayload>(barrier(PointId(7)));
  CHECK(operation.filter == R"({"must":[{"has_id":[7]}],"must_not":[{"has_id":[7]}]})");
}
