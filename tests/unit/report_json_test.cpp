#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "codec/json_object.hpp"
#include "qbatch/report.hpp"
#include "report_data.hpp"
#include "support/catch.hpp"

using namespace qbatch;

namespace {

constexpr const char* uuid = "123e4567-e89b-12d3-a456-426614174000";

ItemFailure failure(std::size_t index, Outcome outcome, const char* message, Errc code = Errc::embedding) {
  return {index, outcome, Error(code, Origin::embedder, message), 1};
}

std::shared_ptr<ReportData> dataOf(std::size_t size) {
  auto data = std::make_shared<ReportData>();
  data->size = size;
  return data;
}

Pattern pattern(const char* description, Payload metadata = {}) {
  Pattern made;
  made.description = description;
  made.code = "f(\"x\")\n";
  made.language = "python";
  made.metadata = std::move(metadata);
  made.vector = {0.5F};
  return made;
}

/// The document, after a check that it is valid and compact JSON.
std::string checked(const std::string& json) {
  CHECK(codec::checkedJson(json) == json);
  return json;
}

}  // namespace

TEST_CASE("a store's response: ids of successes in order, errors with their items") {
  std::vector<Pattern> patterns = {pattern("first"), pattern("second", {{"category", "io"}, {"stars", 3}}), pattern("third"),
                                   pattern("fourth")};
  patterns[3].id = PointId(44);
  auto data = dataOf(4);
  data->ids = {PointId::parse(uuid), PointId(2), PointId(18446744073709551615u), PointId(44)};
  data->accepted = {{2, 3}};
  data->failures = {failure(1, Outcome::failed, "Embedding generation failed"),
                    failure(3, Outcome::rejected, "id: \"twice\"", Errc::duplicateId)};
  CHECK(checked(toJson(StoreReport(data), patterns)) ==
        R"({"status":"success","summary":{"total":4,"successful":2,"failed":2},)"
        R"("ids":["123e4567-e89b-12d3-a456-426614174000",18446744073709551615],)"
        R"("errors":[{"pattern":{"description":"second","code":"f(\"x\")\n","language":"python","metadata":{"category":"io","stars":3}},)"
        R"("error":"Embedding generation failed","index":1,"id":2,"outcome":"failed"},)"
        R"({"pattern":{"id":44,"description":"fourth","code":"f(\"x\")\n","language":"python","metadata":{}},)"
        R"("error":"id: \"twice\"","index":3,"id":44,"outcome":"rejected"}]})");
}

TEST_CASE("a store's response without failures, and of an empty call") {
  auto data = dataOf(1);
  data->ids = {PointId(1)};
  CHECK(checked(toJson(StoreReport(data), std::vector<Pattern>{pattern("a")})) ==
        R"({"status":"success","summary":{"total":1,"successful":1,"failed":0},"ids":[1],"errors":[]})");
  CHECK(checked(toJson(StoreReport(), std::vector<Pattern>{})) ==
        R"({"status":"success","summary":{"total":0,"successful":0,"failed":0},"ids":[],"errors":[]})");
}

TEST_CASE("text that is not UTF-8 is echoed with replacement characters") {
  auto data = dataOf(1);
  data->ids = {PointId(1)};
  data->failures = {failure(0, Outcome::rejected, "byte \xFF", Errc::invalidItem)};
  CHECK(checked(toJson(StoreReport(data), std::vector<Pattern>{pattern("a\xFFz")})) ==
        "{\"status\":\"success\",\"summary\":{\"total\":1,\"successful\":0,\"failed\":1},\"ids\":[],\"errors\":[{\"pattern\":"
        "{\"description\":\"a\xEF\xBF\xBDz\",\"code\":\"f(\\\"x\\\")\\n\",\"language\":\"python\",\"metadata\":{}},"
        "\"error\":\"byte \xEF\xBF\xBD\",\"index\":0,\"id\":1,\"outcome\":\"rejected\"}]}");
}

TEST_CASE("the status is error only where nothing was tried, and says why") {
  auto data = dataOf(1);
  data->ids = {PointId(1)};
  data->failures = {failure(0, Outcome::unsent, "connection refused", Errc::unavailable)};
  data->stopped = Error(Errc::unavailable, Origin::transport, "localhost:6333: connection refused");
  const std::vector<Pattern> patterns = {pattern("a")};
  CHECK(toJson(StoreReport(data), patterns).find(R"({"status":"success","summary")") == 0);
  data->nothingTried = true;
  const std::string begin = R"({"status":"error","error":"localhost:6333: connection refused",)";
  CHECK(checked(toJson(StoreReport(data), patterns))
            .find(begin + R"("summary":{"total":1,"successful":0,"failed":1},"ids":[],"errors":[{)") == 0);
  CHECK(checked(toJson(SearchReport(data), std::vector<Query>(1))).find(begin + R"("batch_results":[)") == 0);
  CHECK(checked(toJson(UpdateReport(data), std::vector<MetricUpdate>(1))).find(begin + R"("summary":)") == 0);
  CHECK(checked(toJson(DeleteReport(data))).find(begin + R"("summary":)") == 0);
}

TEST_CASE("an error without words of its own is named by its kind") {
  auto data = dataOf(1);
  data->ids = {PointId(1)};
  data->failures = {failure(0, Outcome::failed, "", Errc::pointNotFound)};
  CHECK(toJson(DeleteReport(data)).find(R"("error":"there is no such point")") != std::string::npos);
}

TEST_CASE("a search's response: every query in its place") {
  Hit plain;
  plain.id = PointId(7);
  plain.score = 0.89F;
  plain.description = "d";
  plain.code = "c";
  plain.language = "cpp";
  Hit full = plain;
  full.id = PointId::parse(uuid);
  full.score = -1.5F;
  full.metadata = Payload::parse(R"({"category":"io","tags":["a"]})");
  full.usageCount = 3;
  full.successRate = 1;
  full.lastUsed = "2025-01-15T12:00:00Z";
  auto data = dataOf(3);
  data->hits = {{full, plain}, {}, {}};
  data->failures = {failure(1, Outcome::failed, "Embedding generation failed")};
  const std::vector<Query> queries = {{"one", {}}, {"two \"2\"", {}}, {"", {1, 2}}};
  CHECK(checked(toJson(SearchReport(data), queries)) ==
        R"({"status":"success","batch_results":[{"query":"one","results":[)"
        R"({"id":"123e4567-e89b-12d3-a456-426614174000","description":"d","code":"c","language":"cpp","score":-1.5,)"
        R"("metadata":{"category":"io","tags":["a"],"usage_count":3,"success_rate":1.0,"last_used":"2025-01-15T12:00:00Z"}},)"
        R"({"id":7,"description":"d","code":"c","language":"cpp","score":0.89}]},)"
        R"({"query":"two \"2\"","results":[],"error":"Embedding generation failed","outcome":"failed"},)"
        R"({"query":"","results":[]}]})");
}

TEST_CASE("usage metrics alone make metadata, and what JSON cannot hold becomes null") {
  Hit hit;
  hit.usageCount = 0;
  hit.successRate = std::numeric_limits<double>::quiet_NaN();
  hit.score = std::numeric_limits<float>::infinity();
  auto data = dataOf(1);
  data->hits = {{hit}};
  CHECK(checked(toJson(SearchReport(data), std::vector<Query>{{"q", {}}})) ==
        R"({"status":"success","batch_results":[{"query":"q","results":[{"id":0,"description":"","code":"","language":"","score":null,)"
        R"("metadata":{"usage_count":0,"success_rate":null}}]}]})");
}

TEST_CASE("a search that stopped early has fewer lists of hits than queries, and still answers for all") {
  auto data = dataOf(2);
  data->failures = {failure(0, Outcome::unsent, "cancelled", Errc::cancelled), failure(1, Outcome::unsent, "cancelled", Errc::cancelled)};
  CHECK(checked(toJson(SearchReport(data), std::vector<Query>{{"a", {}}, {"b", {}}})) ==
        R"({"status":"success","batch_results":[{"query":"a","results":[],"error":"cancelled","outcome":"unsent"},)"
        R"({"query":"b","results":[],"error":"cancelled","outcome":"unsent"}]})");
}

TEST_CASE("a failed query shows the hits that are there, and a hit the collection that it is from") {
  Hit hit;
  hit.id = PointId(7);
  hit.collection = "my \"tools\"";
  auto data = dataOf(2);
  data->hits = {{hit}, {}};
  data->failures = {failure(0, Outcome::failed, "collection `b` was not searched"), failure(1, Outcome::rejected, "empty")};
  CHECK(checked(toJson(SearchReport(data), std::vector<Query>{{"a", {}}, {"", {}}})) ==
        R"({"status":"success","batch_results":[{"query":"a","results":[)"
        R"({"id":7,"description":"","code":"","language":"","score":0,"collection":"my \"tools\""}],)"
        R"("error":"collection `b` was not searched","outcome":"failed"},)"
        R"({"query":"","results":[],"error":"empty","outcome":"rejected"}]})");
}

TEST_CASE("an update's response has errors only where something failed") {
  CHECK(checked(toJson(UpdateReport(dataOf(10)), std::vector<MetricUpdate>(10))) ==
        R"({"status":"success","summary":{"total":10,"successful":10,"failed":0}})");
  std::vector<MetricUpdate> updates(3);
  updates[0].id = PointId(8);
  updates[1].id = PointId(9);
  updates[1].incrementUsage = -2;
  updates[1].successRate = 0.95;
  updates[1].lastUsed = "2025-01-15T12:00:00Z";
  updates[1].increments = {{"views", 1}, {"clicks", 2}, {"views", 5}};
  updates[1].set = Payload{{"note", "n"}};
  auto data = dataOf(3);
  data->failures = {failure(0, Outcome::failed, "no such point", Errc::pointNotFound),
                    failure(1, Outcome::unknown, "lost answer", Errc::unavailable)};
  CHECK(checked(toJson(UpdateReport(data), updates)) ==
        R"({"status":"success","summary":{"total":3,"successful":1,"failed":2},"errors":[)"
        R"({"update":{"id":8},"error":"no such point","index":0,"id":8,"outcome":"failed"},)"
        R"({"update":{"id":9,"increment_usage":-2,"success_rate":0.95,"last_used":"2025-01-15T12:00:00Z",)"
        R"("increments":{"clicks":2,"views":5},"set":{"note":"n"}},"error":"lost answer","index":1,"id":9,"outcome":"unknown"}]})");
}

TEST_CASE("a delete's response has ids, and errors only where something failed") {
  auto data = dataOf(3);
  data->ids = {PointId(1), PointId::parse(uuid), PointId(3)};
  CHECK(checked(toJson(DeleteReport(data))) ==
        R"({"status":"success","summary":{"total":3,"successful":3,"failed":0},"ids":[1,"123e4567-e89b-12d3-a456-426614174000",3]})");
  data->failures = {failure(1, Outcome::unsent, "deadline", Errc::deadlineExceeded)};
  CHECK(checked(toJson(DeleteReport(data))) ==
        R"({"status":"success","summary":{"total":3,"successful":2,"failed":1},"ids":[1,3],)"
        R"("errors":[{"error":"deadline","index":1,"id":"123e4567-e89b-12d3-a456-426614174000","outcome":"unsent"}]})");
}

TEST_CASE("items of another call are refused") {
  CHECK_THROWS_AS(toJson(StoreReport(dataOf(1)), std::vector<Pattern>(2)), ConfigError);
  CHECK_THROWS_AS(toJson(SearchReport(dataOf(1)), std::vector<Query>{}), ConfigError);
  CHECK_THROWS_AS(toJson(UpdateReport(dataOf(1)), std::vector<MetricUpdate>{}), ConfigError);
}

TEST_CASE("the figures as JSON") {
  auto data = dataOf(6);
  data->failures = {failure(1, Outcome::rejected, ""), failure(2, Outcome::failed, ""), failure(4, Outcome::unknown, "")};
  data->accepted = {{5, 6}};
  data->stats.items = 6;
  data->stats.points = 3;
  data->stats.requests = 4;
  data->stats.retries = 5;
  data->stats.splits = 7;
  data->stats.lostRounds = 8;
  data->stats.bytesSent = 800;
  data->stats.bytesReceived = 90;
  data->stats.total = std::chrono::milliseconds(1500);
  data->stats.embedding = std::chrono::seconds(2);
  data->stats.sending = std::chrono::nanoseconds(250'000);
  CHECK(checked(statsToJson(BatchReport(data))) ==
        R"({"items":6,"points":3,"requests":4,"retries":5,"splits":7,"lost_rounds":8,"bytes_sent":800,"bytes_received":90,)"
        R"("seconds":{"total":1.5,"embedding":2.0,"sending":0.00025},)"
        R"("outcomes":{"done":2,"accepted":1,"rejected":1,"failed":1,"unknown":1,"unsent":0}})");
}
