#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_fixture.hpp"

// Every verb of a client, to be run while its requests go wrong in turn, and what its report has to say then.
namespace qbatch::test::scripted {

constexpr std::size_t points = 5, updated = 3;

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

inline PointId numberOf(std::size_t index) { return PointId(index + 1); }

inline Told reading(const std::function<bool()>& isRight) {
  Told result;
  try {
    result.wrongAnswer = !isRight();
    result.ok = true;
  } catch (const RequestError& error) {
    result.messages.emplace_back(error.what());
  }
  return result;
}

inline State stored(const FakeQdrant& qdrant, const PointId& id, const std::string& before, const std::string& after, std::int64_t usage) {
  const auto index = static_cast<std::size_t>(std::stoul(id.toString())) - 1;
  if (storedAsSent(qdrant, id, numbered(points, 1, after)[index], usage)) return State::after;
  const bool untouched = before.empty() ? !qdrant.payload("patterns", id) : storedAsSent(qdrant, id, numbered(points, 1, before)[index], 5);
  return untouched ? State::before : State::other;
}

inline State counted(const FakeQdrant& qdrant, const PointId& id) {
  const auto usage = storedMember(qdrant, id, "usage_count");
  const bool among = std::stoul(id.toString()) <= updated;
  return usage == "5" ? State::before : (usage == "7" && among ? State::after : State::other);
}

inline State deleted(const FakeQdrant& qdrant, const PointId& id) { return qdrant.payload("patterns", id) ? State::before : State::after; }

inline Told searched(BatchClient& client) {
  const auto report = client.searchPatterns(std::vector<std::string>{"one", "two"});
  auto result = told(report, numberOf);
  for (std::size_t i = 0; i < report.size(); ++i)
    if (report.outcome(i) == Outcome::done) result.wrongAnswer = result.wrongAnswer || report.hits(i).size() != points;
  return result;
}

inline bool getsAll(BatchClient& client) {
  const auto hits = client.getPatterns(numbers(points + 1));
  for (std::size_t i = 0; i < points; ++i)
    if (!hits.at(i) || hits[i]->description != numbered(points)[i].description) return false;
  return !hits.at(points);
}

inline std::vector<Verb> verbs() {
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

inline void fill(RestFixture& rest, const Verb& verb) {
  if (!verb.filled) return;
  {
    auto client = rest.client();
    REQUIRE(client.storePatterns(numbered(points)).ok());
    REQUIRE(client.updateMetrics(increments(points, 5)).ok());
  }
  rest.server.forget();  // the removal of the marks, too, with which a client ends
}

// A batch of operations may be refused after some of them.
inline bool inParts(const Verb& verb) { return std::string_view(verb.name) == "update"; }

struct Usual {
  std::vector<Exchange> requests{};
  std::size_t firstWrite = 0;  // the index of the first request that changes points
};

inline bool changesPoints(const Exchange& exchange) { return exchange.query.count("wait") != 0; }

inline Usual usualCourse(const Verb& verb) {
  RestFixture rest;
  fill(rest, verb);
  auto client = rest.client();
  REQUIRE(verb.call(client).ok);
  Usual usual;
  usual.requests = rest.server.requests();
  usual.firstWrite = usual.requests.size();
  for (std::size_t i = usual.requests.size(); i-- > 0;)
    if (changesPoints(usual.requests[i])) usual.firstWrite = i;
  return usual;
}

/// Outcomes that leave open whether an item was carried out.
struct Open {
  bool unknown = false, accepted = false;
};

inline void checkTruth(const Verb& verb, const Told& told, const FakeQdrant& qdrant, Open open) {
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
    else if (outcome == Outcome::unknown)
      CHECK(open.unknown);
    else if (outcome == Outcome::accepted)
      CHECK(open.accepted);
    else
      CHECK(state == State::before);
  }
}

}  // namespace qbatch::test::scripted
