#include <simdjson.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <future>
#include <limits>
#include <thread>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;

namespace {

const std::string memory = ":memory:";

std::shared_ptr<Backend> withCollection(std::size_t dimension = 4, Distance distance = Distance::cosine) {
  auto backend = makeLocalBackend(memory);
  createCollection(*backend, "c", dimension, distance);
  return backend;
}

std::size_t countOf(Backend& backend, const std::string& collection, std::string filter = {}) {
  return ask<std::size_t>(backend, CountPoints{collection, std::move(filter)});
}

std::optional<CollectionInfo> describe(Backend& backend, const std::string& name) {
  return ask<std::optional<CollectionInfo>>(backend, DescribeCollection{name, ""});
}

Reply update(Backend& backend, std::vector<MetricChange> changes) {
  UpdateMetrics request;
  request.collection = "c";
  request.changes = changes;
  return call(backend, request);
}

MetricChange countUp(PointId id, std::int64_t by = 1) {
  MetricChange change;
  change.id = id;
  change.increments = {{"usage_count", by}};
  return change;
}

Error openError(const std::string& file) {
  try {
    const auto backend = makeLocalBackend(file);
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}

}  // namespace

TEST_CASE("collections: create, describe, list, drop") {
  const auto backend = makeLocalBackend(memory);
  CHECK_FALSE(describe(*backend, "b"));
  CollectionInfo info = collectionOf("b", 3, Distance::dot);
  info.vectorName = "code";
  info.embedder = "hashing-3";
  CHECK(ask<bool>(*backend, CreateCollection{info}));
  CHECK_FALSE(ask<bool>(*backend, CreateCollection{info}));
  CHECK(createCollection(*backend, "a", 2));

  const auto found = describe(*backend, "b");
  REQUIRE(found);
  CHECK(found->vectorName == "code");
  CHECK(found->dimension == 3);
  CHECK(found->distance == Distance::dot);
  CHECK(found->embedder == "hashing-3");

  ask<bool>(*backend, SetAlias{"live", "b"});
  const auto list = ask<std::vector<CollectionInfo>>(*backend, ListCollections{});
  REQUIRE(list.size() == 2);
  CHECK(list[0].name == "a");
  CHECK(list[1].aliases == std::vector<std::string>{"live"});

  CHECK_FALSE(ask<bool>(*backend, DropCollection{"live"}));
  CHECK(ask<bool>(*backend, DropCollection{"b"}));
  CHECK_FALSE(ask<bool>(*backend, DropCollection{"b"}));
  CHECK_FALSE(describe(*backend, "live"));
}

TEST_CASE("a collection that exists with other vectors is a mismatch") {
  const auto backend = withCollection();
  for (auto [dimension, distance, vectorName] :
       {std::tuple(5, Distance::cosine, ""), std::tuple(4, Distance::dot, ""), std::tuple(4, Distance::cosine, "v")}) {
    CollectionInfo info = collectionOf("c", static_cast<std::size_t>(dimension), distance);
    info.vectorName = vectorName;
    CHECK(isError(call(*backend, CreateCollection{info}), Kind::fatal, Errc::collectionMismatch));
  }
}

TEST_CASE("names and dimensions that cannot be are refused") {
  const auto backend = makeLocalBackend(memory);
  for (const std::string& name :
       {std::string(), std::string("a/b"), std::string("a\nb"), std::string("a\0b", 3), std::string(256, 'n'), std::string("\xff")}) {
    CAPTURE(name);
    CHECK(isError(call(*backend, CreateCollection{collectionOf(name, 4)}), Kind::fatal, Errc::refused));
  }
  CHECK(createCollection(*backend, std::string(255, 'n'), 65536));
  CHECK(isError(call(*backend, CreateCollection{collectionOf("c", 0)}), Kind::fatal, Errc::refused));
  CHECK(isError(call(*backend, CreateCollection{collectionOf("c", 65537)}), Kind::fatal, Errc::refused));
}

TEST_CASE("aliases stand for collections everywhere, and can be moved") {
  const auto backend = withCollection(2, Distance::dot);
  createCollection(*backend, "d", 2, Distance::dot);
  CHECK(ask<bool>(*backend, SetAlias{"live", "c"}));
  CHECK(store(*backend, "live", {{1, {1, 0}, "{}"}}).verdict.kind == Kind::completed);
  CHECK(countOf(*backend, "c") == 1);
  CHECK(describe(*backend, "live")->name == "c");
  CHECK(payloadOf(*backend, "live", 1) == "{}");
  CHECK(ask<bool>(*backend, SetAlias{"live", "d"}));
  CHECK(countOf(*backend, "live") == 0);
  CHECK(isError(call(*backend, SetAlias{"c", "d"}), Kind::fatal, Errc::refused));
  CHECK(isError(call(*backend, SetAlias{"x", "none"}), Kind::fatal, Errc::collectionNotFound));
  CHECK(isError(call(*backend, CreateCollection{collectionOf("live", 2)}), Kind::fatal, Errc::refused));
}

TEST_CASE("a missing collection ends every request but describe and drop") {
  const auto backend = makeLocalBackend(memory);
  const std::vector<float> vector{1};
  const std::vector<std::span<const float>> vectors{vector};
  const std::vector<PointId> ids{1};
  const std::vector<MetricChange> changes{countUp(1)};
  const std::vector<PointView> points{{1, vector, "{}"}};
  UpsertPoints upsert;
  upsert.points = points;
  RetrievePoints retrieve;
  retrieve.ids = ids;
  QueryPoints query;
  query.vectors = vectors;
  UpdateMetrics updating;
  updating.changes = changes;
  upsert.collection = retrieve.collection = query.collection = updating.collection = "none";
  ScrollPoints scroll;
  scroll.collection = "none";
  const Request requests[] = {
      upsert, retrieve, query, scroll, CountPoints{"none", ""}, DeletePoints{"none", ids}, updating, SetAlias{"x", "none"}};
  for (const Request& request : requests) {
    CAPTURE(request.index());
    const Reply reply = call(*backend, request);
    CHECK(isError(reply, Kind::fatal, Errc::collectionNotFound));
    CHECK(reply.verdict.error.httpStatus() == 404);
    CHECK(reply.verdict.error.message().find("Collection `none` doesn't exist") != std::string::npos);
  }
}

TEST_CASE("points are stored, retrieved in the order asked for, and deleted") {
  const auto backend = withCollection(2);
  const PointId uuid = PointId::parse("00000000-0000-4000-8000-000000000001");
  CHECK(store(*backend, "c", {{1, {3, 4}, R"({"a":1})"}, {uuid, {0, 0}, ""}, {2, {1, 0}, "{}"}}).verdict.kind == Kind::completed);
  const auto points = retrieve(*backend, "c", {uuid, 99, 1, uuid}, true);
  REQUIRE(points.size() == 2);
  CHECK(points[0].id == uuid);
  CHECK(points[0].payload == "{}");
  CHECK(points[0].vector == std::vector<float>{0, 0});
  CHECK(points[1].payload == R"({"a":1})");
  CHECK(points[1].vector == std::vector<float>{0.6F, 0.8F});
  CHECK(retrieve(*backend, "c", {1}).front().vector.empty());

  const std::vector<PointId> gone{1, 99};
  carryOut(*backend, DeletePoints{"c", gone});
  CHECK(payloadOf(*backend, "c", 1) == "absent");
  CHECK(countOf(*backend, "c") == 2);
}

TEST_CASE("of equal ids in one request the last wins") {
  const auto backend = withCollection(1, Distance::dot);
  CHECK(store(*backend, "c", {{1, {1}, R"({"v":1})"}, {1, {2}, R"({"v":2})"}}).verdict.kind == Kind::completed);
  const auto point = retrieve(*backend, "c", {1}, true).front();
  CHECK(point.payload == R"({"v":2})");
  CHECK(point.vector == std::vector<float>{2});
}

TEST_CASE("what storing does with a point that exists") {
  const auto backend = withCollection(1, Distance::dot);
  store(*backend, "c", {{1, {1}, R"({"v":1,"usage_count":5})"}});
  store(*backend, "c", {{1, {2}, R"({"v":2,"usage_count":0})"}}, Existing::skip);
  CHECK(payloadOf(*backend, "c", 1) == R"({"v":1,"usage_count":5})");
  store(*backend, "c", {{1, {3}, R"({"v":3,"usage_count":0})"}}, Existing::keepMetrics);
  CHECK(payloadOf(*backend, "c", 1) == R"({"v":3,"usage_count":5})");
  CHECK(retrieve(*backend, "c", {1}, true).front().vector == std::vector<float>{3});
  store(*backend, "c", {{1, {4}, R"({"v":4,"usage_count":0})"}}, Existing::replace);
  CHECK(payloadOf(*backend, "c", 1) == R"({"v":4,"usage_count":0})");
}

TEST_CASE("one bad point refuses the request, and nothing of it is applied") {
  const auto backend = withCollection(2);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<OwnedPoints::Point> bad{{9, {1, 2, 3}, "{}"},           {9, {}, "{}"},    {9, {1, infinity}, "{}"},
                                            {9, {std::nanf(""), 1}, "{}"},  {9, {1, 2}, "["}, {9, {1, 2}, "[1]"},
                                            {9, {1, 2}, "{\"a\":\"\xff\"}"}};
  for (const auto& point : bad) {
    CAPTURE(point.payload);
    const Reply reply = store(*backend, "c", {{1, {1, 2}, "{}"}, point});
    CHECK(isError(reply, Kind::itemAtFault, Errc::refused));
    CHECK_FALSE(reply.verdict.maybeApplied);
    CHECK(countOf(*backend, "c") == 0);
  }
  CHECK(store(*backend, "c", {{9, {1, 2, 3}, "{}"}}).verdict.error.serverMessage() ==
        "Wrong input: Vector dimension error: expected dim: 2, got 3");
  OwnedPoints points{{{1, {1, 2}, "{}"}}};
  UpsertPoints upsert = points.request("c");
  upsert.vectorName = "other";
  CHECK(isError(call(*backend, upsert), Kind::itemAtFault, Errc::refused));
}

TEST_CASE("scrolling goes through all points by id") {
  const auto backend = withCollection(1, Distance::dot);
  std::vector<OwnedPoints::Point> points;
  for (std::uint64_t id = 0; id < 25; ++id) points.push_back({(id * 7) % 25, {1}, "{\"n\":" + std::to_string((id * 7) % 25) + "}"});
  points.push_back({PointId::parse("00000000-0000-4000-8000-000000000000"), {1}, "{}"});
  store(*backend, "c", points);
  for (const std::size_t page : {1, 7, 26, 100}) {
    const auto all = everything(*backend, "c", page);
    REQUIRE(all.size() == 26);
    for (std::uint64_t id = 0; id < 25; ++id) CHECK(all[id].id == PointId(id));
    CHECK_FALSE(all.back().id.isNumber());
  }
  ScrollPoints request;
  request.collection = "c";
  request.filter = R"({"must":[{"key":"n","range":{"gte":10}}]})";
  request.limit = 10;
  const auto page = ask<ScrollPage>(*backend, request);
  REQUIRE(page.points.size() == 10);
  CHECK(page.points.front().id == PointId(10));
  CHECK(page.points.front().payload.empty());
  CHECK(page.next == PointId(20));
  CHECK(countOf(*backend, "c", request.filter) == 15);
  request.limit = 0;
  CHECK(isError(call(*backend, request), Kind::fatal, Errc::refused));
}

TEST_CASE("queries are answered as a real server answered them") {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  REQUIRE(parser.load(std::string(QBATCH_TEST_DATA) + "/query_answers.json").get(root) == simdjson::SUCCESS);
  const auto floats = [](simdjson::dom::element values) {
    std::vector<float> result;
    for (const auto value : values.get_array()) result.push_back(static_cast<float>(value.get_double()));
    return result;
  };
  std::size_t compared = 0;
  for (const auto collection : root["collections"].get_array()) {
    const auto distance = parseDistance(std::string_view(collection["distance"]));
    REQUIRE(distance);
    const auto backend = withCollection(4, *distance);
    std::vector<OwnedPoints::Point> points;
    for (const auto point : collection["points"].get_array()) {
      points.push_back({PointId::parse(std::string_view(point["id"])), floats(point["vector"]), simdjson::minify(point["payload"])});
    }
    store(*backend, "c", points);
    for (const auto step : collection["queries"].get_array()) {
      CAPTURE(toString(*distance), simdjson::minify(step));
      const auto vector = floats(step["vector"]);
      const std::vector<std::span<const float>> vectors{vector};
      QueryPoints query;
      query.collection = "c";
      query.vectors = vectors;
      query.limit = std::uint64_t(step["limit"]);
      query.offset = std::uint64_t(step["offset"]);
      query.filter = simdjson::minify(step["filter"]);
      if (double threshold = 0; step["score_threshold"].get(threshold) == simdjson::SUCCESS) query.minScore = static_cast<float>(threshold);
      const auto hits = ask<std::vector<std::vector<StoredPoint>>>(*backend, query).front();
      std::size_t place = 0;
      for (const auto wanted : step["hits"].get_array()) {
        REQUIRE(place < hits.size());
        CHECK(hits[place].id.toString() == std::string_view(wanted["id"]));
        CHECK(std::fabs(static_cast<double>(hits[place].score) - double(wanted["score"])) < 1e-5);
        ++place;
      }
      CHECK(hits.size() == place);
      ++compared;
    }
  }
  CHECK(compared == 40);
}

TEST_CASE("queries carry payloads, and refuse what cannot be") {
  const auto backend = withCollection(2, Distance::euclid);
  store(*backend, "c", {{1, {1, 1}, R"({"a":1})"}, {2, {2, 2}, R"({"a":2})"}, {3, {9, 9}, R"({"a":3})"}});
  const std::vector<float> near{1, 1}, wrong{1}, bad{1, std::nanf("")};
  std::vector<std::span<const float>> vectors{near, near};
  QueryPoints query;
  query.collection = "c";
  query.vectors = vectors;
  query.minScore = 2.0F;
  const auto answers = ask<std::vector<std::vector<StoredPoint>>>(*backend, query);
  REQUIRE(answers.size() == 2);
  REQUIRE(answers[1].size() == 2);  // the third is further away than 2
  CHECK(answers[1][1].payload == R"({"a":2})");

  vectors[1] = wrong;
  CHECK(isError(call(*backend, query), Kind::itemAtFault, Errc::refused));
  vectors[1] = bad;
  CHECK(isError(call(*backend, query), Kind::itemAtFault, Errc::refused));
  vectors[1] = near;
  query.filter = R"({"must":[{"key":"a"}]})";
  CHECK(isError(call(*backend, query), Kind::fatal, Errc::refused));
  query.filter = R"({"must":[{"has_vector":""}]})";
  CHECK(isError(call(*backend, query), Kind::fatal, Errc::unsupported));
  query.filter = "";
  query.limit = 0;
  CHECK(isError(call(*backend, query), Kind::fatal, Errc::refused));
}

TEST_CASE("metrics are changed point by point, and the exceptions named") {
  const auto backend = withCollection(1, Distance::dot);
  store(*backend, "c", {{1, {1}, "{}"}, {2, {1}, R"({"usage_count":"many"})"}, {3, {1}, R"({"usage_count":4})"}});
  const Reply reply = update(*backend, {countUp(1, 2), countUp(2), countUp(99), countUp(3, -1)});
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 2);
  CHECK(reply.verdict.items[0].position == 1);
  CHECK(reply.verdict.items[0].outcome == Outcome::rejected);
  CHECK(reply.verdict.items[0].error.message().find("string") != std::string::npos);
  CHECK(reply.verdict.items[1].position == 2);
  CHECK(reply.verdict.items[1].error.code() == make_error_code(Errc::pointNotFound));
  CHECK(reply.verdict.items[1].error.httpStatus() == 404);
  CHECK(payloadOf(*backend, "c", 1) == R"({"usage_count":2})");
  CHECK(payloadOf(*backend, "c", 2) == R"({"usage_count":"many"})");
  CHECK(payloadOf(*backend, "c", 3) == R"({"usage_count":3})");
  CHECK(payloadOf(*backend, "c", 99) == "absent");
}

TEST_CASE("increments of many threads add up") {
  const auto backend = withCollection(1, Distance::dot);
  store(*backend, "c", {{1, {1}, "{}"}, {2, {1}, "{}"}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) update(*backend, {countUp(1), countUp(2, 3)});
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(payloadOf(*backend, "c", 1) == R"({"usage_count":400})");
  CHECK(payloadOf(*backend, "c", 2) == R"({"usage_count":1200})");
}

TEST_CASE("calls that were cancelled or are late do nothing") {
  const auto backend = withCollection(1, Distance::dot);
  std::stop_source source;
  source.request_stop();
  CallLimits stopped, late;
  stopped.stop = source.get_token();
  late.deadline = std::chrono::steady_clock::now();
  OwnedPoints points{{{1, {1}, "{}"}}};
  for (const Request& request : {Request(points.request("c")), Request(CountPoints{"c", ""}), Request(ListCollections{})}) {
    for (const auto& [limits, code] : {std::pair(stopped, Errc::cancelled), std::pair(late, Errc::deadlineExceeded)}) {
      const Reply reply = call(*backend, request, limits);
      CHECK(isError(reply, Kind::unavailable, code));
      CHECK_FALSE(reply.verdict.maybeApplied);
    }
  }
  CHECK(countOf(*backend, "c") == 0);
}

TEST_CASE("what was stored is there after opening again") {
  const TempFolder folder;
  const std::string file = folder.file("store.db");
  {
    const auto backend = makeLocalBackend(file);
    CollectionInfo info = collectionOf("c", 2);
    info.vectorName = "code";
    info.embedder = "hashing-2";
    ask<bool>(*backend, CreateCollection{info});
    ask<bool>(*backend, SetAlias{"live", "c"});
    createCollection(*backend, "gone", 1);
    OwnedPoints points{{{1, {3, 4}, R"({"a":1})"}, {2, {1, 0}, "{}"}}};
    UpsertPoints upsert = points.request("live");
    upsert.vectorName = "code";
    carryOut(*backend, upsert);
    update(*backend, {countUp(1)});
    const std::vector<PointId> gone{2};
    carryOut(*backend, DeletePoints{"c", gone});
    store(*backend, "gone", {{1, {1}, "{}"}});
    CHECK(ask<bool>(*backend, DropCollection{"gone"}));
  }
  const auto backend = makeLocalBackend(file);
  const auto list = ask<std::vector<CollectionInfo>>(*backend, ListCollections{});
  REQUIRE(list.size() == 1);
  CHECK(list[0].vectorName == "code");
  CHECK(list[0].embedder == "hashing-2");
  CHECK(list[0].points == 1);
  CHECK(list[0].aliases == std::vector<std::string>{"live"});
  CHECK(payloadOf(*backend, "live", 1) == R"({"a":1,"usage_count":1})");
  RetrievePoints request;
  const std::vector<PointId> ids{1};
  request.collection = "c";
  request.vectorName = "code";
  request.ids = ids;
  request.withVector = true;
  CHECK(ask<std::vector<StoredPoint>>(*backend, request).front().vector == std::vector<float>{0.6F, 0.8F});
}

TEST_CASE("a file belongs to one backend") {
  const TempFolder folder;
  const std::string file = folder.file("store.db");
  auto backend = makeLocalBackend(file);
  std::filesystem::create_symlink(file, folder.file("link.db"));
  for (const auto& name : {file, folder.file("link.db")}) {
    const Error error = openError(name);
    CHECK(error.code() == make_error_code(Errc::inUse));
    CHECK(error.message().find(std::to_string(getpid())) != std::string::npos);
  }
  // Another name of the same file, which the owner file does not know, is locked by SQLite.
  std::filesystem::create_hard_link(file, folder.file("hard.db"));
  CHECK(openError(folder.file("hard.db")).code() == make_error_code(Errc::inUse));
  backend.reset();
  CHECK_FALSE(openError(file));
}

TEST_CASE("two stores in memory have nothing in common") {
  const auto first = withCollection(), second = makeLocalBackend(memory);
  CHECK_FALSE(describe(*second, "c"));
}

TEST_CASE("destruction waits for writes, also inside a completion") {
  const TempFolder folder;
  const std::string file = folder.file("store.db");
  std::promise<void> destroyed;
  std::atomic<int> answered{0};
  OwnedPoints points{{{1, {1}, "{}"}}};
  const Request request = points.request("c");
  {
    auto backend = makeLocalBackend(file);
    createCollection(*backend, "c", 1, Distance::dot);
    for (int i = 0; i < 20; ++i) backend->run(request, {}, [&](const Reply&) { ++answered; });
  }
  CHECK(answered == 20);
  {
    auto backend = makeLocalBackend(file);
    Backend& used = *backend;
    // The completion holds the last reference, so the backend dies on its own thread.
    used.run(request, {}, [&, kept = std::move(backend)](const Reply&) mutable {
      kept.reset();
      destroyed.set_value();
    });
  }
  destroyed.get_future().wait();
  // The thread gives the file up a moment later.
  Error error;
  for (int i = 0; i < 500 && (error = openError(file)); ++i) std::this_thread::sleep_for(milliseconds(10));
  CHECK_FALSE(error);
}

TEST_CASE("a forked child is told so, and hurts nothing") {
  const TempFolder folder;
  const std::string file = folder.file("store.db");
  auto backend = makeLocalBackend(file);
  createCollection(*backend, "c", 1, Distance::dot);
  const pid_t child = fork();
  if (child == 0) {
    bool told = true;
    for (const Request& request : {Request(CountPoints{"c", ""}), Request(DropCollection{"c"})}) {
      bool answered = false;
      backend->run(request, {}, [&](const Reply& reply) { answered = isError(reply, Kind::fatal, Errc::inUse); });
      told = told && answered;
    }
    backend.reset();
    _exit(told ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(openError(file).code() == make_error_code(Errc::inUse));
  CHECK(store(*backend, "c", {{1, {1}, "{}"}}).verdict.kind == Kind::completed);
  backend.reset();
  CHECK_FALSE(openError(file));
}
