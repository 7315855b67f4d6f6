// The command line on a server: the same commands as on a file, over REST.
#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/fake_qdrant.hpp"
#include "support/scripted_server.hpp"
#include "support/text_matchers.hpp"

#ifdef QBATCH_CLI

using namespace qbatch::test;

namespace {

const std::string patterns =
    R"({"id":1,"description":"open a file","code":"std::ifstream in(path);","language":"cpp","metadata":{"kind":"io"}})"
    "\n"
    R"({"id":2,"description":"sort a vector","code":"std::sort(v.begin(), v.end());","language":"cpp"})"
    "\n";

struct Served {
  FakeQdrant qdrant;
  ScriptedServer server{qdrant.handler()};
  CliProgram cli{QBATCH_CLI};
  Served() = default;
  explicit Served(FakeQdrant::Options options) : qdrant(std::move(options)) {}
};

}  // namespace

TEST_CASE("cli: all commands on a server", "[cli]") {
  Served served;
  auto& cli = served.cli;
  cli.environment = {"QDRANT_URL=" + served.server.url()};
  cli.input = patterns;
  const auto stored = cli.run({"store", "-"});
  CAPTURE(stored.err);
  CHECK(stored.exit == 0);
  CHECK_THAT(stored.out, contains("stored 2 of 2 patterns"));
  CHECK(served.qdrant.pointCount("patterns") == 2);
  CHECK(stored.err.find("qbatch.db") == std::string::npos);

  cli.input = R"({"id":2,"increment_usage":5,"last_used":"2025-01-15T12:00:00Z"})";
  CHECK(cli.run({"update", "-"}).exit == 0);
  CHECK_THAT(served.qdrant.payload("patterns", qbatch::PointId(2)).value_or(""), contains("\"usage_count\":5"));
  cli.input.clear();
  CHECK_THAT(cli.run({"search", "sorting a vector", "--limit", "1"}).out, contains("sort a vector"));
  CHECK_THAT(cli.run({"--json", "collections", "list"}).out, contains(R"("name":"patterns")") && contains(R"("points":2)"));
  CHECK(cli.run({"collections", "create", "other", "--size", "3", "--distance", "Dot"}).exit == 0);
  CHECK(cli.run({"collections", "alias", "now=patterns"}).exit == 0);
  CHECK_THAT(cli.run({"--collection", "now", "search", "file", "--limit", "1"}).out, contains("open a file"));
  CHECK(cli.run({"delete", "1"}).exit == 0);
  CHECK(served.qdrant.pointCount("patterns") == 1);
  CHECK(cli.run({"collections", "delete", "patterns", "other"}).exit == 0);
  CHECK(cli.run({"search", "x"}).exit == 3);
  CHECK(served.qdrant.problems().empty());
}

TEST_CASE("cli: a server's key comes from the option or the environment, and is never shown", "[cli]") {
  FakeQdrant::Options options;
  options.apiKey = "the-secret-key";
  Served served(options);
  auto& cli = served.cli;
  const auto without = cli.run({"--url", served.server.url(), "collections", "list"});
  CHECK(without.exit == 3);
  CHECK_THAT(without.err, contains("401") && contains("check the API key"));
  const auto wrong = cli.run({"--url", served.server.url(), "--api-key", "another-secret", "search", "x"});
  CHECK(wrong.exit == 3);
  CHECK((wrong.err + wrong.out).find("another-secret") == std::string::npos);
  CHECK(cli.run({"--url", served.server.url(), "--api-key", "the-secret-key", "collections", "list"}).exit == 0);
  cli.environment = {"QDRANT_API_KEY=the-secret-key"};
  CHECK(cli.run({"--url", served.server.url(), "collections", "list"}).exit == 0);
}

#endif
