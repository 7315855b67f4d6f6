// The command line sweeps marks, on a file and on a server.
#ifdef QBATCH_CLI
#include <atomic>
#include <chrono>
#include <csignal>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "support/backend_calls.hpp"
#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/fake_qdrant.hpp"
#include "support/scripted_server.hpp"
#include "support/text_matchers.hpp"

namespace qbatch::test {
namespace {

using namespace std::chrono_literals;

std::string marksOf(std::chrono::hours age) {
  const auto then = std::chrono::system_clock::now().time_since_epoch() - age;
  const auto number = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(then).count() * 1024);
  return R"({"d":"x","_qbatch_last":"W.1","_qbatch_counter_x":true,"x":5,"_qbatch_W":)" + number + "}";
}

/// Points 1 to 3 with a mark each, three, two days and an hour old.
void seed(Backend& backend, const std::string& collection) {
  createCollection(backend, collection, 1);
  const auto reply =
      store(backend, collection, {{PointId(1), {1}, marksOf(72h)}, {PointId(2), {1}, marksOf(48h)}, {PointId(3), {1}, marksOf(1h)}});
  REQUIRE(reply.verdict.kind == Verdict::Kind::completed);
}

std::shared_ptr<Backend> on(const ScriptedServer& server) {
  ClientOptions options;
  options.url = server.url();
  return makeRestBackend(options);
}

struct Served {
  FakeQdrant qdrant;
  ScriptedServer server{qdrant.handler()};
  CliProgram cli{QBATCH_CLI};
  Served() { cli.environment = {"QDRANT_URL=" + server.url()}; }
};

}  // namespace

TEST_CASE("cli: marks in a file are swept, and young ones stay", "[cli]") {
  const CliProgram cli(QBATCH_CLI);
  const auto file = cli.path("a.db");
  {
    const auto backend = makeLocalBackend(file);
    seed(*backend, "patterns");
    seed(*backend, "notes");
  }
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--local", "a.db"});
    return cli.run(words);
  };
  const auto first = run({"collections", "sweep-marks", "--older-than", "60"});
  CHECK(first.exit == 0);
  CHECK(first.out == "patterns: 1 mark removed\n");
  CHECK(first.err.empty());
  CHECK(run({"collections", "sweep-marks"}).out == "patterns: 1 mark removed\n");
  CHECK(run({"collections", "sweep-marks"}).out == "patterns: 0 marks removed\n");
  const auto both = run({"collections", "sweep-marks", "--json", "notes", "patterns"});
  CHECK(both.exit == 0);
  const CliJson json(both.out);
  CHECK(json.text("/status") == "success");
  CHECK(json.number("/summary/successful") == 2);
  CHECK(json.text("/results/0/collection") == "notes");
  CHECK(json.text("/results/0/outcome") == "done");
  CHECK(json.number("/results/0/marks") == 2);
  CHECK(json.number("/results/1/marks") == 0);
  const auto backend = makeLocalBackend(file);
  CHECK(payloadOf(*backend, "patterns", PointId(1)) == R"({"d":"x","_qbatch_last":"W.1","_qbatch_counter_x":true,"x":5})");
  CHECK_THAT(payloadOf(*backend, "patterns", PointId(3)), contains(R"("_qbatch_W":)"));
}

TEST_CASE("cli: marks on a server are swept in the settings' collection or in those that are named", "[cli]") {
  Served served;
  auto& cli = served.cli;
  seed(*on(served.server), "patterns");
  seed(*on(served.server), "notes");
  CHECK(cli.run({"--collection", "notes", "collections", "sweep-marks"}).out == "notes: 2 marks removed\n");
  CHECK(cli.run({"collections", "sweep-marks", "patterns", "--older-than", "60"}).out == "patterns: 1 mark removed\n");
  const auto some = cli.run({"collections", "sweep-marks", "patterns", "nosuch"});
  CHECK(some.exit == 1);
  CHECK(some.out == "patterns: 1 mark removed\n");
  CHECK_THAT(some.err, contains("nosuch: ") && contains("404"));
  const auto none = cli.run({"--json", "collections", "sweep-marks", "nosuch"});
  CHECK(none.exit == 3);
  const CliJson json(none.out);
  CHECK(json.text("/status") == "error");
  CHECK(json.text("/results/0/outcome") == "failed");
  CHECK(json.number("/results/0/marks") == 0);
  CHECK_THAT(json.text("/results/0/error"), contains("check its name"));
  CHECK_THAT(served.qdrant.payload("notes", PointId(3)).value(), contains(R"("_qbatch_W":)"));
  CHECK(served.qdrant.problems().empty());
}

TEST_CASE("cli: a sweep that a server ends in the middle says what went and what did not", "[cli]") {
  Served served;
  std::vector<OwnedPoints::Point> points;
  for (std::uint64_t id = 1; id <= 1001; ++id) points.push_back({PointId(id), {1}, marksOf(48h)});
  createCollection(*on(served.server), "patterns", 1);
  REQUIRE(store(*on(served.server), "patterns", points).verdict.kind == Verdict::Kind::completed);
  served.server.when([](const Exchange& exchange) { return exchange.body.find("\"offset\":1001") != std::string::npos; },
                     HttpAnswer{500, {}, R"({"status":{"error":"Service internal error"},"time":0.0})"});
  const auto result = served.cli.run({"--json", "collections", "sweep-marks"});
  CHECK(result.exit == 1);
  const CliJson json(result.out);
  CHECK(json.text("/results/0/outcome") == "unknown");
  CHECK(json.number("/results/0/marks") == 1000);
  CHECK_THAT(result.err, contains("1000 marks were removed before that: sweep again for the rest"));
  CHECK(served.cli.run({"collections", "sweep-marks"}).out == "patterns: 1 mark removed\n");
}

TEST_CASE("cli: an interrupt stops a sweep in good order", "[cli]") {
  Served served;
  seed(*on(served.server), "patterns");
  seed(*on(served.server), "notes");
  std::atomic<pid_t> program{0};
  // The first removal is carried out, and its answer never comes.
  HttpFault silent;
  silent.silent = true;
  served.server.when(requestTo("POST /collections/patterns/points/batch"), silent);
  std::jthread interrupting([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && served.server.count("POST /collections/patterns/points/batch") == 0) std::this_thread::sleep_for(1ms);
    while (!stop.stop_requested() && program == 0) std::this_thread::sleep_for(1ms);
    if (!stop.stop_requested()) ::kill(program, SIGINT);
  });
  const auto result = served.cli.run({"--json", "collections", "sweep-marks", "patterns", "notes"}, {}, [&](pid_t pid) { program = pid; });
  CHECK(result.exit == 1);
  const CliJson json(result.out);
  CHECK(json.text("/results/0/outcome") == "unknown");
  CHECK(json.text("/results/1/outcome") == "unsent");
  CHECK_THAT(served.qdrant.payload("notes", PointId(1)).value(), contains(R"("_qbatch_W":)"));
}

}  // namespace qbatch::test
#endif
