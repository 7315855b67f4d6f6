// Every request of every verb goes wrong in turn, in every way, once or for ever. What the report then says of each item is compared with
// what the server holds.
#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_fixture.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::size_t points = 5, updated = 3;

// What goes wrong.

struct Trouble {
  const char* name;
  HttpStep step;
  bool passing = true;     // what follows on a single one is a repeat that succeeds
  bool surelyNot = false;  // the client can know that the request was not carried out, unless it holds several operations
};

HttpFault cutInBody(std::size_t bytes) {
  HttpFault fault;
  fault.readBody = bytes;
  fault.cut = Cut::reset;
  return fault;
}

HttpFault cutInHead() {
  HttpFault fault;
  fault.readHead = 10;
  fault.cut = Cut::reset;
  return fault;
}

HttpFault notHttp() {
  HttpFault fault;
  fault.raw = std::string("\x15\x03\x01 this is no HTTP\r\n\r\n");
  fault.cut = Cut::close;
  return fault;
}

HttpAnswer answer(int status, std::string body, HttpHeaders headers = {}) {
  return {status, std::move(headers), std::move(body), false, {}};
}

HttpAnswer serverError(int status) { return answer(status, R"({"status":{"error":"Service internal error: shard is busy"},"time":0.0})"); }

std::vector<Trouble> troubles() {
  const auto page = answer(200, "<!DOCTYPE html><html><body>Welcome</body></html>", {{"Content-Type", "text/html"}});
  return {
      {"reset when the connection is accepted", cutOnAccept(Cut::reset)},
      {"reset in the head", cutInHead()},
      {"reset behind the head", cutInBody(0)},
      {"reset in the body", cutInBody(20)},
      {"carried out, then closed", handledThenCut(Cut::close)},
      {"carried out, then reset", handledThenCut(Cut::reset)},
      {"carried out, answer ends in its head", answeredInPart(20, Cut::close)},
      {"carried out, answer ends in its body", answeredInPart(90, Cut::reset)},
      {"carried out, half a document", handledThenAnswered(answer(200, R"({"result":{"opera)"))},
      {"carried out, empty answer", handledThenAnswered(answer(200, ""))},
      {"carried out, 500", handledThenAnswered(serverError(500))},
      {"503 instead", serverError(503)},
      {"429 instead", answer(429, R"({"status":{"error":"Rate limiting exceeded"},"time":0.0})", {{"Retry-After", "0"}}), true, true},
      {"a page instead", page, false},
      {"carried out, no HTTP", notHttp(), false},
  };
}

// What is called.

struct Told {
  std::vector<std::pair<PointId, Outcome>> items{};
  bool ok = false, wrongAnswer = false;
  std::vector<std::string> messages{};
};

enum class State { before, after, other };

struct Verb {
  const char* name;
  bool filled;  // there are points when it is called
  std::function<Told(BatchClient&)> call;
  std::function<State(const FakeQdrant&, const PointId&)> state{};  // none: it only reads
};

template <class Report>
Told told(const Report& report, const std::function<PointId(std::size_t)>& id) {
  Told result;
  result.ok = report.ok();
  for (std::size_t i = 0; i < report.size(); ++i) result.items.emplace_back(id(i), report.outcome(i));
  for (const auto& failure : report.failures()) result.messages.push_back(failure.error.message());
  if (report.stopped()) result.messages.push_back(report.stopped().message());
  return result;
}

PointId numberOf(std::size_t index) { return PointId(index + 1); }

Told reading(const std::function<bool()>& isRight) {
  Told result;
  try {
    result.wrongAnswer = !isRight();
    result.ok = true;
  } catch (const RequestError& error) {
    result.messages.emplace_back(error.what());
  }
  return result;
}

State stored(const FakeQdrant& qdrant, const PointId& id, const std::string& before, const std::string& after, std::int64_t usage) {
  const auto index = static_cast<std::size_t>(std::stoul(id.toString())) - 1;
  if (storedAsSent(qdrant, id, numbered(points, 1, after)[index], usage)) return State::after;
  const bool untouched = before.empty() ? !qdrant.payload("patterns", id) : storedAsSent(qdrant, id, numbered(points, 1, before)[index], 5);
  return untouched ? State::before : State::other;
}

State counted(const FakeQdrant& qdrant, const PointId& id) {
  const auto usage = storedMember(qdrant, id, "usage_count");
  const bool among = std::stoul(id.toString()) <= updated;
  return usage == "5" ? State::before : (usage == "7" && among ? State::after : State::other);
}

State deleted(const FakeQdrant& qdrant, const PointId& id) { return qdrant.payload("patterns", id) ? State::before : State::after; }

Told searched(BatchClient& client) {
  const auto report = client.searchPatterns(std::vector<std::string>{"one", "two"});
  auto result = told(report, numberOf);
  for (std::size_t i = 0; i < report.size(); ++i)
    if (report.outcome(i) == Outcome::done) result.wrongAnswer = result.wrongAnswer || report.hits(i).size() != points;
  return result;
}

bool getsAll(BatchClient& client) {
  const auto hits = client.getPatterns(numbers(points + 1));
  for (std::size_t i = 0; i < points; ++i)
    if (!hits.at(i) || hits[i]->description != numbered(points)[i].description) return false;
  return !hits.at(points);
}

std::vector<Verb> verbs() {
  using Client = BatchClient;
  return {
      {"store new", false, [](Client& client) { return told(client.storePatterns(numbered(points)), numberOf); },
       [](const FakeQdrant& qdrant, const PointId& id) { return stored(qdrant, id, "", "pattern", 0); }},
      {"store known", true, [](Client& client) { return told(client.storePatterns(numbered(points, 1, "changed")), numberOf); },
       [](const FakeQdrant& qdrant, const PointId& id) { return stored(qdrant, id, "pattern", "changed", 5); }},
      {"update", true, [](Client& client) { return told(client.updateMetrics(increments(updated, 2)), numberOf); }, counted},
      {"delete by ids", true, [](Client& client) { return told(client.deletePatterns(numbers(points)), numberOf); }, deleted},
      {"delete by filter", true,
       [](Client& client) {
         const auto report = client.deletePatterns(Filter().must(match("language", "cpp")));
         return told(report, [&](std::size_t i) { return report.id(i); });
       },
       deleted},
      {"search", true, searched},
      {"get", true, [](Client& client) { return reading([&] { return getsAll(client); }); }},
      {"count", true, [](Client& client) { return reading([&] { return client.countPatterns() == points; }); }},
  };
}

// One play.

void fill(RestFixture& rest, const Verb& verb) {
  if (!verb.filled) return;
  auto client = rest.client();
  REQUIRE(client.storePatterns(numbered(points)).ok());
  REQUIRE(client.updateMetrics(increments(points, 5)).ok());
  rest.server.forget();
}

// A batch of operations may be refused after some of them.
bool inParts(const Verb& verb) { return std::string_view(verb.name) == "update"; }

struct Usual {
  std::size_t requests = 0, firstWrite = 0;  // firstWrite: the index of the first request that changes points
};

Usual usualCourse(const Verb& verb) {
  RestFixture rest;
  fill(rest, verb);
  auto client = rest.client();
  REQUIRE(verb.call(client).ok);
  Usual usual;
  const auto requests = rest.server.requests();
  usual.requests = usual.firstWrite = requests.size();
  for (std::size_t i = requests.size(); i-- > 0;)
    if (requests[i].query.count("wait") != 0) usual.firstWrite = i;
  return usual;
}

void checkTruth(const Verb& verb, const Told& told, const FakeQdrant& qdrant, bool unknownAllowed) {
  CHECK_FALSE(told.wrongAnswer);
  if (!told.ok) CHECK_FALSE(told.messages.empty());
  for (const auto& message : told.messages) CHECK_FALSE(message.empty());
  if (!verb.state) return;
  for (const auto& id : numbers(points)) {
    const auto entry = std::find_if(told.items.begin(), told.items.end(), [&](const auto& item) { return item.first == id; });
    const auto outcome = entry == told.items.end() ? Outcome::unsent : entry->second;
    const auto state = verb.state(qdrant, id);
    CAPTURE(id.toString(), toString(outcome), qdrant.payload("patterns", id).value_or("no such point"));
    CHECK(state != State::other);
    if (outcome == Outcome::done)
      CHECK(state == State::after);
    else if (outcome != Outcome::unknown)
      CHECK(state == State::before);
    else
      CHECK(unknownAllowed);
  }
}

}  // namespace

TEST_CASE("a request that goes wrong once is made good, whichever it is") {
  const auto all = verbs();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto usual = usualCourse(verb);
  for (std::size_t place = 0; place < usual.requests; ++place) {
    for (const auto& trouble : troubles()) {
      RestFixture rest;
      fill(rest, verb);
      rest.options.retry.firstDelay = milliseconds(1);
      rest.options.retry.maxDelay = milliseconds(4);
      std::vector<HttpStep> script(place, HttpStep(HttpFault()));
      script.push_back(trouble.step);
      rest.server.script(std::move(script));
      auto client = rest.client();
      const auto told = verb.call(client);
      CAPTURE(verb.name, place, trouble.name, told.messages, routes(rest.server));
      CHECK(rest.server.scriptLeft() == 0);
      if (trouble.passing) CHECK(told.ok);
      const bool mayHaveArrived = (!trouble.surelyNot || inParts(verb)) && place >= usual.firstWrite;
      checkTruth(verb, told, rest.qdrant, !trouble.passing && mayHaveArrived);
      CHECK(rest.qdrant.problems() == std::vector<std::string>());
    }
  }
}

TEST_CASE("where a server goes wrong for good, the report says no more and no less than can be known") {
  const auto all = verbs();
  const auto& verb = GENERATE_REF(from_range(all));
  const auto usual = usualCourse(verb);
  for (std::size_t place = 0; place < usual.requests; ++place) {
    for (const auto& trouble : troubles()) {
      RestFixture rest;
      fill(rest, verb);
      rest.options.retry = {milliseconds(1), milliseconds(4), milliseconds(12), milliseconds(12)};
      rest.options.timeout = milliseconds(100);
      std::vector<HttpStep> script(place, HttpStep(HttpFault()));
      script.insert(script.end(), 300, trouble.step);
      rest.server.script(std::move(script));
      auto client = rest.client();
      const auto told = verb.call(client);
      CAPTURE(verb.name, place, trouble.name, told.messages, routes(rest.server));
      CHECK(rest.server.scriptLeft() > 0);
      const bool surelyNot = trouble.surelyNot && !inParts(verb) && place == usual.firstWrite;
      checkTruth(verb, told, rest.qdrant, !surelyNot && place >= usual.firstWrite);
    }
  }
}
