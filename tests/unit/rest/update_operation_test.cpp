#include "rest/update_operation.hpp"

#include <map>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using Kind = Verdict::Kind;
using Lines = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

namespace {

const std::string readLine = "POST /collections/c/points", writeLine = "POST /collections/c/points/batch";

/// What stands behind `name` in a body, up to the next of `ends`.
std::string behind(const std::string& body, const std::string& name, const char* ends = ",}\"") {
  const auto at = body.find(name);
  if (at == std::string::npos) return {};
  return body.substr(at + name.size(), body.find_first_of(ends, at + name.size()) - at - name.size());
}

/// "W.s" of a guarded write.
std::string stampOf(const std::string& body) { return behind(body, R"("_qbatch_last":")"); }

/// A server with point 1 of collection c. `fate` says what becomes of each write, counted from 1.
struct PointServer {
  enum class Fate { applied, answerLost, requestLost, hangs };

  std::function<Fate(unsigned)> fate = [](unsigned) { return Fate::applied; };
  long count = 7;
  unsigned writes = 0;
  std::map<std::string, std::string> marks{};  // by writer

  std::optional<http::Response> operator()(const http::Request& request) {
    if (!request.url.ends_with("/points") && !hasPart(request.url, "/points?")) return write(*request.body);
    std::string payload = R"({"usage_count":)" + std::to_string(count);
    for (const auto& [writer, sequence] : marks) payload += R"(,"_qbatch_)" + writer + "\":" + sequence;
    return resultOf(R"([{"id":1,"payload":)" + payload + "}}]");
  }

  std::optional<http::Response> write(const std::string& body) {
    const auto how = fate(++writes);
    if (how == Fate::hangs) return std::nullopt;
    const auto lost = fault(http::Fault::Kind::reset, "the connection was lost", true);
    if (how == Fate::requestLost) return lost;
    const auto stamp = stampOf(body);
    const auto writer = stamp.substr(0, stamp.find('.')), sequence = stamp.substr(stamp.find('.') + 1);
    const bool asRead = hasPart(body, R"("match":{"value":)" + std::to_string(count) + "}");
    if (asRead && (!marks.contains(writer) || std::stoull(marks[writer]) < std::stoull(sequence))) {
      count = std::stol(behind(body, R"("payload":{"usage_count":)"));
      marks[writer] = sequence;
    }
    return how == Fate::answerLost ? lost : batchOf("completed");
  }
};
using Fate = PointServer::Fate;

FakeTransport::Handler serving(const std::shared_ptr<PointServer>& server) {
  return [server](const http::Request& request) { return (*server)(request); };
}

struct Update {
  std::vector<MetricChange> changes;
  UpdateMetrics request;

  explicit Update(std::initializer_list<std::uint64_t> ids = {1}) {
    for (const auto id : ids) {
      MetricChange change;
      change.id = id;
      change.increments = {{"usage_count", 1}};
      changes.push_back(change);
    }
    request.collection = "c";
    request.changes = changes;
  }
  std::future<Reply> begin(RestRig& rig, CallLimits limits = {}) const {
    return rig.begin([&](auto stage, Completion completion) { return makeUpdateOperation(stage, request, limits, std::move(completion)); });
  }
  Reply run(RestRig& rig, CallLimits limits = {}) const { return RestRig::await(begin(rig, limits)); }
};

/// Waits until the transport has seen so many calls.
void awaitCalls(const RestRig& rig, std::size_t calls) {
  const auto until = Clock::now() + 60s;
  while (rig.record->size() < calls && Clock::now() < until) std::this_thread::sleep_for(1ms);
  REQUIRE(rig.record->size() >= calls);
}

CallLimits within(std::chrono::milliseconds time) {
  CallLimits limits;
  limits.deadline = Clock::now() + time;
  return limits;
}

}  // namespace

TEST_CASE("a flush reads, writes under guards and reads back") {
  const auto server = std::make_shared<PointServer>();
  RestRig rig(serving(server));
  const auto reply = Update().run(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.items.empty());
  CHECK(reply.requests == 3);
  CHECK(server->count == 8);
  REQUIRE(rig.record->lines() == Lines{readLine, writeLine, readLine});
  const auto calls = rig.record->all();
  const auto mark = "_qbatch_" + rig.stage->writer.name();
  CHECK(hasPart(calls[0].body, R"("ids":[1])"));
  CHECK(hasPart(calls[0].body, "\"" + mark + "\""));
  CHECK(hasPart(calls[0].body, R"("usage_count")"));
  CHECK(hasPart(calls[1].body, R"({"has_id":[1]},{"key":"usage_count","match":{"value":7}})"));
  CHECK(hasPart(calls[1].body, R"("must_not":[{"key":")" + mark + R"(","range":{"gte":)"));
  CHECK(hasPart(calls[1].url, "wait=true"));
  CHECK(calls[2].body == calls[0].body);
}

TEST_CASE("each flush has a higher number under the same writer's name") {
  const auto server = std::make_shared<PointServer>();
  RestRig rig(serving(server));
  std::vector<std::string> numbers;
  for (int i = 0; i < 3; ++i) {
    CHECK(Update().run(rig).verdict.items.empty());
    const auto calls = rig.record->all();
    const auto stamp = stampOf(calls[calls.size() - 2].body);
    CHECK(stamp.substr(0, stamp.find('.')) == rig.stage->writer.name());
    numbers.push_back(stamp.substr(stamp.find('.') + 1));
  }
  CHECK(std::stoull(numbers[0]) < std::stoull(numbers[1]));
  CHECK(std::stoull(numbers[1]) < std::stoull(numbers[2]));
  CHECK(server->count == 10);
}

TEST_CASE("a lost answer is settled by reading back, and nothing is doubled") {
  const auto server = std::make_shared<PointServer>();
  RestRig rig(serving(server));
  SECTION("the write was applied") {
    server->fate = [](unsigned) { return Fate::answerLost; };
    const auto reply = Update().run(rig);
    CHECK(reply.verdict.kind == Kind::completed);
    CHECK(reply.verdict.items.empty());
    CHECK(server->writes == 1);
    CHECK(server->count == 8);
    CHECK(reply.requests == 3);
  }
  SECTION("the write was lost, and goes out again under the same number") {
    server->fate = [](unsigned write) { return write < 3 ? Fate::requestLost : Fate::applied; };
    const auto reply = Update().run(rig);
    CHECK(reply.verdict.kind == Kind::completed);
    CHECK(reply.verdict.items.empty());
    CHECK(server->writes == 3);
    CHECK(server->count == 8);
    std::vector<std::string> stamps;
    for (const auto& one : rig.record->all())
      if (hasPart(one.url, "/batch")) stamps.push_back(stampOf(one.body));
    REQUIRE(stamps.size() == 3);
    CHECK(stamps[0] == stamps[1]);
    CHECK(stamps[0] == stamps[2]);
  }
}

TEST_CASE("writes that are not applied yet, or answered with something else, are read back, too") {
  const auto answers = GENERATE(batchOf("acknowledged"), batchOf("wait_timeout"), answer(200, R"({"result":nul)"), answer(200, ""),
                                refusal(503, "no leader"), refusal(500, "broken"));
  CAPTURE(answers.status, answers.body);
  const auto server = std::make_shared<PointServer>();
  RestRig rig([=](const http::Request& request) -> std::optional<http::Response> {
    auto response = (*server)(request);
    return hasPart(request.url, "/batch") ? answers : response;
  });
  const auto reply = Update().run(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.verdict.items.empty());
  CHECK(server->count == 8);
}

TEST_CASE("a read that fails first is all of the verdict, and nothing was applied") {
  struct Row {
    http::Response response;
    Kind kind;
    Errc code;
  };
  const Row row = GENERATE(Row{refusal(503, "no leader"), Kind::unavailable, Errc::unavailable},
                           Row{noCollection(), Kind::fatal, Errc::collectionNotFound},
                           Row{answer(401, "Must provide an API key"), Kind::fatal, Errc::unauthorized},
                           Row{page(200), Kind::fatal, Errc::unavailable}, Row{answer(200, "{"), Kind::unavailable, Errc::unavailable},
                           Row{fault(http::Fault::Kind::connect), Kind::unavailable, Errc::unavailable});
  CAPTURE(row.response.status, row.response.body);
  RestRig rig(always(row.response));
  const auto reply = Update().run(rig);
  CHECK(reply.verdict.kind == row.kind);
  CHECK(reply.verdict.error.code() == row.code);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(reply.requests == 1);
}

TEST_CASE("a collection found missing while updating is no longer known") {
  const bool atWrite = GENERATE(false, true);
  RestRig rig(atWrite ? inOrder({resultOf(R"([{"id":1,"payload":{}}])"), noCollection(), noCollection()}) : inOrder({noCollection()}));
  const auto now = Clock::now();
  rig.stage->facts.learnCollection("c", {}, now);
  const auto reply = Update().run(rig);
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.code() == Errc::collectionNotFound);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK_FALSE(rig.stage->facts.collection("c", now));
}

TEST_CASE("an absent point is reported, the others are done") {
  const auto server = std::make_shared<PointServer>();
  RestRig rig(serving(server));
  const auto reply = Update({9, 1}).run(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].position == 0);
  CHECK(reply.verdict.items[0].outcome == Outcome::rejected);
  CHECK(reply.verdict.items[0].error.code() == Errc::pointNotFound);
  CHECK(server->count == 8);
}

TEST_CASE("operations on one point never overlap") {
  const auto server = std::make_shared<PointServer>();
  RestRig rig(serving(server));
  const Update update;
  std::vector<std::future<Reply>> replies;
  std::size_t requests = 0;
  for (int i = 0; i < 20; ++i) replies.push_back(update.begin(rig));
  for (auto& reply : replies) {
    const auto got = RestRig::await(std::move(reply));
    CHECK(got.verdict.kind == Kind::completed);
    CHECK(got.verdict.items.empty());
    CHECK(got.lostRounds == 0);
    requests += got.requests;
  }
  CHECK(server->count == 27);
  // The first is read, written and read back; what the others find is known.
  CHECK(requests == 41);
  const auto lines = rig.record->lines();
  REQUIRE(lines.size() == 41);
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(lines[i] == (i % 2 == 1 ? writeLine : readLine));
}

TEST_CASE("who waits for a point ends by its own stop or deadline, and has sent nothing") {
  const auto server = std::make_shared<PointServer>();
  server->fate = [](unsigned write) { return write == 1 ? Fate::hangs : Fate::applied; };
  RestRig rig(serving(server));
  const Update update;
  std::stop_source release, stop;
  CallLimits holding;
  holding.stop = release.get_token();
  auto first = update.begin(rig, holding);
  awaitCalls(rig, 2);

  Reply reply;
  SECTION("stop") {
    CallLimits limits;
    limits.stop = stop.get_token();
    auto second = update.begin(rig, limits);
    CHECK(second.wait_for(20ms) == std::future_status::timeout);
    stop.request_stop();
    reply = RestRig::await(std::move(second));
    CHECK(reply.verdict.error.code() == Errc::cancelled);
  }
  SECTION("stopped before it began") {
    stop.request_stop();
    CallLimits limits;
    limits.stop = stop.get_token();
    reply = update.run(rig, limits);
    CHECK(reply.verdict.error.code() == Errc::cancelled);
  }
  SECTION("deadline") {
    reply = update.run(rig, within(20ms));
    CHECK(reply.verdict.error.code() == Errc::unavailable);
  }
  CHECK(reply.verdict.kind == Kind::unavailable);
  CHECK(reply.verdict.neverSent);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(reply.requests == 0);
  CHECK(rig.record->size() == 2);

  // The point is free again when its holder ends.
  auto third = update.begin(rig);
  CHECK(third.wait_for(20ms) == std::future_status::timeout);
  release.request_stop();
  CHECK(RestRig::await(std::move(first)).verdict.items.at(0).outcome == Outcome::unknown);
  const auto after = RestRig::await(std::move(third));
  CHECK(after.verdict.kind == Kind::completed);
  CHECK(after.verdict.items.empty());
  CHECK(server->count == 8);
}

TEST_CASE("stop and deadline in the middle leave what was written unknown") {
  const auto server = std::make_shared<PointServer>();
  server->fate = [](unsigned) { return Fate::hangs; };
  RestRig rig(serving(server));
  const Update update;
  Reply reply;
  SECTION("stop") {
    std::stop_source stop;
    CallLimits limits;
    limits.stop = stop.get_token();
    auto future = update.begin(rig, limits);
    awaitCalls(rig, 2);
    stop.request_stop();
    reply = RestRig::await(std::move(future));
    CHECK(reply.verdict.items.at(0).error.code() == Errc::cancelled);
  }
  SECTION("deadline") {
    // A deadline that comes before the write left is tried again with more time.
    for (auto time = 50ms; reply.verdict.items.empty() && time < 60s; time *= 2) reply = update.run(rig, within(time));
    CHECK(reply.verdict.items.at(0).error.code() == Errc::unavailable);
  }
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].outcome == Outcome::unknown);
}

TEST_CASE("stop while it pauses after a fault ends at once, as unknown where a copy may be alive") {
  const auto server = std::make_shared<PointServer>();
  server->fate = [](unsigned) { return Fate::requestLost; };
  RestRig rig(serving(server));
  std::stop_source stop;
  CallLimits limits;
  limits.stop = stop.get_token();
  const Update update;
  auto future = update.begin(rig, limits);
  awaitCalls(rig, 6);
  stop.request_stop();
  const auto reply = RestRig::await(std::move(future));
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].outcome == Outcome::unknown);
  CHECK(reply.requests >= 5);
}

TEST_CASE("stopped before anything was sent") {
  RestRig rig(serving(std::make_shared<PointServer>()));
  std::stop_source stop;
  stop.request_stop();
  CallLimits limits;
  limits.stop = stop.get_token();
  const auto reply = Update().run(rig, GENERATE(0, 1) == 0 ? limits : within(-1ms));
  CHECK(reply.verdict.kind == Kind::unavailable);
  CHECK(reply.verdict.neverSent);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(rig.record->size() == 0);
}

TEST_CASE("replicas are kept in step, unless there is but one") {
  struct Row {
    std::size_t replicas;  // 0: not known
    std::size_t servers;
    WriteOrdering ordering;
    std::string parameter;
  };
  const Row row = GENERATE(Row{0, 1, WriteOrdering::serverDefault, "ordering=strong"}, Row{1, 1, WriteOrdering::serverDefault, ""},
                           Row{2, 1, WriteOrdering::serverDefault, "ordering=strong"},
                           Row{1, 2, WriteOrdering::serverDefault, "ordering=strong"}, Row{2, 1, WriteOrdering::medium, "ordering=medium"});
  CAPTURE(row.replicas, row.servers);
  rest::ChannelOptions options;
  options.rest.ordering = row.ordering;
  for (std::size_t i = 0; i < row.servers; ++i) options.urls.push_back("http://node" + std::to_string(i) + ":6333");
  RestRig rig(serving(std::make_shared<PointServer>()), options);
  if (row.replicas != 0) {
    codec::CollectionDescription description;
    description.replicationFactor = row.replicas;
    rig.stage->facts.learnCollection("c", description, Clock::now());
  }
  CHECK(Update().run(rig).verdict.items.empty());
  const auto url = rig.record->all()[1].url;
  CAPTURE(url);
  CHECK((row.parameter.empty() ? !hasPart(url, "ordering") : hasPart(url, row.parameter)));
}

TEST_CASE("a flush that is known to be too large is the caller's to divide, and has sent no write") {
  RestRig rig([](const http::Request& request) {
    if (request.body->size() > 300) return refusal(413, "Payload Too Large");
    return resultOf(R"([{"id":1,"payload":{}},{"id":2,"payload":{}}])");
  });
  const Update two{1, 2};
  const auto refused = two.run(rig);
  CHECK(refused.verdict.kind == Kind::tooLarge);
  CHECK(refused.verdict.error.httpStatus() == 413);
  CHECK_FALSE(refused.verdict.maybeApplied);
  CHECK_FALSE(refused.verdict.neverSent);
  CHECK(refused.requests == 2);
  const auto known = two.run(rig);  // both points share one operation, which does not make it indivisible
  CHECK(known.verdict.kind == Kind::tooLarge);
  CHECK(known.verdict.error.httpStatus() == 0);
  CHECK(known.verdict.neverSent);
  CHECK_FALSE(known.verdict.maybeApplied);
  CHECK(known.requests == 1);  // its look at the points
  CHECK(rig.record->lines() == Lines{readLine, writeLine, readLine});
  CHECK(Update({1}).run(rig).verdict.error.httpStatus() == 413);
}
