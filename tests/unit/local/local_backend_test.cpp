#include "local/local_backend.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;

namespace {

Error openError(const std::string& file) {
  try {
    const auto backend = makeLocalBackend(file);
  } catch (const RequestError& error) {
    return error.error();
  }
  return {};
}

}  // namespace

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
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
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
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
  auto backend = makeLocalBackend(file);
  std::filesystem::create_symlink(file, (folder.path() / "link.db").string());
  for (const auto& name : {file, (folder.path() / "link.db").string()}) {
    const Error error = openError(name);
    CHECK(error.code() == make_error_code(Errc::inUse));
    CHECK(error.message().find(std::to_string(getpid())) != std::string::npos);
  }
  // Another name of the same file, which the owner file does not know, is locked by SQLite.
  std::filesystem::create_hard_link(file, (folder.path() / "hard.db").string());
  CHECK(openError((folder.path() / "hard.db").string()).code() == make_error_code(Errc::inUse));
  backend.reset();
  CHECK_FALSE(openError(file));
}

TEST_CASE("two stores in memory have nothing in common") {
  const auto first = withCollection(), second = makeLocalBackend(memory);
  CHECK_FALSE(describe(*second, "c"));
}

TEST_CASE("destruction waits for writes, also inside a completion") {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
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
  const ScratchFolder folder;
  const std::string file = (folder.path() / "store.db").string();
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
