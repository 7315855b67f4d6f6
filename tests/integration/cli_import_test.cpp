#ifdef QBATCH_CLI
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/gzipped.hpp"
#include "support/small_disk.hpp"
#include "support/text_matchers.hpp"

// `qbatch store` on inputs that do not go in one request: several windows, checkpoint, dead letters, progress.
namespace qbatch::test {
namespace {

std::string pattern(int number) {
  return "{\"id\":" + std::to_string(number) + ",\"description\":\"number " + std::to_string(number) + "\"}\n";
}

/// Patterns `from` to `to`, of which each hundredth line is none and each hundredth is one that is rejected.
std::string lines(int from, int to) {
  std::string text;
  for (int number = from; number < to; ++number)
    text += number % 100 == 13 ? "bad " + std::to_string(number) + "\n" : number % 100 == 57 ? "{\"code\":\"\"}\n" : pattern(number);
  return text;
}

std::string goodLines(int from, int to) {
  std::string text;
  for (int number = from; number < to; ++number) text += pattern(number);
  return text;
}

std::string minified(const CliJson& json, std::string_view pointer) { return simdjson::minify(json.at(pointer)); }

/// A named pipe that stays open until it is closed here.
struct NamedPipe {
  explicit NamedPipe(const std::string& path) {
    if (::mkfifo(path.c_str(), 0600) == 0) end = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(end >= 0);
  }
  ~NamedPipe() { close(); }
  NamedPipe(const NamedPipe&) = delete;
  NamedPipe& operator=(const NamedPipe&) = delete;
  void write(const std::string& text) const { REQUIRE(::write(end, text.data(), text.size()) == static_cast<ssize_t>(text.size())); }
  void close() {
    if (end >= 0) ::close(std::exchange(end, -1));
  }
  int end = -1;
};

}  // namespace

TEST_CASE("cli: many windows make the same document as few, also of packed input", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  const std::string all = lines(0, 5000);
  cli.input = all;
  const auto few = cli.run({"--local", ":memory:", "--json", "store", "-"});
  const auto many = cli.run({"--local", ":memory:", "--json", "store", "-", "--batch", "100"});
  cli.input = gzipped(all);
  const auto packed = cli.run({"--local", ":memory:", "--json", "store", "-", "--batch", "70", "--memory", "1"});
  const CliJson expected(few.out);
  CHECK(expected.number("/summary/total") == 5000);
  CHECK(expected.number("/summary/failed") == 100);
  CHECK(expected.size("/ids") == 4900);
  CHECK(expected.number("/errors/0/line") == 14);
  CHECK(expected.number("/errors/99/index") == 4957);
  for (const auto* result : {&many, &packed}) {
    CHECK(result->exit == 1);
    CHECK(result->err == few.err);
    const CliJson json(result->out);
    for (const auto* member : {"/status", "/summary", "/ids", "/errors", "/stats/outcomes", "/stats/points"})
      CHECK(minified(json, member) == minified(expected, member));
  }
}

TEST_CASE("cli: an input that breaks off after some was stored ends with 1 and says what was", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = gzipped(goodLines(0, 5000));
  cli.input.resize(cli.input.size() - 4);
  const auto cut = cli.run({"--local", "a.db", "--json", "store", "-", "--batch", "100"});
  CHECK(cut.exit == 1);
  CHECK_THAT(cut.err, contains("stopped early: standard input: the gzip file is cut off"));
  const CliJson json(cut.out);
  CHECK(json.number("/summary/total") == 5000);
  CHECK(json.number("/summary/successful") > 0);
  CHECK(CliJson(cli.run({"--local", "a.db", "--json", "collections", "list"}).out).number("/collections/0/points") ==
        json.number("/summary/successful"));
}

TEST_CASE("cli: of points in several windows only the most that there can be is told", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = goodLines(0, 10) + goodLines(0, 10);
  CHECK_THAT(cli.run({"--local", ":memory:", "store", "-"}).out, contains("stored 20 of 20 patterns as 10 points in"));
  CHECK_THAT(cli.run({"--local", ":memory:", "store", "-", "--batch", "10"}).out,
             contains("stored 20 of 20 patterns as up to 20 points in"));
}

TEST_CASE("cli: an interrupted import goes on by its checkpoint, with other sizes", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  NamedPipe pipe(cli.path("pipe"));
  pipe.write(goodLines(0, 500));
  cli.environment = {"QBATCH_TEST_PROGRESS_MS=0"};
  bool sent = false;
  const auto first = cli.runWatched({"--local", "a.db", "store", "pipe", "--batch", "100", "--checkpoint", "run.qb"},
                                    [&](const std::string& said, pid_t pid) {
                                      if (!sent && said.find("storing: 500 done, 0 failed") != std::string::npos)
                                        sent = ::kill(pid, SIGINT) == 0;
                                    });
  CAPTURE(first.err);
  CHECK(sent);
  CHECK(first.exit == 1);
  CHECK_THAT(first.err, contains("pipe: not read to its end, because a signal asked to stop") &&
                            contains("the same command goes on from there (checkpoint run.qb)"));
  CHECK_THAT(first.out, contains("stored 500 of 500 patterns"));
  cli.environment.clear();
  cli.write("all.jsonl", goodLines(0, 1000));
  const auto second = cli.run({"--local", "a.db", "store", "all.jsonl", "--batch", "70", "--checkpoint", "run.qb"});
  CHECK(second.exit == 0);
  CHECK_THAT(second.out,
             contains("stored 500 of 1,000 patterns as up to 500 points in") && contains("; 500 were done before (checkpoint run.qb)\n"));
  const auto third = cli.run({"--local", "a.db", "--json", "store", "all.jsonl", "--checkpoint", "run.qb"});
  CHECK(third.exit == 0);
  const CliJson json(third.out);
  CHECK(json.text("/status") == "success");
  CHECK(json.number("/summary/successful") == 1000);
  CHECK(json.number("/stats/done_before") == 1000);
  CHECK(json.size("/ids") == 0);
  CHECK(CliJson(cli.run({"--local", "a.db", "--json", "collections", "list"}).out).number("/collections/0/points") == 1000);
}

TEST_CASE("cli: a checkpoint is for one input, and for one import at a time", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = goodLines(0, 10);
  REQUIRE(cli.run({"--local", "a.db", "store", "-", "--checkpoint", "run.qb"}).exit == 0);
  cli.input = goodLines(5, 15);
  const auto other = cli.run({"--local", "a.db", "store", "-", "--checkpoint", "run.qb"});
  CHECK(other.exit == 2);
  CHECK(other.out.empty());
  CHECK_THAT(other.err, contains("qbatch: --checkpoint: run.qb belongs to another input"));
  cli.input = goodLines(0, 5);
  CHECK(cli.run({"--local", "a.db", "store", "-", "--checkpoint", "run.qb"}).exit == 2);
  const auto same = cli.run({"--local", "a.db", "store", "-", "--checkpoint", "f", "--dead-letter", "f"});
  CHECK(same.exit == 2);
  CHECK_THAT(same.err, contains("--dead-letter: is the file of the checkpoint"));
  const auto large = cli.run({"--local", "a.db", "store", "-", "--batch", "5000"});
  CHECK(large.exit == 2);
  CHECK_THAT(large.err, contains("--batch: 5000 is above the most that a request may carry, 1000; lower it"));

  NamedPipe pipe(cli.path("pipe"));
  pipe.write("no pattern\n");
  CliResult second;
  const auto first =
      cli.runWatched({"--local", ":memory:", "store", "pipe", "--checkpoint", "used.qb"}, [&](const std::string& said, pid_t pid) {
        if (second.exit >= 0 || said.find("pipe:1: ") == std::string::npos) return;
        CliProgram another(QBATCH_CLI);
        another.input = goodLines(0, 1);
        second = another.run({"--local", ":memory:", "store", "-", "--checkpoint", cli.path("used.qb")});
        ::kill(pid, SIGINT);
      });
  CHECK(first.exit == 1);
  CHECK(second.exit == 3);
  CHECK_THAT(second.err, contains("used.qb") && contains("in use"));
}

TEST_CASE("cli: what cannot be stored is told as dead letters, also by the next run", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = lines(0, 1000);
  const std::vector<std::string> words{"--local",      "a.db",   "store",         "-",           "--batch", "100",
                                       "--checkpoint", "run.qb", "--dead-letter", "failed.jsonl"};
  const auto first = cli.run(words);
  CHECK(first.exit == 1);
  CHECK_THAT(first.out, contains("stored 980 of 1,000 patterns") && contains("20 rejected") &&
                            contains("20 dead letters were written to failed.jsonl; ") && contains("qbatch replay failed.jsonl\n"));
  const auto letters = cli.read("failed.jsonl");
  CHECK(std::count(letters.begin(), letters.end(), '\n') == 20);
  const auto second = cli.run(words);
  CHECK(second.exit == 1);
  CHECK_THAT(second.out, contains("stored 0 of 1,000") && contains("980 were done before, 20 became dead letters then"));
  CHECK(cli.read("failed.jsonl") == letters);
}

TEST_CASE("cli: bad lines without end are counted, and the first of them shown", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  for (int number = 0; number < 3000; ++number) cli.input += "bad " + std::to_string(number) + "\n{\"id\":\"\"}\n";
  const auto people = cli.run({"--local", ":memory:", "store", "-", "--batch", "100"});
  CHECK(people.exit == 1);
  CHECK_THAT(people.out, contains("stored 0 of 6,000 patterns") && contains("and 5,980 more; --json names all"));
  CHECK(people.out.find("   1  rejected") < people.out.find("  20  rejected"));
  const auto document = cli.run({"--local", ":memory:", "--json", "store", "-", "--batch", "100"});
  const CliJson json(document.out);
  REQUIRE(json.size("/errors") == 6000);
  std::int64_t index = 0;
  bool ordered = true;
  for (const auto error : simdjson::dom::array(json.at("/errors"))) ordered = ordered && std::int64_t(error["index"]) == index++;
  CHECK(ordered);
}

TEST_CASE("cli: a document that cannot be put aside is an error, and what was stored stays", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.environment = {"TMPDIR=" + cli.path("nowhere")};
  cli.input = goodLines(0, 100'000);  // more ids than are kept in memory
  const auto result = cli.run({"--local", "a.db", "--embedder", "hashing:16", "--json", "store", "-"});
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, contains("a temporary file in ") && contains("nowhere cannot be made") && contains("TMPDIR"));
  const CliJson json(result.out);
  CHECK(json.text("/status") == "error");
  CHECK_THAT(json.text("/error"), contains("TMPDIR"));
  CHECK(json.number("/summary/successful") == 100'000);
  CHECK_FALSE(json.has("/ids"));
  cli.input = goodLines(0, 100);
  CHECK(cli.run({"--local", "a.db", "--embedder", "hashing:16", "--json", "store", "-"}).exit == 0);
}

TEST_CASE("cli: progress is a sentence now and then where no terminal is, and none when quiet", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = goodLines(0, 500);
  cli.environment = {"QBATCH_TEST_PROGRESS_MS=0"};
  const auto told = cli.run({"--local", ":memory:", "store", "-", "--batch", "100"});
  CHECK(told.exit == 0);
  CHECK_THAT(told.err, contains("qbatch: storing: 500 of 500 done, 0 failed") && contains("100%"));
  CHECK(cli.run({"--local", ":memory:", "--quiet", "store", "-", "--batch", "100"}).err.empty());
  cli.environment.clear();
  CHECK(cli.run({"--local", ":memory:", "store", "-", "--batch", "100"}).err.empty());
}

TEST_CASE("cli: of an input whose length is not known the bar says how much is done", "[cli]") {
  if (!CliProgram::terminalToBeHad()) {
    WARN("this machine gives no terminal: not tested");
    return;
  }
  const CliProgram cli(QBATCH_CLI);
  NamedPipe pipe(cli.path("pipe"));
  pipe.write(goodLines(0, 50));
  std::string before;
  const auto result = cli.runOnTerminal({"--local", ":memory:", "store", "pipe", "--batch", "10"}, [&](const std::string& text, pid_t) {
    if (!before.empty() || text.find("storing  ") == std::string::npos) return;
    before = text;
    pipe.write("bad\n" + pattern(50));
    pipe.close();
  });
  CAPTURE(result.err);
  CHECK(result.exit == 1);
  CHECK_THAT(before, contains("storing  "));
  CHECK(before.find('%') == std::string::npos);
  CHECK_THAT(result.err, contains("100%  52 of 52"));
  // The bar makes room for what else is said.
  CHECK_THAT(result.err, contains("\rqbatch: pipe:51: "));
}

TEST_CASE("cli: a full disk under checkpoint or dead letters ends the import, and nothing is claimed", "[cli]") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  CliProgram cli(QBATCH_CLI);
  disk.fill();
  for (const std::string option : {"--checkpoint", "--dead-letter"}) {
    cli.input = lines(0, 1000);
    const auto result = cli.run({"--local", ":memory:", "--json", "store", "-", "--batch", "50", option, disk.file("record")});
    CAPTURE(option, result.err);
    CHECK((result.exit == 1 || result.exit == 3));
    CHECK_THAT(result.err, contains("no room left on the disk") && contains("record"));
    if (result.exit == 1) CHECK(CliJson(result.out).number("/stats/dead_letters") == 0);
  }
}

}  // namespace qbatch::test
#endif
