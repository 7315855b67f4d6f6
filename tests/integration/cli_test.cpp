#ifdef QBATCH_CLI
#include <string>

#include "qbatch/point_id.hpp"
#include "qbatch/version.hpp"
#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/text_matchers.hpp"
// Every command of the command line on good input: exit code, what stands on stdout and what on stderr.
namespace qbatch::test {
namespace {

const std::string three =
    "{\"description\":\"Open a pool of database connections\",\"code\":\"pool()\",\"language\":\"python\",\"id\":1,"
    "\"metadata\":{\"name\":\"open_pool\",\"file\":\"db.py\",\"success_rate\":0.9}}\n"
    "{\"description\":\"Read a file line by line\\nand more\",\"code\":\"read()\",\"language\":\"cpp\",\"id\":2}\n"
    "{\"description\":\"Limit the rate of an api\",\"code\":\"limit()\",\"language\":\"python\"}\n";
const std::string thirdId = PointId::forContent("Limit the rate of an api", "limit()", "python").toString();

/// The program in a folder where the three patterns are stored in a.db.
struct Stored : CliProgram {
  Stored() : CliProgram(QBATCH_CLI) {
    write("three.jsonl", three);
    const auto stored = run({"--local", "a.db", "store", "three.jsonl"});
    INFO(stored.err);
    REQUIRE(stored.exit == 0);
    REQUIRE_THAT(stored.out, contains("stored 3 of 3 patterns as 3 points"));
    REQUIRE(stored.err.empty());
  }
};

}  // namespace

TEST_CASE("cli: version and help need no file and no command", "[cli]") {
  const CliProgram cli(QBATCH_CLI);
  CHECK(cli.run({"--version"}).out == "qbatch " + std::string(version()) + "\n");
  const auto help = cli.run({"--help"});
  CHECK(help.exit == 0);
  for (const char* word : {"store", "search", "update", "delete", "collections", "--local", "--json", "Examples:"})
    CHECK_THAT(help.out, contains(word));
  for (const char* command : {"store", "search", "update", "delete"}) {
    const auto ofCommand = cli.run({command, "--help"});
    CHECK(ofCommand.exit == 0);
    CHECK_THAT(ofCommand.out, contains("Examples:\n  qbatch " + std::string(command)));
  }
  for (const char* command : {"list", "create", "delete", "alias", "sweep-marks"}) {
    CHECK_THAT(cli.run({"collections", command, "--help"}).out, contains("qbatch collections " + std::string(command)));
  }
}

TEST_CASE("cli: store answers with the documented document", "[cli]") {
  Stored cli;
  const auto again = cli.run({"--local", "a.db", "--json", "store", "three.jsonl"});
  CHECK(again.exit == 0);
  CHECK(again.err.empty());
  const CliJson json(again.out);
  CHECK(json.text("/status") == "success");
  CHECK(json.number("/summary/total") == 3);
  CHECK(json.number("/summary/successful") == 3);
  CHECK(json.number("/summary/failed") == 0);
  CHECK(json.number("/ids/0") == 1);
  CHECK(json.text("/ids/2") == thirdId);
  CHECK(json.size("/errors") == 0);
  CHECK(json.number("/stats/points") == 3);
  CHECK(json.number("/stats/outcomes/done") == 3);
}

TEST_CASE("cli: store reads standard input, with byte order mark, CRLF and blank lines", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = "\xEF\xBB\xBF{\"description\":\"a\"}\r\n\r\n  \t\n{\"description\":\"b\"}";
  const auto stored = cli.run({"--local", ":memory:", "--json", "store", "-"});
  CHECK(stored.exit == 0);
  CHECK(CliJson(stored.out).number("/summary/successful") == 2);
}

TEST_CASE("cli: one by one stores and finds the same", "[cli]") {
  Stored cli;
  const auto single = cli.run({"--local", "a.db", "--json", "--collection", "single", "store", "three.jsonl", "--one-by-one"});
  CHECK(single.exit == 0);
  const CliJson stored(single.out);
  CHECK(stored.number("/summary/successful") == 3);
  CHECK(stored.size("/ids") == 3);
  CHECK(stored.number("/stats/points") == 3);
  CHECK(stored.number("/stats/requests") > 3);
  const auto batch = cli.run({"--local", "a.db", "--json", "search", "database", "api"});
  const auto each = cli.run({"--local", "a.db", "--json", "--collection", "single", "search", "database", "api", "--one-by-one"});
  const CliJson first(batch.out), second(each.out);
  CHECK(simdjson::minify(first.at("/batch_results")) == simdjson::minify(second.at("/batch_results")));
}

TEST_CASE("cli: equal patterns are one point, one by one too", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = "{\"description\":\"same\"}\n{\"description\":\"same\"}\n{\"description\":\"other\"}\n";
  for (const bool single : {false, true}) {
    std::vector<std::string> words{"--local", ":memory:", "--json", "store", "-"};
    if (single) words.emplace_back("--one-by-one");
    const CliJson json(cli.run(words).out);
    CHECK(json.number("/summary/successful") == 3);
    CHECK(json.number("/stats/points") == 2);
  }
}

TEST_CASE("cli: search prints hits for people and as JSON", "[cli]") {
  Stored cli;
  const auto table = cli.run({"--local", "a.db", "search", "database connection pool", "read a file", "--limit", "1"});
  CHECK(table.exit == 0);
  CHECK(table.err.empty());
  CHECK_THAT(table.out, contains("\"database connection pool\"\n  0.") && contains("  1  open_pool  python  db.py\n"));
  CHECK_THAT(table.out, contains("  2  Read a file line by line  cpp\n") && contains("answered 2 of 2 queries with 2 hits"));

  const auto document = cli.run({"--local", "a.db", "--json", "search", "database connection pool", "--limit", "1"});
  const CliJson json(document.out);
  CHECK(json.text("/batch_results/0/query") == "database connection pool");
  CHECK(json.number("/batch_results/0/results/0/id") == 1);
  CHECK(json.text("/batch_results/0/results/0/code") == "pool()");
  CHECK(json.text("/batch_results/0/results/0/metadata/name") == "open_pool");
  CHECK(double(json.at("/batch_results/0/results/0/score")) > 0.1);
}

TEST_CASE("cli: search takes files of texts and JSON, filters and a least score", "[cli]") {
  Stored cli;
  cli.write("q.txt", "database\n\n{\"text\":\"[api]\"}\n");
  const CliJson file(cli.run({"--local", "a.db", "--json", "search", "--file", "q.txt"}).out);
  CHECK(file.size("/batch_results") == 2);
  CHECK(file.text("/batch_results/1/query") == "[api]");

  const std::string onlyCpp = R"({"must":[{"key":"language","match":{"value":"cpp"}}]})";
  const CliJson filtered(cli.run({"--local", "a.db", "--json", "search", "database", "--filter", onlyCpp}).out);
  REQUIRE(filtered.size("/batch_results/0/results") == 1);
  CHECK(filtered.number("/batch_results/0/results/0/id") == 2);

  const auto none = cli.run({"--local", "a.db", "search", "database", "--min-score", "1.5"});
  CHECK(none.exit == 0);
  CHECK_THAT(none.out, contains("no hits"));

  const CliJson words(cli.run({"--local", "a.db", "--json", "search", "[a,b]", "store", "--", "--json", "-x"}).out);
  CHECK(words.text("/batch_results/0/query") == "[a,b]");
  CHECK(words.text("/batch_results/1/query") == "store");
  CHECK(words.text("/batch_results/2/query") == "--json");
  CHECK(words.text("/batch_results/3/query") == "-x");
}

TEST_CASE("cli: update counts and sets, and the change can be filtered on", "[cli]") {
  Stored cli;
  cli.write(
      "up.jsonl",
      "{\"id\":1,\"increment_usage\":true,\"last_used\":\"2025-01-15T12:00:00Z\"}\n{\"id\":1,\"increment_usage\":4,\"success_rate\":0.5}\n"
      "{\"id\":\"" +
          thirdId + "\",\"set\":{\"reviewed\":true}}\n{\"id\":2,\"increment_usage\":false}\n");
  const auto updated = cli.run({"--local", "a.db", "update", "up.jsonl"});
  CHECK(updated.exit == 0);
  CHECK_THAT(updated.out, contains("applied 4 of 4 updates to 3 points"));
  const std::string used = R"({"must":[{"key":"usage_count","range":{"gte":1}}]})";
  const CliJson json(cli.run({"--local", "a.db", "--json", "search", "anything", "--filter", used}).out);
  REQUIRE(json.size("/batch_results/0/results") == 1);
  CHECK(json.number("/batch_results/0/results/0/metadata/usage_count") == 5);
  CHECK(double(json.at("/batch_results/0/results/0/metadata/success_rate")) == 0.5);
  CHECK(json.text("/batch_results/0/results/0/metadata/last_used") == "2025-01-15T12:00:00Z");

  const CliJson document(cli.run({"--local", "a.db", "--json", "update", "up.jsonl"}).out);
  CHECK(document.number("/summary/successful") == 4);
  CHECK_FALSE(document.has("/errors"));
}

TEST_CASE("cli: storing again keeps, replaces or skips", "[cli]") {
  Stored cli;
  cli.input = "{\"id\":1,\"increment_usage\":7}\n";
  REQUIRE(cli.run({"--local", "a.db", "update", "-"}).exit == 0);
  const auto usage = [&](const std::string& existing) {
    cli.input = "{\"id\":1,\"description\":\"stored as " + existing + "\"}\n";
    REQUIRE(cli.run({"--local", "a.db", "store", "-", "--existing", existing}).exit == 0);
    const CliJson json(cli.run({"--local", "a.db", "--json", "search", "x", "--filter", R"({"must":[{"has_id":[1]}]})"}).out);
    return std::pair(json.number("/batch_results/0/results/0/metadata/usage_count"), json.text("/batch_results/0/results/0/description"));
  };
  CHECK(usage("skip") == std::pair<std::int64_t, std::string>(7, "Open a pool of database connections"));
  CHECK(usage("keep") == std::pair<std::int64_t, std::string>(7, "stored as keep"));
  CHECK(usage("replace") == std::pair<std::int64_t, std::string>(0, "stored as replace"));
}

TEST_CASE("cli: delete takes ids, a file or a filter", "[cli]") {
  Stored cli;
  const auto ids = cli.run({"--local", "a.db", "delete", "1", "77"});
  CHECK(ids.exit == 0);
  CHECK_THAT(ids.out, contains("2 of 2 points are gone"));
  cli.write("ids.txt", thirdId + "\r\n\n");
  const CliJson file(cli.run({"--local", "a.db", "--json", "delete", "--file", "ids.txt"}).out);
  CHECK(file.text("/ids/0") == thirdId);
  const CliJson filter(
      cli.run({"--local", "a.db", "--json", "delete", "--filter", R"({"must":[{"key":"language","match":{"value":"cpp"}}]})"}).out);
  CHECK(filter.number("/ids/0") == 2);
  CHECK(filter.number("/summary/total") == 1);
  CHECK(CliJson(cli.run({"--local", "a.db", "--json", "collections", "list"}).out).number("/collections/0/points") == 0);
}

TEST_CASE("cli: collections are created, listed, aliased and deleted", "[cli]") {
  const CliProgram cli(QBATCH_CLI);
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--local", "a.db", "collections"});
    return cli.run(words);
  };
  CHECK(run({"list"}).out == "no collections\n");
  CHECK(run({"create", "notes", "--size", "8", "--distance", "euclid"}).out == "created notes (8 floats, Euclid)\n");
  const auto again = run({"create", "notes", "--size", "8", "--distance", "Euclid"});
  CHECK(again.exit == 0);
  CHECK_THAT(again.out, contains("already"));
  CHECK(run({"create", "notes", "--size", "9"}).exit == 1);
  CHECK(run({"alias", "current=notes"}).out == "current stands for notes\n");
  CHECK(run({"list"}).out == "name   points  size  distance  embedder  aliases\nnotes       0     8  Euclid              current\n");
  const CliJson list(run({"list", "--json"}).out);
  CHECK(list.text("/collections/0/distance") == "Euclid");
  CHECK(list.text("/collections/0/aliases/0") == "current");
  const auto some = run({"delete", "notes", "nosuch"});
  CHECK(some.exit == 1);
  CHECK(some.out == "deleted notes\n");
  CHECK_THAT(some.err, contains("nosuch: no such collection"));
  const auto none = run({"delete", "nosuch", "--json"});
  CHECK(none.exit == 3);
  CHECK(CliJson(none.out).text("/results/0/outcome") == "failed");
}

TEST_CASE("cli: without a place the file qbatch.db is used, and it says so unless quiet", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = three;
  const auto stored = cli.run({"store", "-"});
  CHECK(stored.exit == 0);
  CHECK_THAT(stored.err, contains("qbatch.db in this folder"));
  CHECK(cli.run({"--quiet", "search", "x"}).err.empty());
  CHECK_FALSE(cli.read("qbatch.db").empty());
  cli.environment = {"QBATCH_LOCAL=other.db"};
  CHECK(cli.run({"store", "-"}).err.empty());
  CHECK_FALSE(cli.read("other.db").empty());
}

TEST_CASE("cli: the embedder comes from the command line before the environment", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = three;
  cli.environment = {"QBATCH_EMBEDDER=hashing:32"};
  REQUIRE(cli.run({"--local", "a.db", "--collection", "small", "store", "-"}).exit == 0);
  REQUIRE(cli.run({"--local", "a.db", "--collection", "large", "--embedder", "hashing:64", "store", "-"}).exit == 0);
  const CliJson json(cli.run({"--local", "a.db", "--json", "collections", "list"}).out);
  CHECK(json.number("/collections/0/size") == 64);
  CHECK(json.number("/collections/1/size") == 32);
}

TEST_CASE("cli: ready vectors are stored and searched as they are", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  REQUIRE(cli.run({"--local", "a.db", "collections", "create", "patterns", "--size", "3", "--distance", "Dot"}).exit == 0);
  cli.input = "{\"id\":1,\"vector\":[1,0,3.4028235e38]}\n{\"id\":2,\"vector\":[0,1e0,-0.5]}\n";
  REQUIRE(cli.run({"--local", "a.db", "store", "-"}).exit == 0);
  cli.input = "{\"vector\":[0,1,0]}\n";
  const CliJson json(cli.run({"--local", "a.db", "--json", "search", "--file", "-", "--limit", "1"}).out);
  CHECK(json.number("/batch_results/0/results/0/id") == 2);
  CHECK(double(json.at("/batch_results/0/results/0/score")) == 1.0);
}

TEST_CASE("cli: empty input is an empty report", "[cli]") {
  Stored cli;
  cli.write("empty", "\n \n");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"store", "empty"}, {"update", "empty"}, {"delete", "--file", "empty"}}) {
    auto arguments = words;
    arguments.insert(arguments.begin(), {"--local", "a.db", "--json"});
    const auto result = cli.run(arguments);
    INFO(words.front() << result.err);
    CHECK(result.exit == 0);
    CHECK(CliJson(result.out).number("/summary/total") == 0);
  }
  const auto search = cli.run({"--local", "a.db", "--json", "search", "--file", "empty"});
  CHECK(search.exit == 0);
  CHECK(CliJson(search.out).size("/batch_results") == 0);
}

}  // namespace qbatch::test
#endif
