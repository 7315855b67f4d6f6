// What a server refuses for good is sent once: every request of every verb is refused in turn.
#ifdef QBATCH_WITH_SERVE
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "support/rest_verbs.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

struct Refusal {
  int status;
  std::string words;
  Errc code;
  bool plainText = false;

  [[nodiscard]] HttpAnswer answer() const {
    if (plainText) return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, words, false, {}};
    return {status, {}, R"({"status":{"error":")" + words + R"("},"time":0.0})", false, {}};
  }
};

// In the words of Qdrant 1.18.
const Refusal badRequest{400, "Wrong input: Vector dimension error: expected dim: 4, got 3", Errc::refused};
const Refusal noKey{401, "Must provide an API key or an Authorization bearer token", Errc::unauthorized, true};
const Refusal weakKey{403, "Forbidden: Global write access is required", Errc::unauthorized};
const Refusal noCollection{404, "Not found: Collection `patterns` doesn't exist!", Errc::collectionNotFound};
const Refusal invalid{422, "Validation error in JSON body: [limit: value 0 invalid, must be 1 or larger]", Errc::refused};

bool same(const Exchange& one, const Exchange& other) {
  return one.method == other.method && one.target == other.target && one.body == other.body;
}
/// How many requests behind the one at `place` are the same once more.
std::size_t repeats(const std::vector<Exchange>& requests, std::size_t place) {
  const auto behind = requests.begin() + static_cast<std::ptrdiff_t>(place) + 1;
  return static_cast<std::size_t>(std::count_if(behind, requests.end(), [&](const auto& each) { return same(each, requests[place]); }));
}
std::size_t writesBehind(const std::vector<Exchange>& requests, std::size_t place) {
  return static_cast<std::size_t>(std::count_if(requests.begin() + static_cast<std::ptrdiff_t>(place) + 1, requests.end(), changesPoints));
}

/// Refuses the request at `place` and `more` behind it; those before it are answered.
void refuseAt(test::HttpServer& server, std::size_t place, const Refusal& refusal, std::size_t more = 0) {
  std::vector<HttpStep> script(place, HttpStep(HttpFault()));
  script.insert(script.end(), more + 1, HttpStep(refusal.answer()));
  server.script(std::move(script));
}

// A gateway may hide the version, and a store makes the collection that is not there: both go on.
bool goesOn(const RestVerb& verb, const Exchange& request, const Refusal& refusal) {
  const bool stores = verb.state && request.method == "GET";
  return request.path == "/" || (stores && refusal.status == 404);
}

// The library asks whether there is a collection, and says in words of its own that there is none.
bool isQuestion(const Exchange& request, const Refusal& refusal) { return request.method == "GET" && refusal.status == 404; }

bool says(const Error& error, const Refusal& refusal, bool wordForWord = true) {
  return error.code() == make_error_code(refusal.code) && error.httpStatus() == refusal.status &&
         (!wordForWord || error.serverMessage() == refusal.words) && error.origin() == Origin::server && !error.message().empty();
}

void checkEnd(const RestVerb& verb, const VerbEnd& end, const Refusal& refusal, bool wordForWord, bool afterWrite) {
  CHECK_FALSE(end.ok);
  REQUIRE(end.errors.size() + (end.stopped ? 1 : 0) > 0);
  for (const auto& error : end.errors) CHECK(says(error, refusal, wordForWord));
  if (end.stopped) CHECK(says(end.stopped, refusal, wordForWord));
  for (const auto& [id, outcome] : end.items) {
    CAPTURE(toString(outcome));
    if (verb.state && afterWrite)
      CHECK(outcome == Outcome::unknown);
    else
      CHECK((outcome == Outcome::rejected || outcome == Outcome::failed || outcome == Outcome::unsent));
  }
}

/// The whole of one play: `verb` is called for one item, and its request at `place` is refused.
void play(const RestVerb& verb, std::size_t place, std::size_t firstWrite, const Refusal& refusal) {
  RestFixture rest;
  fillFor(rest, verb, 1);
  rest.options.retry.firstDelay = milliseconds(1);
  rest.options.timeout = milliseconds(2000);
  refuseAt(rest.server, place, refusal);
  auto client = rest.client();
  const auto end = verb.begin(client, {}).end();
  const auto requests = rest.server.requests();
  CAPTURE(verb.name, place, refusal.status, routes(rest.server));
  REQUIRE(requests.size() > place);
  checkTruth(verb, end, rest.qdrant);
  if (goesOn(verb, requests[place], refusal)) return;
  CHECK(repeats(requests, place) == 0);
  CHECK(writesBehind(requests, place) == 0);
  CHECK(end.stats.retries == 0);
  if (end.ok && verb.state && place > firstWrite) return;  // what was written was found by reading it back once more
  checkEnd(verb, end, refusal, !isQuestion(requests[place], refusal), place > firstWrite);
}

std::size_t firstWriteOf(const std::vector<Exchange>& requests) {
  return static_cast<std::size_t>(std::find_if(requests.begin(), requests.end(), changesPoints) - requests.begin());
}

}  // namespace

TEST_CASE("a request that is refused is never sent again, whichever it is, and its item says why") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto usual = usualRequests(verb, {});
  for (std::size_t place = 0; place < usual.size(); ++place) {
    // Of an update's read-back, see below.
    const bool readBack = std::string_view(verb.name) == "update" && place > firstWriteOf(usual);
    for (const auto& refusal : {badRequest, noKey, weakKey, noCollection, invalid})
      if (!readBack || (refusal.status != 400 && refusal.status != 422)) play(verb, place, firstWriteOf(usual), refusal);
  }
}

TEST_CASE("an update whose read-back is refused does not ask again, and is unknown") {
  const auto all = everyVerb();
  const auto& update = *std::find_if(all.begin(), all.end(), [](const auto& verb) { return std::string_view(verb.name) == "update"; });
  const auto usual = usualRequests(update, {});
  REQUIRE(usual.size() == firstWriteOf(usual) + 2);
  for (const auto& refusal : {badRequest, invalid}) play(update, firstWriteOf(usual) + 1, firstWriteOf(usual), refusal);
}

TEST_CASE("a store that may not create the collection asks for it once") {
  RestFixture rest;
  rest.options.createCollection = false;
  auto client = rest.client();
  const auto report = client.storePatterns(numbered(1));
  CHECK((report.outcome(0) == Outcome::unsent || report.outcome(0) == Outcome::failed));
  CHECK(says(report.stopped(), noCollection, false));
  CHECK(routes(rest.server) == std::vector<std::string>{"GET /", "GET /collections/patterns"});
}

TEST_CASE("a batch whose key or collection is refused stops with that request, undivided") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  const VerbCall call{20, 5};
  const auto usual = usualRequests(verb, call);
  const auto first = firstWriteOf(usual);
  for (std::size_t place = 0; place < std::min(usual.size(), first + 3); ++place) {
    for (const auto& refusal : {noKey, weakKey, noCollection}) {
      RestFixture rest;
      rest.options.flow.maxInFlight = 1;
      fillFor(rest, verb, call.items);
      refuseAt(rest.server, place, refusal, 1000);
      auto client = rest.client();
      const auto end = verb.begin(client, call).end();
      const auto requests = rest.server.requests();
      CAPTURE(verb.name, place, refusal.status, routes(rest.server));
      checkTruth(verb, end, rest.qdrant);
      REQUIRE(requests.size() > place);
      if (goesOn(verb, requests[place], refusal)) continue;
      // An update whose read-back is refused is unknown, item by item; the next ones hear it themselves.
      const bool readBack = std::string_view(verb.name) == "update" && place == first + 1;
      CHECK(requests.size() == place + (readBack ? 2 : 1));
      CHECK_FALSE(end.ok);
      CHECK(end.stats.splits == 0);
      CHECK(end.stats.retries == 0);
      if (!end.items.empty()) CHECK(says(end.stopped, refusal, !isQuestion(requests[place], refusal)));
      for (const auto& error : end.errors) CHECK(says(error, refusal, !isQuestion(requests[place], refusal)));
    }
  }
}

namespace {

/// How often the body came that came most often, of those to this path with the mark.
std::size_t mostCopies(const std::vector<Exchange>& requests, const std::string& path, const std::string& mark) {
  std::size_t most = 0;
  for (const auto& request : requests) {
    if (!fitsPattern(request, path) || request.body.find(mark) == std::string::npos) continue;
    most = std::max(most, static_cast<std::size_t>(
                              std::count_if(requests.begin(), requests.end(), [&](const auto& each) { return same(each, request); })));
  }
  return most;
}

}  // namespace

TEST_CASE("a batch with one item at fault is divided, and each of its bodies is sent once") {
  const auto refusal = GENERATE(badRequest, invalid);
  constexpr std::size_t items = 16, bad = 11;  // the bad one's index
  RestFixture rest;
  rest.options.flow.maxInFlight = GENERATE(std::size_t(1), std::size_t(4));
  auto client = rest.client();
  auto patterns = numbered(items);
  std::string path, mark;
  const auto refuse = [&](const std::string& to, const std::string& with) {
    path = to, mark = with;
    rest.server.forget();
    rest.server.when([=](const Exchange& request) { return fitsPattern(request, to) && request.body.find(with) != std::string::npos; },
                     refusal.answer(), test::HttpServer::always);
  };
  const auto check = [&](const BatchReport& report) {
    CAPTURE(refusal.status, routes(rest.server));
    CHECK(report.count(Outcome::done) == items - 1);
    CHECK(report.outcome(bad) == Outcome::rejected);
    REQUIRE(report.failures().size() == 1);
    CHECK(says(report.failures().front().error, refusal));
    CHECK(mostCopies(rest.server.requests(), path, mark) == 1);
    CHECK_FALSE(report.stopped());
  };
  SECTION("store") {
    patterns[bad].code = "poison";
    refuse("PUT /collections/*/points", "poison");
    check(client.storePatterns(patterns));
    CHECK(rest.qdrant.pointCount("patterns") == items - 1);
  }
  SECTION("search") {
    REQUIRE(client.storePatterns(patterns).ok());
    std::vector<Query> queries(items, Query{{}, {1, 2, 3, 4}});
    for (std::size_t i = 0; i < items; ++i) queries[i].vector[0] = static_cast<float>(i);
    queries[bad].vector[0] = 77777;
    refuse("POST /collections/*/points/query/batch", "77777");
    check(client.searchPatterns(queries));
  }
  SECTION("delete") {
    REQUIRE(client.storePatterns(patterns).ok());
    auto ids = numbers(items);
    ids[bad] = PointId(77777);
    refuse("POST /collections/*/points/delete", "77777");
    check(client.deletePatterns(ids));
    CHECK(rest.qdrant.pointCount("patterns") == 1);
  }
  const auto update = [&](bool alike) {
    patterns[bad].id = PointId(77777);
    REQUIRE(client.storePatterns(patterns).ok());
    auto updates = increments(items, 2);
    updates[bad].id = PointId(77777);
    for (std::size_t i = 0; i < items; ++i) updates[i].incrementUsage = alike ? 2 : static_cast<std::int64_t>(i + 1);
    refuse("POST /collections/*/points/batch", "77777");
    const auto report = client.updateMetrics(updates);
    check(report);
    constexpr std::size_t halvings = 4;  // of 16
    CHECK(rest.server.requests().size() <= 1 + 3 * halvings + 3);
    for (std::size_t i = 0; i < items; ++i)
      CHECK(storedMember(rest.qdrant, updates[i].id, "usage_count") == (i == bad ? "0" : std::to_string(updates[i].incrementUsage)));
  };
  SECTION("update") { update(false); }
  SECTION("update, all of whose points share one operation") { update(true); }
}
#endif
