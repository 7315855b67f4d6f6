// What an update operation does with what is remembered of points: reads that it saves, marks that it removes, and what it must not begin.
#include <algorithm>
#include <string>
#include <vector>

#include "rest/update_operation.hpp"
#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using Kind = Verdict::Kind;
using Lines = std::vector<std::string>;

namespace {

const std::string readLine = "POST /collections/c/points", writeLine = "POST /collections/c/points/batch";

struct Update {
  std::vector<MetricChange> changes{};
  UpdateMetrics request{};

  explicit Update(std::size_t points = 1, std::int64_t by = 1) {
    for (std::uint64_t id = 1; id <= points; ++id) {
      MetricChange change;
      change.id = id;
      change.increments = {{"usage_count", by}};
      changes.push_back(std::move(change));
    }
    request.collection = "c";
    request.changes = changes;
  }
  Reply run(RestRig& rig) const {
    return rig.run([&](auto stage, Completion done) { return makeUpdateOperation(stage, request, {}, std::move(done)); });
  }
};

std::string part(const std::string& text, const std::string& from, char to) {
  const auto at = text.find(from);
  if (at == std::string::npos) return {};
  return text.substr(at + from.size(), text.find(to, at + from.size()) - at - from.size());
}

/// A server on which writes take effect when `takes` says so. Points are all alike: one count, and the last mark.
struct Server {
  std::function<bool(const std::string&)> takes = [](const std::string&) { return true; };
  std::function<std::optional<http::Response>(const std::string&)> refuses = [](const std::string&) { return std::nullopt; };
  std::string counts = R"("usage_count":7)", mark{};
  std::size_t points = 1;

  http::Response operator()(const http::Request& request) {
    const auto& body = *request.body;
    if (!hasPart(request.url, "/batch")) return read();
    if (auto refused = refuses(body)) return *refused;
    const bool deletes = hasPart(body, "delete_payload");
    if (deletes) mark.clear();
    if (!deletes && !hasPart(body, "barrier") && takes(body)) take(body);
    return batchOf(hasPart(request.url, "wait=false") ? "acknowledged" : "completed");
  }
  http::Response read() const {
    std::string list;
    for (std::size_t id = 1; id <= points; ++id)
      list += std::string(id > 1 ? "," : "") + R"({"id":)" + std::to_string(id) + R"(,"payload":{)" + counts + mark + "}}";
    return resultOf("[" + list + "]");
  }
  void take(const std::string& body) {
    counts = R"("usage_count":)" + part(body, R"("usage_count":)", ',');
    const auto stamp = part(body, R"("_qbatch_last":")", '"');
    mark = R"(,"_qbatch_)" + stamp.substr(0, stamp.find('.')) + "\":" + stamp.substr(stamp.find('.') + 1);
  }
};

struct Bench {
  std::shared_ptr<Server> server = std::make_shared<Server>();
  std::vector<std::string> logged{};
  RestRig rig;

  explicit Bench(metrics::PointMemory::Limits limits = {})
      : rig([server = server](const http::Request& request) { return (*server)(request); }, options()) {
    const auto stage = std::make_shared<rest::Stage>(limits);
    stage->channel = rig.stage->channel;
    rig.stage = stage;
  }
  rest::ChannelOptions options() {
    rest::ChannelOptions options;
    options.log = [this](LogLevel level, std::string_view text) {
      if (level == LogLevel::warning) logged.emplace_back(text);
    };
    return options;
  }
};

}  // namespace

TEST_CASE("what the last update left is written upon without a read") {
  Bench bench;
  CHECK(Update().run(bench.rig).requests == 3);
  const auto reply = Update().run(bench.rig);
  CHECK(reply.requests == 2);
  CHECK(reply.lostRounds == 0);
  CHECK(reply.verdict.items.empty());
  CHECK(bench.rig.record->lines() == Lines{readLine, writeLine, readLine, writeLine, readLine});
  CHECK(bench.server->counts == R"("usage_count":9)");
  // A counter that was not read is not known.
  Update other;
  other.changes[0].increments = {{"usage_count", 1}, {"shown", 1}};
  other.request.changes = other.changes;
  CHECK(other.run(bench.rig).requests == 3);
}

TEST_CASE("what others changed meanwhile costs a round, and then is read first for a while") {
  Bench bench;
  CHECK(Update().run(bench.rig).requests == 3);
  bench.server->counts = R"("usage_count":50)";
  bench.server->takes = [](const std::string& body) { return hasPart(body, R"("value":50)") || hasPart(body, R"("value":51)"); };
  const auto reply = Update().run(bench.rig);
  CHECK(reply.verdict.items.empty());
  CHECK(reply.lostRounds == 1);
  CHECK(reply.requests == 4);
  CHECK(bench.server->counts == R"("usage_count":51)");
  CHECK(Update().run(bench.rig).requests == 3);
}

TEST_CASE("many operations go into the log at once, and are waited for behind a barrier") {
  Bench bench;
  bench.server->points = 65;
  Update update(65);
  for (std::size_t i = 0; i < 65; ++i) update.changes[i].setJson = R"({"note":)" + std::to_string(i) + "}";
  update.request.changes = update.changes;
  SECTION("65 operations") {
    const auto reply = update.run(bench.rig);
    CHECK(reply.verdict.items.empty());
    CHECK(reply.requests == 4);
    const auto calls = bench.rig.record->all();
    REQUIRE(calls.size() == 4);
    CHECK(hasPart(calls[1].url, "wait=false"));
    CHECK(hasPart(calls[2].url, "wait=true"));
    CHECK(hasPart(calls[2].url, "ordering=strong"));
    CHECK(hasPart(calls[2].body, R"("filter":{"must":[{"has_id":[1]}],"must_not":[{"has_id":[1]}]})"));
  }
  SECTION("64 operations") {
    update.request.changes = std::span(update.changes).first(64);
    CHECK(update.run(bench.rig).requests == 3);
    CHECK(hasPart(bench.rig.record->all()[1].url, "wait=true"));
  }
  SECTION("the barrier's answer is lost") {
    bool first = true;
    bench.server->refuses = [&](const std::string& body) -> std::optional<http::Response> {
      if (!hasPart(body, "barrier") || !std::exchange(first, false)) return std::nullopt;
      return fault(http::Fault::Kind::reset, "the connection was lost", true);
    };
    const auto reply = update.run(bench.rig);
    CHECK(reply.verdict.items.empty());
    CHECK(reply.requests == 4);
  }
}

TEST_CASE("a collection that wants an index for each filter is written to under the count alone") {
  Bench bench;
  bench.server->refuses = [](const std::string& body) -> std::optional<http::Response> {
    if (!hasPart(body, "must_not")) return std::nullopt;
    return refusal(400, R"(Bad request: Index required but not found for \"_qbatch_x\" of one of the following types: [integer])");
  };
  const auto reply = Update().run(bench.rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.items.empty());
  CHECK(bench.server->counts == R"("usage_count":8)");
  CHECK(bench.rig.record->lines() == Lines{readLine, writeLine, readLine, writeLine, readLine});
  // That is known for a while; and what would fall is refused, and sent nowhere.
  const auto before = bench.rig.record->size();
  const auto falling = Update(1, -1).run(bench.rig);
  REQUIRE(falling.verdict.items.size() == 1);
  CHECK(falling.verdict.items[0].outcome == Outcome::rejected);
  CHECK(hasPart(falling.verdict.items[0].error.message(), "cannot be counted down here"));
  CHECK(bench.rig.record->size() == before + 1);
}

TEST_CASE("a collection that has no index for the counter either is told what to do") {
  Bench bench;
  bench.server->refuses = [](const std::string&) -> std::optional<http::Response> {
    return refusal(400, R"(Bad request: Index required but not found for \"usage_count\" of one of the following types: [integer])");
  };
  const auto reply = Update().run(bench.rig);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].outcome == Outcome::failed);
  CHECK(hasPart(reply.verdict.items[0].error.message(), "make an integer index"));
}

TEST_CASE("marks of points that were idle are removed in passing") {
  Bench bench({.idle = std::chrono::minutes(0)});
  const auto reply = Update().run(bench.rig);
  CHECK(reply.verdict.items.empty());
  CHECK(reply.requests == 4);
  CHECK(hasPart(bench.rig.record->all().at(3).body, "delete_payload"));
  CHECK(bench.server->mark.empty());
  CHECK(Update().run(bench.rig).requests == 4);  // nothing is known of it any more
  // A removal that fails does not harm the update.
  bench.server->refuses = [](const std::string& body) -> std::optional<http::Response> {
    if (!hasPart(body, "delete_payload")) return std::nullopt;
    return fault(http::Fault::Kind::reset, "the connection was lost", true);
  };
  CHECK(Update().run(bench.rig).verdict.items.empty());
  CHECK(bench.server->counts == R"("usage_count":10)");
}

TEST_CASE("a payload that somebody replaced is told in the log, and counted upon") {
  Bench bench;
  CHECK(Update().run(bench.rig).verdict.items.empty());
  bench.server->mark.clear();
  SECTION("its counts are gone") {
    const bool zero = GENERATE(false, true);
    bench.server->counts = zero ? R"("usage_count":0)" : R"("usage_count":null)";
    bench.server->takes = [zero](const std::string& body) { return hasPart(body, zero ? R"("value":0)" : "is_empty"); };
    CHECK(Update().run(bench.rig).verdict.items.empty());
    CHECK(bench.server->counts == R"("usage_count":1)");
  }
  SECTION("it is read first") {
    std::vector<PointId> ids{1};
    bench.rig.stage->marks.replaced("c", ids);  // by this backend itself, so there is nothing to be told
    CHECK(Update().run(bench.rig).requests == 3);
    CHECK(bench.logged.empty());
    return;
  }
  REQUIRE(bench.logged.size() == 1);
  CHECK(hasPart(bench.logged[0], "`c`"));
  CHECK(hasPart(bench.logged[0], "were replaced"));
}

TEST_CASE("counts that stand in a replaced payload cannot be told apart, and this is said") {
  Bench bench;
  CHECK(Update().run(bench.rig).verdict.items.empty());
  bench.server->mark.clear();
  bench.server->counts = R"("usage_count":9)";
  bench.server->takes = [](const std::string&) { return false; };
  const auto reply = Update().run(bench.rig);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].outcome == Outcome::unknown);
  CHECK(hasPart(reply.verdict.items[0].error.message(), "its payload was replaced while it was updated"));
}

TEST_CASE("when too much is unresolved nothing more is begun") {
  Bench bench({.unresolved = 1});
  bool first = true;
  bench.server->refuses = [&](const std::string&) -> std::optional<http::Response> {
    if (std::exchange(first, false)) return fault(http::Fault::Kind::reset, "the connection was lost", true);
    return refusal(401, "Must provide an API key");
  };
  bench.server->takes = [](const std::string&) { return false; };
  const auto unknown = Update().run(bench.rig);
  REQUIRE(unknown.verdict.items.size() == 1);
  CHECK(unknown.verdict.items[0].outcome == Outcome::unknown);
  const auto before = bench.rig.record->size();
  const auto refused = Update().run(bench.rig);
  CHECK(refused.verdict.kind == Kind::fatal);
  CHECK(refused.verdict.neverSent);
  CHECK_FALSE(refused.verdict.maybeApplied);
  CHECK(hasPart(refused.verdict.error.message(), "updates of 1 points have ended `unknown`"));
  CHECK(bench.rig.record->size() == before);
}
