// Answers that are none: what a whole client makes of them, and that it neither hangs nor lies.
#include <functional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_fixture.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

HttpAnswer answer(int status, std::string body, HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body), false, {}};
}

bool is(const Error& error, Errc code) { return error.code() == make_error_code(code); }

test::HttpServer::Predicate anything() {
  return [](const Exchange&) { return true; };
}

/// Every request, but those for the version and the description, is answered so from now on.
void corrupt(RestFixture& rest, HttpStep step) {
  rest.server.when([](const Exchange& exchange) { return exchange.method != "GET"; }, std::move(step), test::HttpServer::always);
}

std::size_t left(const BatchReport& report) { return report.count(Outcome::unsent) + report.count(Outcome::failed); }

const std::vector<std::string> someTexts = {"one", "two"};

/// A client that has stored three points.
BatchClient filled(RestFixture& rest) {
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(3)).ok());
  rest.server.forget();
  return client;
}

std::string countFault(BatchClient& client) {
  try {
    static_cast<void>(client.countPatterns());
  } catch (const RequestError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a web server that is no Qdrant is said to be none, at once") {
  RestFixture rest;
  rest.server.when(anything(), answer(200, "<html><body>It works!</body></html>", {{"Content-Type", "text/html"}}),
                   test::HttpServer::always);
  const auto report = rest.client().storePatterns(numbered(3));
  CHECK_FALSE(report.ok());
  CHECK(left(report) == 3);
  CHECK(rest.server.requests().size() <= 2);
  CHECK_THAT(report.stopped().message(), contains("HTML page"));
  CHECK_THAT(report.stopped().message(), contains("check that the URL is that of a Qdrant server's REST API"));
}

TEST_CASE("a page in place of an answer to a write leaves its items unknown, and to a read failed") {
  RestFixture rest;
  auto client = filled(rest);
  corrupt(rest, answer(200, "<html>proxy</html>", {{"Content-Type", "text/html"}}));
  const auto deleted = client.deletePatterns(numbers(3));
  CHECK(deleted.count(Outcome::unknown) == 3);
  CHECK_THAT(deleted.stopped().message(), contains("HTML page"));
  const auto found = client.searchPatterns(someTexts);
  CHECK(found.count(Outcome::failed) == 2);
  CHECK_THAT(found.stopped().message(), contains("HTML page"));
  CHECK(rest.server.requests().size() <= 3);
}

TEST_CASE("a service that answers JSON, but is no Qdrant, is refused in words") {
  RestFixture rest;
  rest.impatient();
  const auto body =
      GENERATE(std::string(R"({"message":"hello"})"), std::string(R"({"result":null})"), std::string("[]"), std::string("null"),
               std::string(), std::string(R"({"result":{"opera)"), std::string(R"({"result":{},"status":"ok"})"));
  CAPTURE(body);
  SECTION("from the beginning") {
    rest.server.when(anything(), answer(200, body), test::HttpServer::always);
    const auto report = rest.client().storePatterns(numbered(3));
    CHECK_FALSE(report.ok());
    CHECK(left(report) == 3);
    CHECK_THAT(report.stopped().message(), contains("no answer of Qdrant's"));
    CHECK_THAT(report.stopped().message(), contains("127.0.0.1"));
  }
  SECTION("later") {
    auto client = filled(rest);
    corrupt(rest, answer(200, body));
    const auto found = client.searchPatterns(someTexts);
    CHECK(left(found) == 2);
    CHECK_THAT(found.stopped().message(), contains("no answer of Qdrant's"));
    CHECK_THAT(countFault(client), contains("no answer of Qdrant's"));
    const auto stored = client.storePatterns(numbered(3, 10));
    CHECK(left(stored) == 3);  // the look-up has no answer, so that nothing is written
    CHECK(rest.qdrant.pointCount("patterns") == 3);
    const auto deleted = client.deletePatterns(numbers(3));
    CHECK(deleted.count(Outcome::done) == 0);
    CHECK(deleted.count(Outcome::unknown) == 3);
    CHECK(rest.qdrant.pointCount("patterns") == 3);
  }
}

TEST_CASE("fewer lists of hits than queries are no answer") {
  RestFixture rest;
  rest.impatient();
  auto client = filled(rest);
  corrupt(rest, answer(200, R"({"result":[{"points":[]}],"status":"ok","time":0.0})"));
  const auto found = client.searchPatterns(someTexts);
  CHECK(found.count(Outcome::done) == 0);
  CHECK_THAT(found.stopped().message(), contains("1 lists of hits for 2 queries"));
}

TEST_CASE("an answer that is cut short for ever ends the call") {
  RestFixture rest;
  rest.impatient();
  auto client = filled(rest);
  const auto bytes = GENERATE(std::size_t(1), std::size_t(20), std::size_t(90));
  CAPTURE(bytes);
  corrupt(rest, answeredInPart(bytes, Cut::close));
  const auto found = client.searchPatterns(someTexts);
  CHECK(found.count(Outcome::failed) == 2);
  CHECK(is(found.stopped(), Errc::unavailable));
  CHECK_THAT(found.stopped().message(), contains("retry.patience"));
  const auto deleted = client.deletePatterns(numbers(2));
  CHECK(deleted.count(Outcome::unknown) == 2);
  CHECK(rest.qdrant.pointCount("patterns") == 1);
}

TEST_CASE("an answer above maxResponseBytes is refused while it comes") {
  RestFixture rest;
  rest.impatient();
  rest.options.rest.maxResponseBytes = 4000;
  auto client = filled(rest);
  HttpAnswer enormous = answer(200, R"({"result":[{"points":[]},{"points":[]}],"status":")" + std::string(50000, 'x') + R"(","time":0})");
  enormous.chunked = GENERATE(false, true);
  corrupt(rest, enormous);
  const auto found = client.searchPatterns(someTexts);
  CHECK_FALSE(found.ok());
  CHECK(found.count(Outcome::done) == 0);
  REQUIRE_FALSE(found.failures().empty());
  CHECK_THAT(found.failures()[0].error.message(), contains("4000"));
  CHECK_THAT(found.failures()[0].error.message(), contains("maxResponseBytes"));
  CHECK_THAT(countFault(client), contains("maxResponseBytes"));
}

TEST_CASE("hits that together are above maxResponseBytes are asked for in smaller parts") {
  RestFixture rest;
  rest.options.rest.maxResponseBytes = 6000;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(20)).ok());
  const auto found = client.searchPatterns(std::vector<std::string>(20, "text"));
  CHECK(found.ok());
  CHECK(found.stats().splits > 0);
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found.hits(i).size() == 10);
}

TEST_CASE("twenty megabytes of rubbish end in a typed error, and those to a write are not read to their end") {
  RestFixture rest;
  rest.impatient();
  rest.options.timeout = milliseconds(60000);  // twenty megabytes take their time where the machine is busy
  auto client = filled(rest);
  auto rubbish = answer(200, std::string(20'000'000, 'x'));
  rubbish.chunked = GENERATE(false, true);
  corrupt(rest, rubbish);
  const auto deleted = client.deletePatterns(numbers(3));
  CHECK(deleted.count(Outcome::unknown) == 3);
  CHECK(is(deleted.stopped(), Errc::unavailable));
  // The last that it met is the rubbish that a read-back got; the answer to a write was left behind its first 4 MiB.
  CHECK(deleted.stats().bytesReceived < 5'000'000 + (deleted.stats().requests - 1) * 21'000'000);
  const auto found = client.searchPatterns(someTexts);
  CHECK(found.count(Outcome::failed) == 2);
  CHECK(is(found.stopped(), Errc::unavailable));
  CHECK_THAT(found.stopped().message(), contains("no answer of Qdrant's"));
  CHECK(found.stopped().message().size() < 1000);
  CHECK_THAT(countFault(client), contains("no answer of Qdrant's"));
  rest.server.behave();
  CHECK(client.searchPatterns(someTexts).ok());
}

TEST_CASE("an answer that drips is given up at the request's timeout") {
  RestFixture rest;
  rest.impatient();
  rest.options.retry.patience = milliseconds(300);
  auto client = filled(rest);
  rest.options.timeout = milliseconds(100);
  auto hasty = rest.client();
  HttpFault drip;
  drip.trickle = milliseconds(1000);
  corrupt(rest, drip);
  const auto found = hasty.searchPatterns(someTexts);
  CHECK(found.count(Outcome::failed) == 2);
  CHECK(is(found.stopped(), Errc::unavailable));
  CHECK_FALSE(found.stopped().message().empty());
  const auto deleted = hasty.deletePatterns(numbers(1));
  CHECK(deleted.count(Outcome::unknown) == 1);
  CHECK(is(deleted.stopped(), Errc::unavailable));
  rest.server.behave();
  CHECK(client.searchPatterns(someTexts).ok());
}

TEST_CASE("a server that never answers is given up after idleTimeout") {
  RestFixture rest;
  rest.impatient();
  auto client = filled(rest);
  rest.options.rest.idleTimeout = milliseconds(100);
  auto hasty = rest.client();
  HttpFault silent;
  silent.silent = true;
  corrupt(rest, silent);
  const auto found = hasty.searchPatterns(someTexts);
  CHECK(found.count(Outcome::failed) == 2);
  CHECK(is(found.stopped(), Errc::unavailable));
}

TEST_CASE("a redirect is not followed, and its target is said") {
  RestFixture rest;
  const auto status = GENERATE(301, 302, 307, 308);
  RestFixture elsewhere;
  rest.server.when(anything(), answer(status, "", {{"Location", elsewhere.server.url() + "/"}}), test::HttpServer::always);
  rest.options.apiKey = "top-secret-key-7F";
  const auto report = rest.client().storePatterns(numbered(2));
  CHECK(is(report.stopped(), Errc::refused));
  CHECK(report.stopped().httpStatus() == status);
  CHECK(left(report) == 2);
  CHECK_THAT(report.stopped().message(), contains(elsewhere.server.url()));
  CHECK_THAT(report.stopped().message(), contains("url"));
  CHECK(elsewhere.server.requests().empty());
  CHECK(elsewhere.server.connections() == 0);
  CHECK(rest.server.requests().size() <= 2);
}

TEST_CASE("a refused item stands alone, and the others are stored") {
  RestFixture rest;
  auto client = filled(rest);
  // A server with a rule of its own about one text.
  rest.server.when(
      [](const Exchange& exchange) { return exchange.method == "PUT" && exchange.body.find("pattern 13\"") != std::string::npos; },
      answer(422, R"({"status":{"error":"Validation error: no thirteens"},"time":0.0})"), test::HttpServer::always);
  const auto report = client.storePatterns(numbered(10, 10));
  CHECK(report.count(Outcome::done) == 9);
  CHECK(report.outcome(3) == Outcome::rejected);
  REQUIRE(report.failures().size() == 1);
  CHECK(is(report.failures()[0].error, Errc::refused));
  CHECK(report.failures()[0].error.serverMessage() == "Validation error: no thirteens");
  CHECK(rest.qdrant.pointCount("patterns") == 12);
}
