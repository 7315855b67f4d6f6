// Servers that take no more than a megabyte, with nothing configured: whatever they say to a larger body, everything is stored in a few
// refusals, and a client that has learnt the limit meets no more of them.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_fixture.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::size_t mega = 1'000'000, window = 8;

std::size_t announced(const Exchange& exchange) {
  const auto* length = exchange.header("content-length");
  return length == nullptr ? 0 : static_cast<std::size_t>(std::stoull(*length));
}

/// How a server says that a body is too large.
struct Sign {
  const char* name;
  std::function<HttpStep(std::size_t)> step;  // to a body of so many bytes
};

HttpStep refusal(int status, std::string body, HttpHeaders headers = {}) {
  HttpFault fault;
  fault.skipBody = true;  // and in good manners: what still comes is read
  HttpAnswer answer{status, std::move(headers), std::move(body), false, {}};
  return {fault, answer, false};
}

HttpStep reset(std::size_t limit) {
  HttpFault fault;
  fault.readBody = limit / 10;
  fault.cut = Cut::reset;
  return fault;
}

const std::vector<Sign> signs = {
    {"400 of Qdrant",
     [](std::size_t limit) {
       return refusal(400, R"({"status":{"error":"Payload error: JSON payload (9999999 bytes) is larger than allowed (limit: )" +
                               std::to_string(limit) + R"( bytes)."},"time":0.0})");
     }},
    {"413 of a proxy",
     [](std::size_t) {
       return refusal(413, "<html><head><title>413 Request Entity Too Large</title></head><body>nginx</body></html>",
                      {{"Content-Type", "text/html"}});
     }},
    {"a reset while sending", [](std::size_t limit) { return reset(limit); }},
    {"429 without Retry-After", [](std::size_t) { return refusal(429, R"({"status":{"error":"too much at once"}})"); }},
};

/// A server in this process with a limit of body bytes, and what its clients sent.
struct LimitedServer : RestFixture {
  std::size_t limit = mega;
  LimitedServer() { options.embedder = nullptr; }
  LimitedServer(const Sign& sign, std::size_t most) : LimitedServer() { take(sign, most); }
  /// From now on no more than so much is taken.
  void take(const Sign& sign, std::size_t most) {
    limit = most;
    server.when([most](const Exchange& exchange) { return announced(exchange) > most; }, sign.step(most), test::HttpServer::always);
    server.forget();
  }

  struct Traffic {
    std::size_t refusals = 0, largest = 0, late = 0;  // late: refusals after a body of half the limit had passed
  };
  [[nodiscard]] Traffic traffic() const {
    Traffic seen;
    bool half = false;
    for (const auto& exchange : server.requests()) {
      const auto bytes = announced(exchange);
      seen.largest = std::max(seen.largest, bytes);
      if (bytes > limit) {
        ++seen.refusals;
        if (half) ++seen.late;
      } else if (2 * bytes > limit) {
        half = true;
      }
    }
    return seen;
  }
  /// The most refusals that learning may cost.
  [[nodiscard]] std::size_t bound(std::size_t first) const {
    return window + 2 * static_cast<std::size_t>(std::ceil(std::log2(static_cast<double>(first) / static_cast<double>(limit))));
  }
};

/// Patterns with ready vectors, whose numbers are as long as real ones.
std::vector<Pattern> ready(std::size_t count, std::size_t dimension = 384, std::uint64_t first = 1) {
  auto patterns = numbered(count, first);
  for (std::size_t i = 0; i < count; ++i) {
    patterns[i].vector.resize(dimension);
    for (std::size_t d = 0; d < dimension; ++d) patterns[i].vector[d] = std::sin(static_cast<float>(i * dimension + d) + 0.5f);
  }
  return patterns;
}

/// The call met few refusals, and `again` meets none.
template <class Again>
void checkLearnt(LimitedServer& rest, const Again& again) {
  const auto learning = rest.traffic();
  CHECK(learning.refusals > 0);
  CHECK(learning.refusals <= rest.bound(learning.largest));
  CHECK(learning.late < window);  // those that were under way when the first was refused may arrive late
  rest.server.forget();
  again();
  CHECK(rest.traffic().refusals == 0);
  CHECK(rest.server.problems().empty());
  CHECK(rest.qdrant.problems().empty());
}

}  // namespace

TEST_CASE("a server that takes a megabyte stores everything, whatever it says to more") {
  const auto& how = signs[GENERATE(range(std::size_t{0}, std::size_t{4}))];
  const auto existing = GENERATE(Existing::replace, Existing::keepMetrics);
  CAPTURE(how.name, static_cast<int>(existing));
  LimitedServer rest(how, mega);
  auto client = rest.client();
  StoreOptions options;
  options.existing = existing;
  CHECK(client.storePatterns(ready(3000), options).count(Outcome::done) == 3000);
  CHECK(rest.qdrant.pointCount("patterns") == 3000);
  CHECK(rest.traffic().largest > 4 * mega);
  checkLearnt(rest, [&] { CHECK(client.storePatterns(ready(3000, 384, 10'001), options).count(Outcome::done) == 3000); });
  CHECK(rest.qdrant.pointCount("patterns") == 6000);
}

TEST_CASE("patterns of very unequal size are stored by a server that takes a megabyte") {
  const auto& how = signs[GENERATE(range(std::size_t{0}, std::size_t{4}))];
  CAPTURE(how.name);
  LimitedServer rest(how, mega);
  auto client = rest.client();
  auto patterns = ready(2000, 8);
  for (std::size_t i = 0; i < patterns.size(); i += 40) patterns[i].code = std::string(i % 80 == 0 ? 300'000 : 60'000, 'x');
  patterns[777].code = std::string(900'000, 'x');
  CHECK(client.storePatterns(patterns).count(Outcome::done) == 2000);
  CHECK(rest.qdrant.pointCount("patterns") == 2000);
  CHECK(rest.traffic().refusals > 0);
  CHECK(client.storePatterns(patterns).count(Outcome::done) == 2000);  // again: each with what is kept of it
  // Among unequal bodies a size between the largest that passed and the half of what was refused may come up at any time; so the two calls
  // together keep within what learning may cost.
  const auto seen = rest.traffic();
  CHECK(seen.refusals <= rest.bound(seen.largest));
}

TEST_CASE("of five thousand patterns exactly the one that is too large by itself is rejected") {
  const auto& how = signs[GENERATE(range(std::size_t{0}, std::size_t{3}))];
  CAPTURE(how.name);
  LimitedServer rest(how, mega);
  auto client = rest.client();
  auto patterns = ready(5000, 8);
  patterns[2345].code = std::string(9 * mega, 'x');  // more than any buffer on the way keeps
  const auto report = client.storePatterns(patterns);
  CHECK(report.count(Outcome::done) == 4999);
  CHECK(rest.qdrant.pointCount("patterns") == 4999);
  REQUIRE(report.failures().size() == 1);
  const auto& refused = report.failures()[0];
  CHECK(refused.index == 2345);
  CHECK(refused.outcome == Outcome::rejected);
  CHECK(refused.error.code() == make_error_code(Errc::tooLarge));
  CHECK_FALSE(rest.qdrant.payload("patterns", PointId(2346)));
}

TEST_CASE("updates, deletions and searches are divided and remembered like stores") {
  const auto& how = signs[GENERATE(range(std::size_t{0}, std::size_t{4}))];
  CAPTURE(how.name);
  LimitedServer rest;
  REQUIRE(rest.client().storePatterns(ready(2000, 384)).ok());
  auto client = rest.client();  // which has not seen more pass
  SECTION("updates") {
    rest.take(how, 20'000);
    auto updates = increments(2000, 1);
    for (std::size_t i = 0; i < updates.size(); ++i) updates[i].successRate = static_cast<double>(i) / 2000;
    CHECK(client.updateMetrics(updates).count(Outcome::done) == 2000);
    checkLearnt(rest, [&] { CHECK(client.updateMetrics(updates).count(Outcome::done) == 2000); });
    for (const std::uint64_t id : {1u, 777u, 2000u}) CHECK(storedMember(rest.qdrant, PointId(id), "usage_count") == "2");
  }
  SECTION("deletions") {
    rest.take(how, 2000);
    CHECK(client.deletePatterns(numbers(1500)).count(Outcome::done) == 1500);
    CHECK(rest.qdrant.pointCount("patterns") == 500);
    checkLearnt(rest, [&] { CHECK(client.deletePatterns(numbers(2000)).count(Outcome::done) == 2000); });
    CHECK(rest.qdrant.pointCount("patterns") == 0);
  }
  SECTION("searches") {
    rest.take(how, 100'000);
    std::vector<Query> queries(100);
    const auto like = ready(100, 384);
    for (std::size_t i = 0; i < queries.size(); ++i) queries[i].vector = like[i].vector;
    const auto search = [&] {
      const auto found = client.searchPatterns(queries, {.limit = 1});
      CHECK(found.count(Outcome::done) == 100);
      std::size_t hits = 0;
      for (std::size_t i = 0; i < found.size(); ++i) hits += found.hits(i).size();
      CHECK(hits == 100);
    };
    search();
    checkLearnt(rest, search);
  }
}
