#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/client_fixture.hpp"
#include "support/rest_fixture.hpp"

// Every verb of a client, called in one way over a server that answers as Qdrant does, and what the server then holds.
namespace qbatch::test {

struct VerbCall {
  std::size_t items = 1;
  std::size_t chunk = 0;  ///< items a request; 0: the verb's limit
  milliseconds deadline{};
  std::stop_token stop{};
};

/// How a call ended. A verb that returns plain values has no items; what it threw is the only error.
struct VerbEnd {
  std::vector<std::pair<PointId, Outcome>> items{};
  std::vector<Error> errors{};
  Error stopped{};
  Stats stats{};
  bool ok = false, addsUp = true, rightAnswer = true;
};

/// A call under way.
struct RunningVerb {
  std::function<void()> cancel{};  ///< none where there is no job to cancel
  std::function<VerbEnd()> end{};  ///< waits
};

enum class PointState { before, after, other };

/// The points 1 to `items` are there when a verb with `filled` is called, each with a usage count of 5 and the words "pattern".
struct RestVerb {
  const char* name;
  bool filled;
  std::function<RunningVerb(BatchClient&, const VerbCall&)> begin;
  std::function<PointState(const FakeQdrant&, const PointId&)> state{};  ///< none: it only reads
  bool returnsReport = true;
};

namespace verbs {

template <class Options>
Options optionsOf(const VerbCall& call) {
  Options options;
  options.deadline = call.deadline;
  options.stop = call.stop;
  if constexpr (requires { options.chunk; }) options.chunk.maxItems = call.chunk;
  return options;
}

/// `look` sees the report at the end, and may find its answer wrong.
template <class Report>
RunningVerb running(Job<Report> job, std::function<bool(const Report&)> look = {}) {
  const auto shared = std::make_shared<Job<Report>>(std::move(job));
  return {[shared] { shared->cancel(); },
          [shared, look] {
            const auto report = shared->get();
            VerbEnd end{{}, {}, report.stopped(), report.stats(), report.ok(), addsUp(report), !look || look(report)};
            for (std::size_t i = 0; i < report.size(); ++i) {
              PointId id(i + 1);
              if constexpr (requires { report.id(i); }) id = report.id(i);
              end.items.emplace_back(id, report.outcome(i));
            }
            for (const auto& failure : report.failures()) end.errors.push_back(failure.error);
            return end;
          }};
}

inline RunningVerb reading(std::function<bool()> isRight) {
  const auto shared = std::make_shared<std::future<VerbEnd>>(std::async(std::launch::async, [isRight = std::move(isRight)] {
    VerbEnd end;
    try {
      end.rightAnswer = isRight();
      end.ok = true;
    } catch (const RequestError& error) {
      end.errors.push_back(error.error());
    }
    return end;
  }));
  return {{}, [shared] { return shared->get(); }};
}

inline PointState stored(const FakeQdrant& qdrant, const PointId& id, const char* before, const char* after, std::int64_t usage) {
  const auto pattern = [&](const char* words) { return numbered(1, id.number(), words).front(); };
  if (storedAsSent(qdrant, id, pattern(after), usage)) return PointState::after;
  const bool untouched = before ? storedAsSent(qdrant, id, pattern(before), 5) : !qdrant.payload("patterns", id);
  return untouched ? PointState::before : PointState::other;
}
inline PointState counted(const FakeQdrant& qdrant, const PointId& id) {
  const auto usage = storedMember(qdrant, id, "usage_count");
  return usage == "5" ? PointState::before : usage == "7" ? PointState::after : PointState::other;
}
inline PointState deleted(const FakeQdrant& qdrant, const PointId& id) {
  return qdrant.payload("patterns", id) ? PointState::before : PointState::after;
}

inline RunningVerb store(BatchClient& client, const VerbCall& call, const char* words, Existing existing) {
  auto options = optionsOf<StoreOptions>(call);
  options.existing = existing;
  return running(client.storePatternsAsync(numbered(call.items, 1, words), options));
}
inline RunningVerb search(BatchClient& client, const VerbCall& call) {
  std::vector<Query> queries(call.items);
  for (std::size_t i = 0; i < queries.size(); ++i) queries[i].text = std::string(i + 1, 'q');
  const auto look = [](const SearchReport& report) {
    bool right = true;
    for (std::size_t i = 0; i < report.size(); ++i) right = right && (report.outcome(i) == Outcome::done) == !report.hits(i).empty();
    return right;
  };
  return running<SearchReport>(client.searchPatternsAsync(std::move(queries), optionsOf<SearchOptions>(call)), look);
}
inline bool getsAll(BatchClient& client, const VerbCall& call) {
  const auto hits = client.getPatterns(numbers(call.items), optionsOf<ReadOptions>(call));
  for (std::size_t i = 0; i < call.items; ++i)
    if (!hits.at(i) || hits[i]->description != "pattern " + std::to_string(i + 1)) return false;
  return true;
}

}  // namespace verbs

inline std::vector<RestVerb> everyVerb() {
  using namespace verbs;
  using Client = BatchClient;
  using Call = VerbCall;
  const auto storing = [](const char* words, Existing existing) {
    return [=](Client& client, const Call& call) { return store(client, call, words, existing); };
  };
  const auto state = [](const char* before, const char* after, std::int64_t usage) {
    return [=](const FakeQdrant& qdrant, const PointId& id) { return stored(qdrant, id, before, after, usage); };
  };
  return {
      {"store new", false, storing("pattern", Existing::keepMetrics), state(nullptr, "pattern", 0)},
      {"store known", true, storing("changed", Existing::keepMetrics), state("pattern", "changed", 5)},
      {"replace", true, storing("changed", Existing::replace), state("pattern", "changed", 0)},
      {"skip new", false, storing("pattern", Existing::skip), state(nullptr, "pattern", 0)},
      {"update", true,
       [](Client& client, const Call& call) {
         return running(client.updateMetricsAsync(increments(call.items, 2), optionsOf<UpdateOptions>(call)));
       },
       counted},
      {"delete by ids", true,
       [](Client& client, const Call& call) {
         return running(client.deletePatternsAsync(numbers(call.items), optionsOf<DeleteOptions>(call)));
       },
       deleted},
      {"delete by filter", true,
       [](Client& client, const Call& call) {
         return running(client.deletePatternsAsync(Filter().must(match("language", "cpp")), optionsOf<DeleteOptions>(call)));
       },
       deleted},
      {"search", true, search},
      {"get", true, [](Client& client, const Call& call) { return reading([&client, call] { return getsAll(client, call); }); }, {}, false},
      {"count",
       true,
       [](Client& client, const Call& call) {
         return reading([&client, call] { return client.countPatterns(Filter(), optionsOf<ReadOptions>(call)) == call.items; });
       },
       {},
       false},
  };
}

inline void fillFor(RestFixture& rest, const RestVerb& verb, std::size_t items) {
  if (!verb.filled) return;
  {
    auto client = rest.client();
    REQUIRE(client.storePatterns(numbered(items)).ok());
    REQUIRE(client.updateMetrics(increments(items, 5)).ok());
  }
  rest.server.forget();  // the removal of the marks, too, with which a client ends
}

/// The requests of a call of a new client where nothing goes wrong.
inline std::vector<Exchange> usualRequests(const RestVerb& verb, const VerbCall& call) {
  RestFixture rest;
  rest.options.flow.maxInFlight = 1;
  fillFor(rest, verb, call.items);
  auto client = rest.client();
  REQUIRE(verb.begin(client, call).end().ok);
  return rest.server.requests();
}
/// True for a request that changes points.
inline bool changesPoints(const Exchange& exchange) { return exchange.query.contains("wait"); }

/// Every outcome against what the server holds. `unknown` is left to the caller.
inline void checkTruth(const RestVerb& verb, const VerbEnd& end, const FakeQdrant& qdrant) {
  CHECK(end.addsUp);
  CHECK(end.rightAnswer);
  if (!verb.state) return;
  for (const auto& [id, outcome] : end.items) {
    const auto state = verb.state(qdrant, id);
    CAPTURE(id.toString(), toString(outcome), qdrant.payload("patterns", id).value_or("no such point"));
    CHECK(state != PointState::other);
    if (outcome == Outcome::done)
      CHECK(state == PointState::after);
    else if (outcome != Outcome::unknown)
      CHECK(state == PointState::before);
  }
}

}  // namespace qbatch::test
