#include <memory>
#include <string>
#include <vector>

#include "codec/json_object.hpp"
#include "qbatch/collections.hpp"
#include "report_data.hpp"
#include "support/catch.hpp"

using namespace qbatch;

namespace {

std::vector<CollectionChange> changes() { return {CreateCollection{{.name = "x \"1\""}}, DropCollection{"y"}, SetAlias{"a", "x"}}; }

std::string checked(const std::string& json) {
  CHECK(codec::checkedJson(json) == json);
  return json;
}

}  // namespace

TEST_CASE("a response about collections has an entry a change, in order") {
  auto data = std::make_shared<ReportData>();
  data->size = 3;
  data->failures = {{1, Outcome::rejected, Error(Errc::refused, Origin::server, "not that one"), 1}};
  data->changed = {true, false, true};
  CHECK(checked(toJson(CollectionsReport(data), changes())) ==
        R"({"status":"success","summary":{"total":3,"successful":2,"failed":1},"results":[)"
        R"({"action":"create","collection":"x \"1\"","outcome":"done","changed":true},)"
        R"({"action":"delete","collection":"y","outcome":"rejected","error":"not that one"},)"
        R"({"action":"alias","alias":"a","collection":"x","outcome":"done","changed":true}]})");
  data->failures.clear();
  CHECK(checked(toJson(CollectionsReport(data), changes())).find(R"("y","outcome":"done","changed":false})") != std::string::npos);
}

TEST_CASE("where nothing could be tried the response says why") {
  auto data = std::make_shared<ReportData>();
  data->size = 1;
  data->nothingTried = true;
  data->stopped = Error(Errc::unauthorized, Origin::server, "no key");
  data->failures = {{0, Outcome::failed, data->stopped, 1}};
  data->changed = {false};
  const std::vector<CollectionChange> one = {DropCollection{"y"}};
  CHECK(checked(toJson(CollectionsReport(data), one)) ==
        R"({"status":"error","error":"no key","summary":{"total":1,"successful":0,"failed":1},"results":[)"
        R"({"action":"delete","collection":"y","outcome":"failed","error":"no key"}]})");
}

TEST_CASE("an empty call has an empty response, and changes of another call are refused") {
  CHECK(checked(toJson(CollectionsReport(), {})) == R"({"status":"success","summary":{"total":0,"successful":0,"failed":0},"results":[]})");
  CHECK_THROWS_AS(toJson(CollectionsReport(), changes()), ConfigError);
}
