#include "rest/status_map.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using http::Fault;
using rest::Asked;
using Kind = Verdict::Kind;

namespace {

constexpr std::size_t mebi = 1u << 20, mega = 1'000'000;

Asked asking(bool writes, std::size_t items = 10) {
  Asked asked;
  asked.server = "http://db:6333";
  asked.writes = writes;
  asked.items = items;
  return asked;
}
const Asked reading = asking(false), writing = asking(true);

Verdict verdict(http::Response response, const Asked& asked) { return rest::verdictOf(response, asked); }

struct Row {
  int status;
  std::string words;  // of the server
  Kind kind;
  Errc code;
  bool maybeApplied;  // for a write of ten items
};

/// The server's sentence, with quotes as JSON has them.
std::string strictLimit(const std::string& sizes, const std::string& name) {
  return R"(Bad request: Limit exceeded )" + sizes + R"( for \")" + name + R"(\". Help: Reduce the \")" + name + R"(\" parameter)";
}
std::string withoutEscapes(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());
  return text;
}

}  // namespace

TEST_CASE("every 2xx answer is one to be read") {
  for (const int status : {200, 201, 202, 204, 299}) {
    CAPTURE(status);
    const auto read = verdict(answer(status, "{}"), writing);
    CHECK(read.kind == Kind::completed);
    CHECK_FALSE(read.error);
    CHECK_FALSE(read.maybeApplied);
  }
}

TEST_CASE("each refusal has its meaning, and whether some of it may have been applied") {
  const Row row = GENERATE(
      Row{400, "Format error in JSON body: missing field `id`", Kind::itemAtFault, Errc::refused, false},
      Row{400, "Wrong input: Vector dimension error: expected dim: 4, got 3", Kind::itemAtFault, Errc::refused, false},
      Row{400, "Bad request: Empty update request", Kind::itemAtFault, Errc::refused, false},
      Row{400, "Wrong input: Not existing vector name error: dense", Kind::itemAtFault, Errc::refused, true},
      Row{400, "Payload error: JSON payload (40000000 bytes) is larger than allowed (limit: 33554432 bytes).", Kind::tooLarge,
          Errc::tooLarge, false},
      Row{400, "Payload error: JSON payload has exceeded limit (33554432 bytes).", Kind::tooLarge, Errc::tooLarge, false},
      Row{400, "Payload error: payload reached size limit", Kind::tooLarge, Errc::tooLarge, false},
      Row{400, "Bad request: Limit exceeded 200 > 100 for 'upsert limit'", Kind::tooLarge, Errc::tooLarge, false},
      Row{400, "Bad request: Limit exceeded 200 > 100 for 'update limit'", Kind::tooLarge, Errc::tooLarge, false},
      Row{400, "Bad request: Limit exceeded 200 > 100 for 'search batch size'", Kind::tooLarge, Errc::tooLarge, false},
      Row{403, "Forbidden: Limit exceeded 200 > 100 for 'upsert limit'", Kind::tooLarge, Errc::tooLarge, false},
      Row{400, "Bad request: Max points count limit of 1000 reached!", Kind::throttled, Errc::storageFull, false},
      Row{400, "Bad request: Max vector storage size limit of 10MB reached!", Kind::throttled, Errc::storageFull, false},
      Row{400, "Bad request: Max payload storage size limit of 10MB reached!", Kind::throttled, Errc::storageFull, false},
      Row{400, "Bad request: Resident memory usage is at 91% of total memory, exceeding the configured limit of 90%", Kind::throttled,
          Errc::storageFull, false},
      Row{400, "Bad request: Disk usage is at 91% of total capacity, exceeding the configured limit of 90%", Kind::throttled,
          Errc::storageFull, false},
      Row{400,
          "Wrong input: 1 out of 2 shards failed to apply operation. First error captured: Wrong input: Vector dimension error: "
          "expected dim: 4, got 3",
          Kind::itemAtFault, Errc::refused, true},
      Row{507, "1 out of 2 shards failed to apply operation. First error captured: No space left", Kind::throttled, Errc::storageFull,
          true},
      Row{400, "Bad request: Limit exceeded 200 > 100 for upsert limit", Kind::tooLarge, Errc::tooLarge, false},
      Row{400, strictLimit("500 > 100", "upsert limit"), Kind::tooLarge, Errc::tooLarge, false},
      Row{400, strictLimit("500 > 100", "update limit"), Kind::tooLarge, Errc::tooLarge, false},
      Row{400, strictLimit("64 > 10", "search batch size"), Kind::tooLarge, Errc::tooLarge, false},
      Row{400, strictLimit("20 > 10", "limit"), Kind::fatal, Errc::refused, false},
      Row{400, strictLimit("60 > 10", "timeout"), Kind::fatal, Errc::refused, false},
      Row{400, "Bad request: Exact search disabled!. Help: Set exact=false.", Kind::fatal, Errc::refused, false},
      Row{400,
          "Bad request: Request is forbidden because global vector indexing is disabled (hnsw_config.m = 0). Help: Use tenant-specific "
          "filter, enable global vector indexing or enable strict mode `search_allow_exact` option",
          Kind::fatal, Errc::refused, false},
      Row{400, "Bad request: Filter condition limit reached (9 > 8). Help: Reduce the amount of conditions of your filter.", Kind::fatal,
          Errc::refused, false},
      Row{400,
          "Bad request: Index required but not found for a of one of the following types: [keyword]. Help: Create an index for this key",
          Kind::fatal, Errc::refused, false},
      Row{400, "Bad request: Disk usage is at 91% of total capacity, exceeding the configured limit of 90%. Help: Reduce", Kind::throttled,
          Errc::storageFull, false},
      Row{422, "Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]", Kind::itemAtFault, Errc::refused, false},
      Row{401, "Must provide an API key or an Authorization bearer token", Kind::fatal, Errc::unauthorized, false},
      Row{403, "Forbidden: Global access is required", Kind::fatal, Errc::unauthorized, false},
      Row{404, "Not found: Collection `c` doesn't exist!", Kind::fatal, Errc::collectionNotFound, false},
      Row{404, "Not found: No point with id 7 found", Kind::itemAtFault, Errc::pointNotFound, true},
      Row{404, "Not found: Shard key x not found", Kind::fatal, Errc::refused, false},
      Row{405, "Method not allowed", Kind::fatal, Errc::refused, false},
      Row{408, "Timeout: Operation timed out", Kind::unavailable, Errc::unavailable, true},
      Row{409, "Wrong input: Collection `c` already exists!", Kind::fatal, Errc::refused, false},
      Row{413, "Payload Too Large", Kind::tooLarge, Errc::tooLarge, false},
      Row{425, "Too early", Kind::unavailable, Errc::unavailable, true},
      Row{429, "Rate limiting exceeded: Write rate limit exceeded", Kind::tooLarge, Errc::throttled, false},
      Row{500, "Service internal error: something broke", Kind::unavailable, Errc::unavailable, true},
      Row{501, "Not implemented", Kind::fatal, Errc::refused, false}, Row{502, "bad gateway", Kind::unavailable, Errc::unavailable, true},
      Row{503, "no leader", Kind::unavailable, Errc::unavailable, true}, Row{504, "too slow", Kind::unavailable, Errc::unavailable, true},
      Row{505, "HTTP version", Kind::fatal, Errc::refused, false}, Row{507, "No space left", Kind::throttled, Errc::storageFull, false});
  CAPTURE(row.status, row.words);
  for (const auto& asked : {reading, writing}) {
    CAPTURE(asked.writes);
    const auto found = verdict(refusal(row.status, row.words), asked);
    CHECK(found.kind == row.kind);
    CHECK(found.error.code() == row.code);
    CHECK(found.maybeApplied == (row.maybeApplied && asked.writes));
    CHECK_FALSE(found.neverSent);
    CHECK_FALSE(found.neverConnected);
    CHECK(found.retryAfter.has_value() == (row.kind == Kind::throttled));
    CHECK(found.error.httpStatus() == row.status);
    CHECK(found.error.origin() == Origin::server);
    CHECK(found.error.serverMessage() == withoutEscapes(row.words));
    CHECK(hasPart(found.error.message(), withoutEscapes(row.words)));
    CHECK(hasPart(found.error.message(), "http://db:6333"));
    CHECK(hasPart(found.error.message(), std::to_string(row.status)));
  }
}

TEST_CASE("a condition that is too large is worth dividing where it lists what is to be written") {
  const auto refused = refusal(400, "Bad request: Condition size limit reached (500 > 100). Help: Reduce the size of your condition.");
  CHECK(verdict(refused, writing).kind == Kind::tooLarge);
  CHECK(verdict(refused, reading).kind == Kind::fatal);
  CHECK(verdict(refused, reading).error.code() == Errc::refused);
}

TEST_CASE("a refusal of a single item has left nothing behind") {
  for (const auto* words : {"Wrong input: Not existing vector name error: dense", "Not found: No point with id 7 found"}) {
    CAPTURE(words);
    CHECK_FALSE(verdict(refusal(words[0] == 'W' ? 400 : 404, words), asking(true, 1)).maybeApplied);
  }
}

TEST_CASE("the server's words are taken from plain text, and pages are none") {
  const auto plain = verdict(answer(401, "Must provide an API key", {{"content-type", "text/plain"}}), reading);
  CHECK(plain.error.serverMessage() == "Must provide an API key");
  CHECK(hasPart(plain.error.message(), "check the API key"));
  const auto html = verdict(page(502), writing);
  CHECK(html.kind == Kind::unavailable);
  CHECK(html.error.serverMessage().empty());
  CHECK(hasPart(html.error.message(), "an HTML page"));
  CHECK(hasPart(verdict(answer(500, ""), reading).error.message(), "no reason"));
}

TEST_CASE("a 404 without Qdrant's reason is a request that the server does not know") {
  for (const auto& response : {answer(404, "", {}), page(404), answer(404, R"({"status":{"error":""}})")}) {
    const auto found = verdict(response, reading);
    CHECK(found.kind == Kind::fatal);
    CHECK(found.error.code() == Errc::unsupported);
    CHECK(hasPart(found.error.message(), "1.10"));
  }
}

TEST_CASE("Retry-After makes 429 a wait, and its absence a size") {
  const auto limited = [](std::vector<http::Header> headers) {
    return verdict(answer(429, R"({"status":{"error":"Rate limiting exceeded"}})", std::move(headers)), writing);
  };
  CHECK(limited({{"Retry-After", "3"}}).kind == Kind::throttled);
  CHECK(limited({{"Retry-After", "3"}}).retryAfter == 3000ms);
  CHECK(limited({{"retry-after", "0"}}).retryAfter == 0ms);
  CHECK(limited({{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}}).retryAfter == 1h);
  CHECK(limited({{"Retry-After", "soon"}}).kind == Kind::tooLarge);
  CHECK_FALSE(limited({}).retryAfter);
}

TEST_CASE("a limit of strict mode that every item meets cannot be divided away") {
  for (const auto* name : {"limit", "timeout", "oversampling", "hnsw_ef"}) {
    CAPTURE(name);
    const auto words = std::string(R"(Bad request: Limit exceeded 200 > 100 for \")") + name + R"(\". Help: Reduce it.)";
    const auto found = verdict(refusal(400, words), reading);
    CHECK(found.kind == Kind::fatal);
    CHECK(found.error.code() == Errc::refused);
    CHECK(hasPart(found.error.message(), "Help: Reduce it."));
  }
}

TEST_CASE("a single item is refused for its size by those alone who say so") {
  const auto one = asking(true, 1);
  CHECK(verdict(answer(429, "slow down"), one).kind == Kind::throttled);
  CHECK_FALSE(verdict(answer(429, "slow down"), one).retryAfter);
  CHECK(verdict(refusal(429, "Rate limiting exceeded: Write rate limit exceeded, request larger than rate limiter capacity"), one).kind ==
        Kind::tooLarge);
  CHECK(verdict(page(413), one).kind == Kind::tooLarge);
}

TEST_CASE("what an exchange says of its body's bytes") {
  using rest::SizeSign;
  const auto sign = [](http::Response response, std::size_t bytes = 1, std::size_t passed = 0, std::size_t items = 10) {
    auto asked = asking(true, items);
    asked.bodyBytes = bytes;
    asked.largestPassed = passed;
    return rest::sizeSignOf(response, asked);
  };
  CHECK(sign(page(413)) == SizeSign::refused);
  CHECK(sign(refusal(400, "JSON payload (2 bytes) is larger than allowed (limit: 1 bytes).")) == SizeSign::refused);
  CHECK(sign(refusal(400, "Format error in JSON body: number too large to fit in target type")) == SizeSign::none);
  CHECK(sign(refusal(400, "Bad request: Limit exceeded 200 > 100 for 'upsert limit'")) == SizeSign::none);
  CHECK(sign(answer(429, "")) == SizeSign::suspected);
  CHECK(sign(answer(429, ""), 1, 0, 1) == SizeSign::none);
  CHECK(sign(answer(429, "", {{"Retry-After", "1"}})) == SizeSign::none);
  CHECK(sign(refusal(429, "Read rate limit exceeded, request larger than rate limiter capacity")) == SizeSign::none);
  CHECK(sign(resultOf("true")) == SizeSign::none);
  CHECK(sign(fault(Fault::Kind::tooLarge)) == SizeSign::none);  // of an answer
  auto lost = fault(Fault::Kind::reset, "lost", true);
  CHECK(sign(lost, 2 * mega, 2 * mega) == SizeSign::none);
  CHECK(sign(lost, 2 * mega, 2 * mega - 1) == SizeSign::broken);  // it may have waited in between
  lost.status = 200;
  CHECK(sign(lost, 2 * mega) == SizeSign::none);  // the answer had begun
  lost.status = 0;
  lost.fault.whileSending = true;
  CHECK(sign(lost, mega) == SizeSign::broken);
  CHECK(sign(lost, mega + 1) == SizeSign::suspected);
  CHECK(sign(lost, 2 * mega, mega) == SizeSign::broken);
  CHECK(sign(lost, mega + 1, 0, 1) == SizeSign::suspected);
  CHECK(sign(lost, 2 * mega + 1, mega) == SizeSign::suspected);
}

TEST_CASE("a full disk asks for long waits") {
  const auto full = verdict(refusal(507, "No space left on device"), writing);
  REQUIRE(full.retryAfter);
  CHECK(*full.retryAfter >= 5s);
}

TEST_CASE("a redirect is named and not followed") {
  std::vector<std::string> secrets = {"s3cret-key"};
  auto asked = reading;
  asked.secrets = secrets;
  const auto found = verdict(answer(302, "", {{"Location", "https://login.example/?key=s3cret-key"}}), asked);
  CHECK(found.kind == Kind::fatal);
  CHECK(found.error.code() == Errc::refused);
  CHECK(hasPart(found.error.message(), "https://login.example/?key=***"));
  CHECK_FALSE(hasPart(found.error.message(), "s3cret"));
}

TEST_CASE("secrets that a server or the transport repeats are taken out") {
  const std::vector<std::string> secrets = {"s3cret-key"};
  auto asked = writing;
  asked.secrets = secrets;
  for (const int status : {400, 401, 404, 409, 413, 422, 429, 500, 507}) {
    CAPTURE(status);
    const auto found = verdict(refusal(status, "the key s3cret-key of Collection"), asked);
    CHECK_FALSE(hasPart(found.error.message(), "s3cret"));
    CHECK(found.error.serverMessage() == "the key *** of Collection");
  }
  const auto broken = verdict(fault(Fault::Kind::protocol, "a header `api-key: s3cret-key` cannot be sent"), asked);
  CHECK(broken.error.message() == "a header `api-key: ***` cannot be sent");
  auto response = answer(200, "s3cret-key");
  CHECK_FALSE(hasPart(rest::unreadable(response, asked, "`s3cret-key` is not JSON").error.message(), "s3cret"));
}

namespace {

struct FaultRow {
  Fault::Kind fault;
  Kind read, write;
  Errc readCode, writeCode;
};

}  // namespace

TEST_CASE("each fault on the way has its meaning for reads and writes") {
  using F = Fault::Kind;
  const FaultRow row = GENERATE(FaultRow{F::cancelled, Kind::unavailable, Kind::unavailable, Errc::cancelled, Errc::cancelled},
                                FaultRow{F::deadline, Kind::unavailable, Kind::unavailable, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::resolve, Kind::unavailable, Kind::unavailable, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::connect, Kind::unavailable, Kind::unavailable, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::certificate, Kind::fatal, Kind::fatal, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::tls, Kind::unavailable, Kind::unavailable, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::idle, Kind::unavailable, Kind::unavailable, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::reset, Kind::unavailable, Kind::unavailable, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::tooLarge, Kind::tooLarge, Kind::unavailable, Errc::tooLarge, Errc::unavailable},
                                FaultRow{F::protocol, Kind::fatal, Kind::fatal, Errc::unavailable, Errc::unavailable},
                                FaultRow{F::internal, Kind::fatal, Kind::fatal, Errc::internal, Errc::internal});
  CAPTURE(static_cast<int>(row.fault));
  for (const bool arrived : {false, true})
    for (const bool writes : {false, true}) {
      CAPTURE(arrived, writes);
      const auto found = verdict(fault(row.fault, "it went wrong at db:6333", arrived), asking(writes));
      CHECK(found.kind == (writes ? row.write : row.read));
      CHECK(found.error.code() == (writes ? row.writeCode : row.readCode));
      CHECK(found.maybeApplied == (writes && arrived));
      CHECK(found.neverSent == (row.fault == F::cancelled && !arrived));
      CHECK(found.neverConnected == (!arrived && (row.fault == F::resolve || row.fault == F::connect)));
      CHECK(found.error.origin() == Origin::transport);
      CHECK(found.error.httpStatus() == 0);
      CHECK(hasPart(found.error.message(), "it went wrong at db:6333"));
      CHECK(hasPart(found.error.message(), "maxResponseBytes") == (row.fault == F::tooLarge && !writes));
      CHECK(hasPart(found.error.message(), "is answered in a few words") == (row.fault == F::tooLarge && writes));
      CHECK_FALSE(found.bodyBroken);
    }
}

TEST_CASE("a body that did not leave as a whole cannot have been applied") {
  auto response = fault(Fault::Kind::reset, "lost", true);
  response.fault.whileSending = true;
  CHECK_FALSE(verdict(response, writing).maybeApplied);
  CHECK(verdict(response, writing).bodyBroken);
}

TEST_CASE("a connection lost while a body is sent that is larger than any before means a body too large") {
  auto lost = fault(Fault::Kind::reset, "the connection was lost", true);
  lost.fault.whileSending = true;
  const auto kindFor = [&](std::size_t bytes, std::size_t passed) {
    auto asked = writing;
    asked.bodyBytes = bytes;
    asked.largestPassed = passed;
    const auto found = verdict(lost, asked);
    CHECK_FALSE(found.maybeApplied);
    CHECK((found.error.code() == Errc::tooLarge) == (found.kind == Kind::tooLarge));
    if (found.kind == Kind::tooLarge) CHECK(hasPart(found.error.message(), std::to_string(bytes)));
    return found.kind;
  };
  CHECK(kindFor(mega, 0) == Kind::unavailable);
  CHECK(kindFor(mega + 1, 0) == Kind::tooLarge);
  CHECK(kindFor(40 * mebi, 20 * mebi) == Kind::unavailable);
  CHECK(kindFor(40 * mebi + 1, 20 * mebi) == Kind::tooLarge);
  lost.fault.whileSending = false;
  auto asked = writing;
  asked.bodyBytes = 40 * mebi;
  CHECK(verdict(lost, asked).kind == Kind::unavailable);
  CHECK(verdict(lost, asked).maybeApplied);
  for (const auto other : {Fault::Kind::idle, Fault::Kind::deadline}) {
    lost.fault.kind = other;
    lost.fault.whileSending = true;
    CHECK(verdict(lost, asked).kind == Kind::unavailable);
  }
}

TEST_CASE("a single item is refused for a lost connection at the second time at the earliest") {
  auto lost = fault(Fault::Kind::reset, "the connection was lost", true);
  lost.fault.whileSending = true;
  auto asked = asking(true, 1);
  asked.bodyBytes = 2 * mega;
  CHECK(verdict(lost, asked).kind == Kind::unavailable);
  CHECK(rest::sizeSignOf(lost, asked) == rest::SizeSign::suspected);
  asked.smallestRefused = 2 * mega + 1;
  CHECK(verdict(lost, asked).kind == Kind::unavailable);
  asked.smallestRefused = 2 * mega;
  CHECK(verdict(lost, asked).kind == Kind::tooLarge);
}

TEST_CASE("a connection lost before the answer to a larger body than any before may be lost for its size, and may have carried it") {
  const auto lost = fault(Fault::Kind::reset, "the connection was lost", true);
  auto asked = writing;
  asked.bodyBytes = 1000;
  asked.largestPassed = 999;
  const auto found = verdict(lost, asked);
  CHECK(found.kind == Kind::unavailable);
  CHECK(found.bodyBroken);
  CHECK(found.maybeApplied);
  asked.largestPassed = 1000;
  CHECK_FALSE(verdict(lost, asked).bodyBroken);
  CHECK_FALSE(verdict(fault(Fault::Kind::deadline, "too late", true), writing).bodyBroken);
}

TEST_CASE("an answer that cannot be read is a passing fault, but a page is none") {
  const auto broken = rest::unreadable(answer(200, "{\"result\":"), writing, "it ends in the middle");
  CHECK(broken.kind == Kind::unavailable);
  CHECK(broken.error.code() == Errc::unavailable);
  CHECK(broken.error.httpStatus() == 200);
  CHECK(broken.maybeApplied);
  CHECK(hasPart(broken.error.message(), "it ends in the middle"));
  CHECK_FALSE(rest::unreadable(answer(200, ""), reading, "it is empty").maybeApplied);
  const auto html = rest::unreadable(page(200), writing, "");
  CHECK(html.kind == Kind::fatal);
  CHECK(html.maybeApplied);
  CHECK(hasPart(html.error.message(), "an HTML page"));
}
