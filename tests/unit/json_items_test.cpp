#include "qbatch/json_items.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "report_data.hpp"
#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;

TEST_CASE("items are read from any view of a text, also one that ends where its memory does") {
  for (const std::string padding : {"", "}", "]]]]"}) {
    const std::string text = R"({"description":"d","vector":[1,2]})";
    const std::vector<char> exact(text.begin(), text.end());
    const std::string longer = text + padding;
    CHECK(parsePattern(std::string_view(exact.data(), exact.size())).vector == std::vector<float>{1, 2});
    CHECK(parsePattern(std::string_view(longer).substr(0, text.size())).description == "d");
  }
  CHECK(parseMetricUpdate(R"({"id":7,"increment_usage":3})").incrementUsage == 3);
  CHECK(parseQuery(R"({"text":"x"})").text == "x");
}

TEST_CASE("what is no item is an invalid_argument with a sentence") {
  CHECK_THROWS_AS(parsePattern("{"), std::invalid_argument);
  CHECK_THROWS_AS(parsePattern(""), std::invalid_argument);
  CHECK_THROWS_AS(parsePattern(std::string_view()), std::invalid_argument);
  CHECK_THROWS_AS(parseMetricUpdate("{}"), std::invalid_argument);
  CHECK_THROWS_WITH(parseQuery(R"({"vector":[1e39]})"), test::contains("\"vector[0]\" is 1e39, outside float32"));
}

namespace {

std::shared_ptr<ReportData> reportOf(std::size_t items) {
  auto data = std::make_shared<ReportData>();
  data->size = items;
  return data;
}

}  // namespace

TEST_CASE("the response to an array names each element that is no pattern beside what failed, by their indices in it") {
  const auto parsed = parsePatterns(R"([{"description":"a"},7,{"description":"b"}])");
  auto data = reportOf(2);
  data->ids = {PointId(1), PointId(2)};
  data->failures = {{1, Outcome::failed, Error(Errc::embedding, Origin::embedder, "Embedding generation failed"), 0}};
  CHECK(toJson(StoreReport(data), parsed) ==
        R"({"status":"success","summary":{"total":3,"successful":1,"failed":2},"ids":[1],"errors":[)"
        R"({"pattern":7,"error":"must be a JSON object with description, code, language, metadata, id and vector","index":1,)"
        R"("outcome":"rejected"},)"
        R"({"pattern":{"description":"b","code":"","language":"","metadata":{}},"error":"Embedding generation failed","index":2,"id":2,)"
        R"("outcome":"failed"}]})");
  const auto good = parsePatterns(R"([{"description":"a"},{"description":"b"}])");
  CHECK(toJson(StoreReport(data), good) == toJson(StoreReport(data), good.items));
  CHECK_THROWS_AS(toJson(StoreReport(data), parsePatterns("[7]")), ConfigError);
}

TEST_CASE("the responses to arrays of queries and updates have every element in its place, too") {
  auto found = reportOf(2);
  found->hits = {{Hit()}, {}};
  found->hits[0][0].id = PointId(5);
  CHECK(toJson(SearchReport(found), parseQueries(R"(["a",[],"b"])")) ==
        R"({"status":"success","batch_results":[{"query":"a","results":[{"id":5,"description":"","code":"","language":"","score":0}]},)"
        R"({"query":[],"results":[],"error":"must be a JSON object with text and vector","outcome":"rejected"},)"
        R"({"query":"b","results":[]}]})");
  CHECK(toJson(UpdateReport(reportOf(1)), parseMetricUpdates(R"([{"id":1},{}])")) ==
        R"({"status":"success","summary":{"total":2,"successful":1,"failed":1},"errors":[)"
        R"({"update":{},"error":"\"id\" is missing: which point to update","index":1,"outcome":"rejected"}]})");
}
