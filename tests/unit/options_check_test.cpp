#include "options_check.hpp"

#include <limits>

#include "qbatch/backend.hpp"
#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;

namespace {

struct IdleBackend : Backend {
  void run(const Request&, CallLimits, Completion completion) override { completion({}); }
};

/// The fields that a ConfigError names: what stands before the colon.
std::vector<std::string> badFields(const ClientOptions& options) {
  std::vector<std::string> fields;
  try {
    checkOptions(options);
  } catch (const ConfigError& error) {
    for (const auto& problem : error.problems()) fields.push_back(problem.substr(0, problem.find(':')));
  }
  return fields;
}

ClientOptions working() {
  ClientOptions options;
  options.backend = std::make_shared<IdleBackend>();
  return options;
}

using Fields = std::vector<std::string>;

}  // namespace

TEST_CASE("the defaults with a backend are in order") { CHECK(badFields(working()).empty()); }

TEST_CASE("without a backend there is nothing to talk to") { CHECK(badFields({}) == Fields{"url"}); }

TEST_CASE("what is for a server alone is named where there is none, all at once") {
  auto options = working();
  options.endpoints = {"http://localhost:6334"};
  options.apiKey = "key";
  options.allowKeyOverPlainHttp = true;
  options.tls.verify = false;
  options.rest.shardKey = "a";
  CHECK(badFields(options) == Fields{"endpoints", "apiKey", "allowKeyOverPlainHttp", "tls", "rest"});
}

TEST_CASE("a url and a backend contradict each other") {
  auto options = working();
  options.url = "http://localhost:6333";
  CHECK(badFields(options) == Fields{"url and backend"});
  options.backend = nullptr;
  CHECK(badFields(options).empty());
}

TEST_CASE("numbers that cannot work are named, all at once") {
  auto options = working();
  options.threads = 1025;
  options.timeout = milliseconds(0);
  options.limits = {0, 0, 0};
  options.retry = {milliseconds(0), milliseconds(-1), milliseconds(-1), milliseconds(-1)};
  options.flow = {0, true, 0};
  CHECK(badFields(options) == Fields{"threads", "timeout", "limits.store", "limits.search", "limits.update", "retry.firstDelay",
                                     "retry.maxDelay", "retry.patience", "retry.connectPatience", "flow.maxInFlight",
                                     "flow.maxBufferedBytes"});
}

TEST_CASE("a collection's name is checked") {
  const std::string name = GENERATE(as<std::string>{}, "", "a/b", "a\nb", "\xff", std::string(256, 'a'));
  CAPTURE(name);
  auto options = working();
  options.collection = name;
  CHECK(badFields(options) == Fields{"collection"});
  options.collection = std::string(255, 'a');
  CHECK(badFields(options).empty());
}

TEST_CASE("two fields of one name, and names that are none, are named") {
  auto options = working();
  options.fields.code = "description";
  options.fields.usageCount = "a.b";
  options.fields.lastUsed = "_qbatch_x";
  options.fields.language = "";
  options.fields.description = "doc.text";
  CHECK(badFields(options) == Fields{"fields.description", "fields.language", "fields.usageCount", "fields.lastUsed"});
}

TEST_CASE("per-call options are checked") {
  std::vector<std::string> problems;
  checkCall(problems, "", milliseconds(0), {}, 1000, "limits.store");
  CHECK(problems.empty());
  checkCall(problems, "a/b", milliseconds(-1), {1001, 0}, 1000, "limits.store");
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].starts_with("collection:"));
  CHECK(problems[1].starts_with("deadline:"));
  CHECK(problems[2].starts_with("chunk.maxItems:"));
  CHECK(problems[3].starts_with("chunk.maxBytes:"));
}

TEST_CASE("search options are checked") {
  std::vector<std::string> problems;
  checkSearch(problems, {});
  CHECK(problems.empty());
  SearchOptions options;
  options.limit = 0;
  options.minScore = std::numeric_limits<float>::quiet_NaN();
  options.collection = "a";
  options.collections = {"a", "", "b", "c/d"};
  checkSearch(problems, options);
  REQUIRE(problems.size() == 5);
  CHECK(problems[0].starts_with("limit:"));
  CHECK(problems[1].starts_with("minScore:"));
  CHECK(problems[2].starts_with("collection and collections:"));
  CHECK(problems[3].starts_with("collections[1]:"));
  CHECK(problems[4].starts_with("collections[3]:"));
  CHECK_THROWS_AS(throwIfAny(problems), ConfigError);
}
