// Servers that are not there, keys that do not fit and collections of another kind: what a whole client says of them.
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_fixture.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

const std::string secret = "top-secret-key-7F";

struct Made : FakeEmbedder {
  Made(std::size_t dimension, std::string identity) : FakeEmbedder(dimension) { traits_.identity = std::move(identity); }
};

template <class Report>
std::string wordsOf(const Report& report) {
  std::string words = report.stopped().message();
  for (const auto& failure : report.failures()) words += '\n' + failure.error.message() + '\n' + failure.error.serverMessage();
  return words;
}

bool is(const Error& error, Errc code) { return error.code() == make_error_code(code); }

std::size_t left(const BatchReport& report) { return report.count(Outcome::unsent) + report.count(Outcome::failed); }

/// The problems of the ConfigError that `call` throws; empty where it throws none.
template <class Call>
std::string misuse(Call call) {
  try {
    call();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return {};
}

std::vector<Pattern> readyVectors(std::size_t count, std::size_t dimension) {
  auto patterns = numbered(count);
  for (auto& pattern : patterns) pattern.vector.assign(dimension, 0.5f);
  return patterns;
}

const std::vector<std::string> someTexts = {"one", "two"};

}  // namespace

TEST_CASE("where nothing listens, every verb says so within connectPatience and promises nothing") {
  RestFixture rest;
  rest.server.stop();
  rest.impatient();
  auto client = rest.client();
  const auto stored = client.storePatterns(numbered(3));
  CHECK_FALSE(stored.ok());
  CHECK(is(stored.stopped(), Errc::unavailable));
  CHECK(stored.stopped().origin() == Origin::transport);
  CHECK(left(stored) == 3);
  CHECK_THAT(stored.stopped().message(), contains("127.0.0.1"));
  CHECK_THAT(stored.stopped().message(), contains(std::to_string(rest.server.port())));
  CHECK_THAT(stored.stopped().message(), contains("retry.connectPatience"));
  const auto found = client.searchPatterns(someTexts);
  CHECK(is(found.stopped(), Errc::unavailable));
  CHECK(left(found) == 2);
  CHECK(left(client.updateMetrics(increments(2, 1))) == 2);
  CHECK(left(client.deletePatterns(numbers(2))) == 2);
  const auto matching = client.deletePatterns(Filter().must(match("language", "cpp")));
  CHECK_FALSE(matching.ok());
  CHECK(is(matching.stopped(), Errc::unavailable));
  CHECK_THROWS_AS(client.getPatterns(numbers(1)), RequestError);
  CHECK_THROWS_AS(client.countPatterns(), RequestError);
  // The same client works as soon as there is a server.
  rest.server.start();
  CHECK(client.storePatterns(numbered(3)).ok());
}

TEST_CASE("a name that does not resolve is named") {
  RestFixture rest;
  rest.impatient();
  rest.options.url = "http://no-such-host.invalid:6333";
  const auto report = rest.client().storePatterns(numbered(2));
  CHECK(is(report.stopped(), Errc::unavailable));
  CHECK(left(report) == 2);
  CHECK_THAT(report.stopped().message(), contains("no-such-host.invalid"));
}

TEST_CASE("a wrong key is said at once, with one request and without the key") {
  FakeQdrant::Options how;
  how.apiKey = "the right one";
  how.readOnlyApiKey = "only reading-1234";
  RestFixture rest(how);
  LogBook log;
  rest.options.log = log.writer();
  rest.options.apiKey = secret;
  auto client = rest.client();
  const auto report = client.storePatterns(numbered(3));
  CHECK(is(report.stopped(), Errc::unauthorized));
  CHECK(report.stopped().httpStatus() == 401);
  CHECK(left(report) == 3);
  CHECK_THAT(report.stopped().message(), contains("API key"));
  CHECK_THAT(report.stopped().message(), contains("127.0.0.1"));
  CHECK(rest.server.count("GET /collections/*") == 1);
  CHECK(rest.server.requests().size() <= 2);  // whoever asks may know the version
  CHECK(report.stats().retries == 0);

  rest.server.forget();
  const auto found = client.searchPatterns(someTexts);
  CHECK(is(found.stopped(), Errc::unauthorized));
  CHECK(rest.server.requests().size() == 1);
  rest.server.forget();
  const auto gone = client.deletePatterns(numbers(3));
  CHECK(is(gone.stopped(), Errc::unauthorized));
  CHECK(rest.server.requests().size() == 1);
  rest.server.forget();
  const auto updated = client.updateMetrics(increments(3, 1));
  CHECK(is(updated.stopped(), Errc::unauthorized));
  CHECK(rest.server.requests().size() == 1);
  for (const auto& words : {wordsOf(report), wordsOf(found), wordsOf(gone), wordsOf(updated), log.text(), statsToJson(report)})
    CHECK(words.find(secret) == std::string::npos);
  CHECK_FALSE(log.text().empty());

  SECTION("one that may only read is told so where it writes") {
    rest.options.apiKey = "the right one";
    REQUIRE(rest.client().storePatterns(numbered(3)).ok());
    rest.options.apiKey = "only reading-1234";
    auto reader = rest.client();
    CHECK(reader.searchPatterns(someTexts).ok());
    rest.server.forget();
    const auto refused = reader.storePatterns(numbered(3, 10));
    CHECK(is(refused.stopped(), Errc::unauthorized));
    CHECK(refused.stopped().httpStatus() == 403);
    CHECK(refused.count(Outcome::failed) == 3);
    CHECK(rest.qdrant.pointCount("patterns") == 3);
    CHECK(rest.server.count("PUT /collections/*/points") == 1);
    CHECK(wordsOf(refused).find("only reading-1234") == std::string::npos);
  }
}

TEST_CASE("a key that a server repeats in its answer is not passed on") {
  RestFixture rest;
  LogBook log;
  rest.options.log = log.writer();
  rest.options.apiKey = secret;
  HttpAnswer chatty;
  chatty.status = 403;
  chatty.body = R"({"status":{"error":"key )" + secret + R"( is not welcome"},"time":0.0})";
  rest.server.when([](const Exchange&) { return true; }, chatty, test::HttpServer::always);
  const auto report = rest.client().storePatterns(numbered(2));
  CHECK(is(report.stopped(), Errc::unauthorized));
  CHECK_THAT(wordsOf(report), contains("is not welcome"));
  CHECK((wordsOf(report) + log.text()).find(secret) == std::string::npos);
}

TEST_CASE("a key is not sent in the clear to another machine") {
  ClientOptions options;
  options.url = "http://qdrant.example:6333";
  options.apiKey = secret;
  const auto words = misuse([&] { const BatchClient client(options); });
  CHECK_THAT(words, contains("qdrant.example"));
  CHECK_THAT(words, contains("https"));
  CHECK_THAT(words, contains("allowKeyOverPlainHttp"));
  CHECK(words.find(secret) == std::string::npos);
  options.allowKeyOverPlainHttp = true;
  CHECK(misuse([&] { const BatchClient client(options); }).empty());
}

TEST_CASE("a URL that cannot work is refused before anything is sent, without its password") {
  ClientOptions options;
  options.embedder = std::make_shared<FakeEmbedder>();
  for (const std::string url : {"localhost:6333", "ftp://localhost", "http://", "http://localhost:99999",
                                "http://user:hunter2secret@localhost:6333", "http://localhost:6333?x=1"}) {
    CAPTURE(url);
    options.url = url;
    const auto words = misuse([&] { const BatchClient client(options); });
    CHECK_THAT(words, contains("url"));
    CHECK(words.find("hunter2secret") == std::string::npos);
  }
}

TEST_CASE("a collection that is not there is named, and none is made by reading and changing") {
  RestFixture rest;
  rest.options.collection = "nowhere";
  auto client = rest.client();
  const auto named = [](const Error& error) {
    CHECK(is(error, Errc::collectionNotFound));
    CHECK(error.httpStatus() == 404);
    CHECK_THAT(error.message(), contains("nowhere"));
  };
  const auto found = client.searchPatterns(someTexts);
  named(found.stopped());
  CHECK(left(found) == 2);
  const auto updated = client.updateMetrics(increments(2, 1));
  named(updated.stopped());
  CHECK(left(updated) == 2);
  const auto gone = client.deletePatterns(numbers(2));
  named(gone.stopped());
  CHECK(left(gone) == 2);
  named(client.deletePatterns(Filter().must(match("language", "cpp"))).stopped());
  for (const auto& read : {std::function<void()>([&] { static_cast<void>(client.getPatterns(numbers(1))); }),
                           std::function<void()>([&] { static_cast<void>(client.countPatterns()); })}) {
    try {
      read();
      FAIL("read from a collection that is not there");
    } catch (const RequestError& error) {
      named(error.error());
    }
  }
  rest.options.createCollection = false;
  const auto stored = rest.client().storePatterns(numbered(2));
  named(stored.stopped());
  CHECK_THAT(stored.stopped().message(), contains("createCollection"));
  CHECK(rest.server.count("PUT /collections/*") == 0);
  for (const auto& request : routes(rest.server)) CHECK(request.rfind("PUT", 0) != 0);
}

TEST_CASE("a collection of another dimension: both sizes are named, and nothing is embedded or written") {
  RestFixture rest;
  REQUIRE(rest.client().storePatterns(numbered(3)).ok());
  const auto other = std::make_shared<FakeEmbedder>(8);
  rest.options.embedder = other;
  auto client = rest.client();
  rest.server.forget();
  const auto storing = misuse([&] { static_cast<void>(client.storePatterns(numbered(3, 10))); });
  const auto searching = misuse([&] { static_cast<void>(client.searchPatterns(someTexts)); });
  for (const auto& words : {storing, searching}) {
    CHECK_THAT(words, contains("8"));
    CHECK_THAT(words, contains("4"));
    CHECK_THAT(words, contains("`patterns`"));
  }
  CHECK(other->calls == 0);
  CHECK(rest.server.count("PUT /collections/*/points") == 0);
  CHECK(rest.server.count("POST /collections/*/points/query/batch") == 0);

  SECTION("ready vectors are rejected one by one, the others are stored") {
    rest.options.embedder = nullptr;
    auto patterns = readyVectors(3, 4);
    for (std::size_t i = 0; i < patterns.size(); ++i) patterns[i].id = PointId(100 + i);
    patterns[1].vector.assign(7, 0.5f);
    const auto report = rest.client().storePatterns(patterns);
    CHECK(report.outcome(0) == Outcome::done);
    CHECK(report.outcome(1) == Outcome::rejected);
    CHECK(report.outcome(2) == Outcome::done);
    REQUIRE(report.failures().size() == 1);
    CHECK(is(report.failures()[0].error, Errc::invalidItem));
    CHECK_THAT(report.failures()[0].error.message(), contains("7"));
    CHECK_THAT(report.failures()[0].error.message(), contains("4"));
    CHECK(rest.server.count("PUT /collections/*/points") == 1);
    CHECK(rest.qdrant.problems() == std::vector<std::string>());
  }
}

TEST_CASE("a collection whose vectors have another name is refused, and the names are said") {
  RestFixture rest;
  rest.options.vectorName = "code";
  REQUIRE(rest.client().storePatterns(numbered(3)).ok());
  rest.options.vectorName = GENERATE(std::string(), std::string("text"));
  auto client = rest.client();
  const auto stored = client.storePatterns(numbered(3, 10));
  const auto found = client.searchPatterns(someTexts);
  for (const auto& error : {stored.stopped(), found.stopped()}) {
    CHECK(is(error, Errc::collectionMismatch));
    CHECK_THAT(error.message(), contains("`code`"));
    CHECK_THAT(error.message(), contains("vectorName"));
  }
  CHECK(left(stored) == 3);
  CHECK(rest.qdrant.pointCount("patterns") == 3);
}

TEST_CASE("a collection of another distance can be used, and scores in its own way") {
  RestFixture rest;
  const auto backend = makeRestBackend(rest.options);
  CollectionInfo info;
  info.name = "patterns";
  info.dimension = 4;
  info.distance = Distance::euclid;
  CreateCollection create{info};
  std::promise<Reply> made;
  backend->run(create, {}, [&](Reply reply) { made.set_value(std::move(reply)); });
  REQUIRE_FALSE(made.get_future().get().verdict.error);
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(3)).ok());
  const auto found = client.searchPatterns(someTexts);
  REQUIRE(found.ok());
  const auto hits = found.hits(0);
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].score <= hits[1].score);
  CHECK(hits[1].score <= hits[2].score);
}

TEST_CASE("a collection that another embedder filled is refused unless that is allowed") {
  RestFixture rest;
  rest.options.embedder = std::make_shared<Made>(4, "model-a");
  REQUIRE(rest.client().storePatterns(numbered(3)).ok());
  rest.options.embedder = std::make_shared<Made>(4, "model-b");
  auto client = rest.client();
  for (const auto& words : {misuse([&] { static_cast<void>(client.storePatterns(numbered(3, 10))); }),
                            misuse([&] { static_cast<void>(client.searchPatterns(someTexts)); })}) {
    CHECK_THAT(words, contains("model-a"));
    CHECK_THAT(words, contains("model-b"));
    CHECK_THAT(words, contains("allowOtherEmbedder"));
  }
  CHECK(rest.qdrant.pointCount("patterns") == 3);
  rest.options.allowOtherEmbedder = true;
  CHECK(rest.client().searchPatterns(someTexts).ok());
}
