// Calls that end early, by stop token, by the job and by deadline, while the server holds the answer to one of their requests, each in
// turn, carried out or not. Several requests that hang at once are in rest_outage_test.cpp.
#ifdef QBATCH_WITH_SERVE
#include <algorithm>
#include <chrono>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "support/rest_verbs.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Clock = std::chrono::steady_clock;

namespace {

// Far above what ending early takes, far below what hanging would.
constexpr std::chrono::seconds promptly{20};

enum class By { token, job, deadline };
enum class Held {
  carriedOut,  ///< and not answered
  ignored,
};

HttpStep hold(Held how) {
  HttpFault silent;
  silent.silent = true;
  if (how == Held::carriedOut) return silent;
  return {silent, HttpAnswer(), false};
}

// What comes before is about server and collection, and reads the ids of a delete by filter.
bool carriesItems(const Exchange& exchange) {
  return exchange.path.find("/points") != std::string::npos && exchange.path.find("/scroll") == std::string::npos;
}

struct Ended {
  VerbEnd end{};
  bool held = false;  // the request that was to hang was received
  std::vector<Exchange> requests{};
};

/// Calls `verb`, has the request at `place` hang, and ends the call.
Ended endEarly(RestFixture& rest, const RestVerb& verb, VerbCall call, std::size_t place, Held how, By by) {
  std::vector<HttpStep> script(place, HttpStep(HttpFault()));
  script.insert(script.end(), 100, hold(how));
  rest.server.script(std::move(script));
  std::stop_source stop;
  if (by == By::token) call.stop = stop.get_token();
  if (by == By::deadline) call.deadline = milliseconds(60);
  Ended ended;
  std::size_t atReturn = 0;
  {
    auto client = rest.client();
    const auto running = verb.begin(client, call);
    if (by != By::deadline) REQUIRE(eventually([&] { return rest.server.requests().size() == place + 1; }));
    const auto began = Clock::now();
    if (by == By::token) stop.request_stop();
    if (by == By::job) running.cancel();
    ended.end = running.end();
    CHECK(Clock::now() - began < promptly);
    atReturn = rest.server.requests().size();
  }
  rest.server.stop();  // now nothing more can come
  ended.requests = rest.server.requests();
  ended.held = ended.requests.size() > place;
  // A deadline may come at any instant, also while a request leaves, which is then received late.
  if (by != By::deadline) CHECK(ended.requests.size() == atReturn);
  CHECK(ended.requests.size() <= place + 1);
  return ended;
}

bool isUpdate(const RestVerb& verb) { return std::string_view(verb.name) == "update"; }

void checkEnd(const RestVerb& verb, const Ended& ended, const FakeQdrant& qdrant, By by) {
  const auto& end = ended.end;
  const auto why = make_error_code(by == By::deadline ? Errc::deadlineExceeded : Errc::cancelled);
  checkTruth(verb, end, qdrant);
  CHECK_FALSE(end.ok);
  if (!verb.returnsReport) {
    CHECK(end.errors.size() == 1);  // what it says, see below
    return;
  }
  if (by != By::deadline || !isUpdate(verb)) CHECK(end.stopped.code() == why);  // of an update's deadline, see below
  CHECK(end.stopped.message().empty() == !end.stopped);
  CHECK(end.errors.size() == end.items.size());  // nothing is done, and each item says why
  for (const auto& error : end.errors) CHECK_FALSE(error.message().empty());
  if (!ended.held) return;  // the deadline came before: what was just leaving then is not known here
  const bool left = std::any_of(ended.requests.begin(), ended.requests.end(), carriesItems);
  const bool wrote = std::any_of(ended.requests.begin(), ended.requests.end(), changesPoints);
  for (const auto& [id, outcome] : end.items) {
    CAPTURE(id.toString(), toString(outcome));
    CHECK(outcome == (wrote ? Outcome::unknown : left ? Outcome::failed : Outcome::unsent));
  }
}

/// Longer than the bound: only ending the wait itself is in time.
HttpStep askedToWait() {
  return HttpAnswer{429, {{"Retry-After", "600"}}, R"({"status":{"error":"Rate limiting exceeded"},"time":0.0})", false, {}};
}

VerbEnd endWaiting(RestFixture& rest, const RestVerb& verb, By by) {
  std::stop_source stop;
  VerbCall call{3};
  if (by == By::token) call.stop = stop.get_token();
  if (by == By::deadline) call.deadline = milliseconds(60);
  auto client = rest.client();
  const auto running = verb.begin(client, call);
  if (by == By::token) REQUIRE(eventually([&] { return !rest.server.requests().empty(); }));
  stop.request_stop();
  return running.end();
}

}  // namespace

TEST_CASE("a call is ended at each of its requests: it returns, says what can be known of each item, and sends nothing more") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto by = GENERATE(By::token, By::job, By::deadline);
  if (by == By::job && !verb.returnsReport) return;
  const VerbCall call{3};
  const auto places = usualRequests(verb, call).size();
  for (std::size_t place = 0; place < places; ++place) {
    for (const auto how : {Held::carriedOut, Held::ignored}) {
      RestFixture rest;
      fillFor(rest, verb, call.items);
      CAPTURE(verb.name, place, how == Held::ignored, static_cast<int>(by), routes(rest.server));
      const auto ended = endEarly(rest, verb, call, place, how, by);
      CAPTURE(routes(rest.server));
      checkEnd(verb, ended, rest.qdrant, by);
    }
  }
}

TEST_CASE("a batch is ended at the first request of its second chunk: one is done, one unknown or failed, and two unsent") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto by = GENERATE(By::token, By::job);
  if (!verb.returnsReport) return;
  const VerbCall call{20, 5};
  RestFixture rest;
  rest.options.flow.maxInFlight = 1;
  // The requests of the first chunk are those of a call with one chunk.
  const std::size_t place = usualRequests(verb, {5, 5}).size();
  fillFor(rest, verb, call.items);
  const auto how = GENERATE(Held::carriedOut, Held::ignored);
  const auto ended = endEarly(rest, verb, call, place, how, by);
  CAPTURE(verb.name, static_cast<int>(by), routes(rest.server));
  const auto& end = ended.end;
  CHECK(ended.held);
  checkTruth(verb, end, rest.qdrant);
  std::map<std::string, std::size_t> counts;
  for (const auto& [id, outcome] : end.items) ++counts[std::string(toString(outcome))];
  const std::string hanging = changesPoints(ended.requests.back()) ? "unknown" : "failed";
  CHECK(counts == std::map<std::string, std::size_t>{{"done", 5}, {hanging, 5}, {"unsent", 10}});
  CHECK(end.stopped.code() == make_error_code(Errc::cancelled));
}

TEST_CASE("a call that is stopped before it begins sends nothing") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  RestFixture rest;
  fillFor(rest, verb, 3);
  std::stop_source stop;
  stop.request_stop();
  VerbCall call{3};
  call.stop = stop.get_token();
  auto client = rest.client();
  const auto end = verb.begin(client, call).end();
  CAPTURE(verb.name, routes(rest.server));
  CHECK(rest.server.requests().empty());
  CHECK_FALSE(end.ok);
  CHECK((verb.returnsReport ? end.stopped : end.errors.at(0)).code() == make_error_code(Errc::cancelled));
  for (const auto& [id, outcome] : end.items) CHECK(outcome == Outcome::unsent);
  checkTruth(verb, end, rest.qdrant);
}

TEST_CASE("a call that is ended while it waits to repeat a request returns at once, and sends nothing more") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto by = GENERATE(By::token, By::deadline);
  RestFixture rest;
  fillFor(rest, verb, 3);
  rest.server.when([](const Exchange&) { return true; }, askedToWait(), test::HttpServer::always);
  const auto began = Clock::now();
  const auto end = endWaiting(rest, verb, by);
  CHECK(Clock::now() - began < promptly);
  rest.server.stop();
  CAPTURE(verb.name, static_cast<int>(by), routes(rest.server));
  CHECK(rest.server.requests().size() <= 1);
  CHECK_FALSE(end.ok);
  const auto why = make_error_code(by == By::deadline ? Errc::deadlineExceeded : Errc::cancelled);
  if (verb.returnsReport) CHECK(end.stopped.code() == why);
  for (const auto& [id, outcome] : end.items) CHECK((outcome == Outcome::unsent || outcome == Outcome::failed));
  checkTruth(verb, end, rest.qdrant);
}

TEST_CASE("a call that returns plain values says that it was ended, and not what it met before") {
  const auto all = everyVerb();
  const auto& verb = GENERATE_REF(from_range(all));
  if (verb.returnsReport) return;
  const auto by = GENERATE(By::token, By::deadline);
  const auto why = make_error_code(by == By::deadline ? Errc::deadlineExceeded : Errc::cancelled);
  CAPTURE(verb.name, static_cast<int>(by));
  RestFixture rest;
  fillFor(rest, verb, 3);
  SECTION("while a request hangs") {
    const auto ended = endEarly(rest, verb, {3}, 0, Held::carriedOut, by);
    REQUIRE(ended.end.errors.size() == 1);
    CHECK(ended.end.errors.front().code() == why);
  }
  SECTION("while it waits to repeat a request") {
    rest.server.when([](const Exchange&) { return true; }, askedToWait(), test::HttpServer::always);
    const auto end = endWaiting(rest, verb, by);
    REQUIRE(end.errors.size() == 1);
    CHECK(end.errors.front().code() == why);
  }
}

TEST_CASE("an update that its deadline ends says so, whoever notices first") {
  const auto all = everyVerb();
  const auto& update = *std::find_if(all.begin(), all.end(), isUpdate);
  for (int round = 0; round < 40; ++round) {
    RestFixture rest;
    fillFor(rest, update, 3);
    const auto ended = endEarly(rest, update, {3}, 1 + static_cast<std::size_t>(round % 2), Held::carriedOut, By::deadline);
    CAPTURE(round, routes(rest.server));
    CHECK(ended.end.stopped.code() == make_error_code(Errc::deadlineExceeded));
  }
}
#endif
