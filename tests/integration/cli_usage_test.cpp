#ifdef QBATCH_CLI
#include <csignal>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/text_matchers.hpp"

// The command line's options, and how it behaves towards terminal and signals.
namespace qbatch::test {
namespace {

std::string manyPatterns(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "{\"description\":\"number " + std::to_string(i) + "\"}\n";
  return lines;
}

}  // namespace

TEST_CASE("cli: wrong usage ends with 2, an empty stdout and one clear message", "[cli]") {
  struct Case {
    std::vector<std::string> words;
    std::vector<std::string> said;
  };
  const std::vector<Case> cases = {
      {{}, {"a command is needed"}},
      {{"copy", "a", "b"}, {"\"copy\" is no command"}},
      {{"collections"}, {"collections: a command is needed"}},
      {{"collections", "restore", "x"}, {"\"restore\" is no command"}},
      {{"store"}, {"FILE: a file of patterns is needed"}},
      {{"update"}, {"FILE: a file of updates is needed"}},
      {{"search"}, {"QUERY: what to look for is needed"}},
      {{"delete"}, {"ID: what to delete is needed"}},
      {{"store", "a", "b"}, {"\"b\" is one argument too many"}},
      {{"store", "f", "--spool=s", "--journal", "j"}, {"--spool: no such option", "--journal: no such option"}},
      {{"store", "f", "--memory", "0", "--checkpoint", "", "--dead-letter", ""},
       {"--memory: \"0\"", "--checkpoint: the file's name is empty", "--dead-letter: the file's name is empty"}},
      {{"store", "f", "--one-by-one", "--memory", "5", "--checkpoint", "c", "--dead-letter", "d"},
       {"--memory and --one-by-one contradict", "--checkpoint and --one-by-one contradict", "--dead-letter and --one-by-one contradict"}},
      {{"replay"}, {"FILE: a file of dead letters is needed"}},
      {{"replay", "-"}, {"FILE: - is standard input"}},
      {{"replay", "f", "--checkpoint", "c"}, {"--checkpoint: no such option"}},
      {{"verify"}, {"FILE: the file of patterns that was stored is needed"}},
      {{"verify", "f", "--sample", "0", "--deadline", "never"}, {"--sample: \"0\"", "--deadline: \"never\""}},
      {{"update", "f", "--journal", "j"}, {"--journal: no such option"}},
      {{"search", "x", "-q"}, {"-q: no such option"}},
      {{"search", "x", "--limit"}, {"--limit: a value is needed"}},
      {{"search", "x", "--limit", "1", "--limit", "2"}, {"--limit: given several times"}},
      {{"search", "x", "--limit", "0"}, {"--limit: \"0\""}},
      {{"search", "x", "--min-score", "inf"}, {"--min-score: \"inf\""}},
      {{"search", "x", "--min-score", "1e39"}, {"--min-score: \"1e39\""}},
      {{"search", "x", "--filter", "{"}, {"--filter: "}},
      {{"search", "x", "--filter", R"({"foo":[]})"}, {"unknown member 'foo'"}},
      {{"search", "x", "--file", "f"}, {"QUERY and --file contradict"}},
      {{"delete", "1", "--file", "f", "--filter", R"({"must":[]})"}, {"ID and --file and --filter contradict"}},
      {{"delete", "1", "x", "-1.5"}, {"\"x\"", "-1.5"}},
      {{"delete", "--filter", "{}"}, {"--filter: an empty filter would delete every point"}},
      {{"store", "f", "--batch", "0", "--request-bytes", "x", "--concurrency", "many", "--deadline", "-1", "--existing", "no"},
       {"--batch: \"0\"", "--request-bytes: \"x\"", "--concurrency: \"many\"", "--deadline: \"-1\"", "--existing: \"no\""}},
      {{"store", "f", "--one-by-one", "--batch", "5"}, {"--batch and --one-by-one contradict"}},
      {{"collections", "create"}, {"NAME: ", "--size: "}},
      {{"collections", "create", "n", "--size", "0", "--distance", "Hamming"}, {"--size: \"0\"", "--distance: \"Hamming\""}},
      {{"collections", "alias", "a=b", "c", "=d"}, {"\"c\"", "\"=d\""}},
      {{"collections", "delete"}, {"NAME: "}},
      {{"collections", "sweep-marks", "--older-than", "23"},
       {"--older-than: \"23\" is less than 24 hours: a copy of an update may still arrive"}},
      {{"collections", "sweep-marks", "--older-than", "0"}, {"would count twice where its mark is gone; give 24 or more"}},
      {{"collections", "sweep-marks", "--older-than", "1.5d"}, {"--older-than: \"1.5d\" is not a whole number of hours"}},
      {{"collections", "sweep-marks", "--older-than", "1000001"}, {"--older-than: \"1000001\""}},
      {{"collections", "sweep-marks", "--older-than"}, {"--older-than: a value is needed"}},
      {{"--collection", "a", "collections", "sweep-marks", "b"}, {"NAME and --collection contradict"}},
      {{"--local", "a", "--url", "http://b", "search", "x"}, {"--url and --local contradict"}},
      {{"--url", "b:6333", "search", "x"}, {"url: ", "http://localhost:6333"}},
      {{"--url", "http://b", "--api-key", "secret-key", "search", "x"}, {"in the clear", "--allow-key-over-plain-http"}},
      {{"--url", "http://localhost", "--ca-file", "/no/such/file", "search", "x"}, {"--ca-file: the file `/no/such/file` cannot be read"}},
      {{"--ca-file", "f", "--allow-key-over-plain-http", "search", "x"}, {"--ca-file: belongs", "--allow-key-over-plain-http: belongs"}},
      {{"--api-key", "k", "search", "x"}, {"--api-key: belongs to --url"}},
      {{"--embedder", "gpt", "search", "x"}, {"--embedder: \"gpt\""}},
      {{"--embedder", "static:folder", "search", "x"}, {"not part of this version"}},
      {{"--embedder", "http:localhost#m", "search", "x"}, {"not part of this version"}},
      {{"--embedder", "hashing:4", "search", "x"}, {"--embedder: ", "16"}},
      {{"--embedder", "hashing:many", "search", "x"}, {"--embedder: ", "whole number"}},
      {{"--collection", "", "--local", "", "--embedder", "?", "search"}, {"--collection: ", "--local: ", "--embedder: ", "QUERY: "}},
  };
  const CliProgram cli(QBATCH_CLI);
  for (const auto& [words, said] : cases) {
    const auto result = cli.run(words);
    CAPTURE(words, result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    for (const auto& text : said) CHECK_THAT(result.err, contains("qbatch: ") && contains(text));
  }
}

TEST_CASE("cli: the environment names the place where the command line does not", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  // Nothing listens there.
  cli.environment = {"QDRANT_URL=http://127.0.0.1:1"};
  const auto server = cli.run({"collections", "list"});
  CHECK(server.exit == 3);
  CHECK_THAT(server.err, contains("could not connect to 127.0.0.1:1"));
  CHECK(cli.run({"--local", ":memory:", "collections", "list"}).exit == 0);
  cli.environment.emplace_back("QBATCH_LOCAL=a.db");
  CHECK_THAT(cli.run({"search", "x"}).err, contains("QDRANT_URL and QBATCH_LOCAL contradict"));
  cli.environment = {"QBATCH_EMBEDDER=nonsense"};
  CHECK_THAT(cli.run({"search", "x"}).err, contains("QBATCH_EMBEDDER: \"nonsense\""));
}

TEST_CASE("cli: a progress bar stands on a terminal only, and is gone at the end", "[cli]") {
  if (!CliProgram::terminalToBeHad()) {
    WARN("this machine gives no terminal: not tested");
    return;
  }
  CliProgram cli(QBATCH_CLI);
  cli.input = manyPatterns(50);
  const std::vector<std::string> words{"--local", ":memory:", "store", "-", "--batch", "5"};
  const auto plain = cli.runOnTerminal(words);
  CHECK(plain.exit == 0);
  CHECK_THAT(plain.err, contains("storing [") && contains(" of 50"));
  CHECK(plain.err.find('\x1b') == std::string::npos);
  CHECK(plain.err.find("\xE2") == std::string::npos);
  CHECK(plain.err.back() == '\r');
  CHECK_THAT(plain.out, contains("stored 50 of 50"));
  cli.environment = {"LC_ALL=C.UTF-8", "TERM=xterm"};
  CHECK_THAT(cli.runOnTerminal(words).err, contains("\xE2\x96"));  // full or empty blocks: a quick run shows the end only
  CHECK(cli.run(words).err.empty());
  auto quiet = words;
  quiet.insert(quiet.begin(), "--quiet");
  CHECK(cli.runOnTerminal(quiet).err.empty());
}

TEST_CASE("cli: an interrupt stops in good order and reports what was confirmed", "[cli]") {
  if (!CliProgram::terminalToBeHad()) {
    WARN("this machine gives no terminal: not tested");
    return;
  }
  CliProgram cli(QBATCH_CLI);
  cli.input = manyPatterns(10000);
  bool sent = false;
  // The bar appears when the first item is settled, long before the last one of so many.
  const auto result =
      cli.runOnTerminal({"--local", "a.db", "--json", "store", "-", "--one-by-one"}, [&](const std::string& text, pid_t pid) {
        if (!sent && text.find("storing [") != std::string::npos) sent = ::kill(pid, SIGINT) == 0;
      });
  CAPTURE(result.err);
  CHECK(sent);
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, contains("stopped early"));
  const CliJson json(result.out);
  CHECK(json.number("/summary/total") == 10000);
  CHECK(json.number("/stats/outcomes/unsent") > 0);
  const auto done = json.number("/stats/outcomes/done");
  CHECK(done > 0);
  // What was reported as done is there.
  const CliJson list(cli.run({"--local", "a.db", "--json", "collections", "list"}).out);
  CHECK(list.number("/collections/0/points") == done);
}

TEST_CASE("cli: a result that cannot be written is not passed over", "[cli]") {
  const CliProgram cli(QBATCH_CLI);
  const auto result = cli.run({"--local", ":memory:", "collections", "list"}, "/dev/full");
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, contains("standard output"));
}

TEST_CASE("cli: --json has one document also where nothing could be tried", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  const auto unknown = cli.run({"--local", ":memory:", "--json", "--bogus", "search", "x"});
  CHECK(unknown.exit == 2);
  CHECK_THAT(unknown.out, contains("\"status\":\"error\""));
  const auto missing = cli.run({"--local", "none.db", "--json", "search", "x"});
  CHECK(missing.exit == 3);
  CHECK_THAT(missing.out, contains("\"error\":") && contains("none.db"));
  CHECK(cli.run({"--local", "none.db", "search", "x"}).out.empty());
}

}  // namespace qbatch::test
#endif
