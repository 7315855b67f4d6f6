// A collection in strict mode: its limits are kept before anything is sent, and where local checks are off the server's refusals are dealt
// with. qbatch::serve knows no strict mode, so the test's server tells the limits and refuses in Qdrant's words itself.
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_fixture.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::size_t upsertLimit = 100, searchLimit = 10, hitLimit = 20;
const std::string upsertRoute = "PUT /collections/*/points", searchRoute = "POST /collections/*/points/query/batch";

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}
std::size_t pointsIn(const Exchange& exchange) { return occurrences(exchange.body, "\"id\":"); }
std::size_t queriesIn(const Exchange& exchange) { return occurrences(exchange.body, "\"query\":"); }

HttpAnswer refusing(const std::string& words) { return {400, {}, R"({"status":{"error":"Bad request: )" + words + R"("},"time":0.0})"}; }
HttpAnswer exceeded(const std::string& sizes, const std::string& name) {
  return refusing("Limit exceeded " + sizes + R"( for \")" + name + R"(\". Help: Reduce the \")" + name + R"(\" parameter.)");
}

/// A server whose collection `patterns` is in strict mode.
struct StrictFixture : RestFixture {
  StrictFixture() {
    const auto limits = R"("upsert_max_batchsize":)" + std::to_string(upsertLimit) + R"(,"search_max_batchsize":)" +
                        std::to_string(searchLimit) + R"(,"max_query_limit":)" + std::to_string(hitLimit) +
                        R"(,"search_allow_exact":false)";
    REQUIRE(client().storePatterns(numbered(1, 9999)).ok());  // now there is the collection
    server.forget();
    server.when(requestTo("GET /collections/*"),
                HttpAnswer{200,
                           {},
                           R"({"result":{"status":"green","points_count":1,"config":{"params":{"vectors":{"size":4,"distance":"Cosine"}},)"
                           R"("strict_mode_config":{"enabled":true,)" +
                               limits + R"(}}},"status":"ok","time":0.0})"},
                test::HttpServer::always);
    refuse(
        upsertRoute, [](const Exchange& e) { return pointsIn(e) > upsertLimit; }, exceeded("500 > 100", "upsert limit"));
    refuse(
        searchRoute, [](const Exchange& e) { return queriesIn(e) > searchLimit; }, exceeded("64 > 10", "search batch size"));
    refuse(
        searchRoute, [](const Exchange& e) { return e.body.find(R"("limit":21)") != std::string::npos; }, exceeded("21 > 20", "limit"));
    refuse(
        searchRoute, [](const Exchange& e) { return e.body.find(R"("exact":true)") != std::string::npos; },
        refusing("Exact search disabled!. Help: Set exact=false."));
  }
  void refuse(const std::string& route, test::HttpServer::Predicate predicate, HttpAnswer answer) {
    server.when([=](const Exchange& exchange) { return fitsPattern(exchange, route) && predicate(exchange); }, std::move(answer),
                test::HttpServer::always);
  }
  /// The items of each request to `route`, largest first.
  [[nodiscard]] std::vector<std::size_t> sizes(const std::string& route, std::size_t (*itemsIn)(const Exchange&)) const {
    std::vector<std::size_t> found;
    for (const auto& exchange : server.requests())
      if (fitsPattern(exchange, route)) found.push_back(itemsIn(exchange));
    std::sort(found.rbegin(), found.rend());
    return found;
  }
};

const std::vector<std::string> manyTexts(64, "some text");

}  // namespace

TEST_CASE("strict mode: no request holds more than the collection allows") {
  StrictFixture rest;
  auto client = rest.client();
  CHECK(client.storePatterns(numbered(950)).ok());
  CHECK(rest.sizes(upsertRoute, pointsIn) == std::vector<std::size_t>{100, 100, 100, 100, 100, 100, 100, 100, 100, 50});
  CHECK(client.storePatterns(numbered(250)).ok());  // again: looked up, written, read back
  CHECK(client.searchPatterns(manyTexts, {.limit = 20}).ok());
  CHECK(rest.sizes(searchRoute, queriesIn) == std::vector<std::size_t>{10, 10, 10, 10, 10, 10, 4});
  CHECK(rest.server.count("GET /collections/*") == 1);
  CHECK(rest.qdrant.pointCount("patterns") == 951);
  // What does not describe the collection has no limit that it could keep, and pays nothing for one.
  CHECK(client.updateMetrics(increments(300, 1)).ok());
  CHECK(client.deletePatterns(numbers(300)).ok());
  CHECK(rest.server.count("GET /collections/*") == 1);
}

TEST_CASE("strict mode: what it forbids to a search is told before anything is embedded or sent") {
  StrictFixture rest;
  const auto embeddedBefore = rest.embedder->texts.load();
  const bool exact = GENERATE(false, true);
  SearchOptions options;
  if (exact)
    options.exact = true;
  else
    options.limit = 21;
  const auto report = rest.client().searchPatterns(manyTexts, options);
  CHECK(report.count(Outcome::failed) == manyTexts.size());
  CHECK(report.stopped().origin() == Origin::caller);
  CHECK_THAT(report.stopped().message(), contains(exact ? "search_allow_exact" : "max_query_limit") && contains("`patterns`"));
  CHECK(rest.server.count(searchRoute) == 0);
  CHECK(rest.embedder->texts.load() == embeddedBefore);
}

TEST_CASE("strict mode without local checks: what is too large is divided, and what is forbidden fails in the server's words") {
  StrictFixture rest;
  rest.options.localChecks = false;
  rest.options.flow.maxInFlight = 1;
  auto client = rest.client();
  CHECK(client.storePatterns(numbered(950)).ok());
  CHECK(rest.qdrant.pointCount("patterns") == 951);
  CHECK(rest.sizes(upsertRoute, pointsIn).front() == 950);
  CHECK(rest.server.count(upsertRoute) <= 32);
  CHECK(client.searchPatterns(manyTexts).ok());
  CHECK(rest.sizes(searchRoute, queriesIn).front() == manyTexts.size());
  CHECK(rest.server.count(searchRoute) <= 20);

  for (const bool exact : {false, true}) {
    CAPTURE(exact);
    rest.server.forget();
    SearchOptions options;
    if (exact)
      options.exact = true;
    else
      options.limit = 21;
    const auto report = client.searchPatterns(std::vector<std::string>(10, "some text"), options);
    CHECK(report.count(Outcome::failed) == 10);
    CHECK(report.stopped().origin() == Origin::server);
    CHECK(report.stopped().httpStatus() == 400);
    CHECK_THAT(report.stopped().serverMessage(), contains(exact ? "Exact search disabled" : "for \"limit\""));
    CHECK(rest.server.count(searchRoute) == 1);
  }
}
