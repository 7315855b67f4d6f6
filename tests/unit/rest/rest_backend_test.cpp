#include "rest/rest_backend.hpp"

#include <array>
#include <atomic>
#include <thread>

#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using Kind = Verdict::Kind;

namespace {

class Rig {
 public:
  explicit Rig(FakeTransport::Handler handler) {
    auto transport = std::make_unique<FakeTransport>(std::move(handler));
    record = transport->record();
    rest::ChannelOptions options;
    options.urls = {"http://localhost:6333"};
    options.post = [this](std::function<void()> task) { pool_.post(std::move(task)); };
    backend = std::make_unique<rest::RestBackend>(std::move(options), std::move(transport));
  }

 private:
  run::WorkerPool pool_{2};

 public:
  std::shared_ptr<FakeTransport::Record> record;
  std::unique_ptr<rest::RestBackend> backend;
};

std::future<Reply> begin(rest::RestBackend& backend, const Request& request, CallLimits limits = {}) {
  const auto promise = std::make_shared<std::promise<Reply>>();
  backend.run(request, std::move(limits), [promise](Reply reply) { promise->set_value(std::move(reply)); });
  return promise->get_future();
}

/// A server of version 1.18.3 with point 1 in collection c, that has a good answer to everything.
http::Response obliging(const http::Request& request) {
  const auto path = request.url.substr(std::string("http://localhost:6333").size());
  const auto is = [&](const std::string& start) { return path.starts_with(start); };
  if (path == "/") return versionOf("1.18.3");
  if (path == "/collections") return resultOf(R"({"collections":[]})");
  if (path == "/aliases") return resultOf(R"({"aliases":[]})");
  if (is("/collections/c/points/query/batch")) return resultOf(R"([{"points":[]}])");
  if (is("/collections/c/points/scroll")) return resultOf(R"({"points":[]})");
  if (is("/collections/c/points/count")) return resultOf(R"({"count":1})");
  if (is("/collections/c/points/delete") || request.method == "PUT") return path == "/collections/c" ? resultOf("true") : written();
  if (is("/collections/c/points")) return resultOf("[]");
  if (request.method != "GET") return resultOf("true");
  return resultOf(R"({"points_count":1,"config":{"params":{"vectors":{"size":2,"distance":"Dot"}}}})");
}

}  // namespace

TEST_CASE("every kind of request goes its way and has its kind of answer") {
  const std::vector<float> vector = {1, 2};
  const std::vector<PointView> points = {{PointId(1), vector, "{}"}};
  const std::vector<PointId> ids = {1};
  const std::vector<std::span<const float>> vectors = {vector};
  std::vector<MetricChange> changes(1);
  changes[0].id = 1;
  changes[0].increments = {{"usage_count", 1}};
  CollectionInfo info;
  info.name = "c";
  info.dimension = 2;
  UpsertPoints upsert;
  upsert.collection = "c";
  upsert.points = points;
  RetrievePoints retrieve;
  retrieve.collection = "c";
  retrieve.ids = ids;
  QueryPoints query;
  query.collection = "c";
  query.vectors = vectors;
  ScrollPoints scroll;
  scroll.collection = "c";
  DeletePoints remove;
  remove.collection = "c";
  remove.ids = ids;
  UpdateMetrics update;
  update.collection = "c";
  update.changes = changes;

  struct Row {
    Request request;
    std::string line;  // of the last call
    Answer answer;     // its kind
  };
  const std::array rows = {Row{DescribeCollection{"c", ""}, "GET /collections/c", std::optional<CollectionInfo>()},
                           Row{CreateCollection{info}, "PUT /collections/c", true},
                           Row{ListCollections{}, "GET /aliases", std::vector<CollectionInfo>()},
                           Row{SetAlias{"a", "c"}, "POST /collections/aliases", true},
                           Row{upsert, "PUT /collections/c/points", std::monostate()},
                           Row{retrieve, "POST /collections/c/points", std::vector<StoredPoint>()},
                           Row{query, "POST /collections/c/points/query/batch", std::vector<std::vector<StoredPoint>>()},
                           Row{scroll, "POST /collections/c/points/scroll", ScrollPage()},
                           Row{CountPoints{"c", ""}, "POST /collections/c/points/count", std::size_t{}},
                           Row{remove, "POST /collections/c/points/delete", std::monostate()},
                           Row{update, "POST /collections/c/points", std::monostate()},
                           Row{SweepMarks{"c"}, "POST /collections/c/points/scroll", std::size_t{}},
                           Row{DropCollection{"c"}, "DELETE /collections/c", true}};
  static_assert(std::tuple_size_v<decltype(rows)> == std::variant_size_v<Request>);
  Rig rig(obliging);
  for (const auto& row : rows) {
    CAPTURE(row.line);
    const auto reply = RestRig::await(begin(*rig.backend, row.request));
    CHECK(reply.verdict.kind == Kind::completed);
    CHECK_FALSE(reply.verdict.error);
    CHECK(rig.record->lines().back() == row.line);
    CHECK(reply.answer.index() == row.answer.index());
  }
}

TEST_CASE("what one request learnt serves the next") {
  Rig rig(obliging);
  CHECK(RestRig::await(begin(*rig.backend, DescribeCollection{"c", ""})).requests == 2);
  CHECK(RestRig::await(begin(*rig.backend, DescribeCollection{"c", ""})).requests == 0);
}

TEST_CASE("completions come on the threads of the options, not on the transport's") {
  std::promise<std::thread::id> promise;
  std::thread::id transport;
  Rig watched([&](const http::Request& request) {
    transport = std::this_thread::get_id();
    return obliging(request);
  });
  const Request request = CountPoints{"c", ""};
  watched.backend->run(request, {}, [&](Reply) { promise.set_value(std::this_thread::get_id()); });
  const auto completed = promise.get_future().get();
  CHECK(completed != transport);
  CHECK(completed != std::this_thread::get_id());
}

TEST_CASE("many requests at once from several threads, each with its own reply") {
  Rig rig(obliging);
  std::atomic<std::size_t> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Request request = i % 2 == 0 ? Request(CountPoints{"c", ""}) : Request(DescribeCollection{"c", ""});
        const auto reply = RestRig::await(begin(*rig.backend, request));
        good += reply.verdict.kind == Kind::completed && reply.answer.index() == (i % 2 == 0 ? Answer(std::size_t{}).index() : 3) ? 1 : 0;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 200);
}

TEST_CASE("stop and deadline end a request that hangs") {
  Rig rig([](const http::Request&) { return std::nullopt; });
  std::stop_source stop;
  CallLimits stoppable, late;
  stoppable.stop = stop.get_token();
  late.deadline = std::chrono::steady_clock::now() + 20ms;
  const Request request = CountPoints{"c", ""};
  auto first = begin(*rig.backend, request, stoppable);
  CHECK(RestRig::await(begin(*rig.backend, request, late)).verdict.kind == Kind::unavailable);
  CHECK(first.wait_for(0ms) == std::future_status::timeout);
  stop.request_stop();
  CHECK(RestRig::await(std::move(first)).verdict.error.code() == Errc::cancelled);
}

TEST_CASE("a backend may go while requests are under way; they are still answered") {
  const Request request = CountPoints{"c", ""};
  std::stop_source stop;
  CallLimits limits;
  limits.stop = stop.get_token();
  std::future<Reply> reply;
  Rig rig([](const http::Request&) { return std::nullopt; });
  reply = begin(*rig.backend, request, limits);
  rig.backend.reset();
  CHECK(reply.wait_for(20ms) == std::future_status::timeout);
  stop.request_stop();
  CHECK(RestRig::await(std::move(reply)).verdict.error.code() == Errc::cancelled);
}
