#ifdef QBATCH_CLI
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "qbatch/local.hpp"
#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/gzipped.hpp"
#include "support/text_matchers.hpp"

// What the command line says to input that cannot be used, and that the rest goes on.
namespace qbatch::test {
namespace {

/// A line, and what is said of it.
using Case = std::pair<std::string, std::string>;

/// Runs the command on good lines with the bad ones between them. Each bad line must be named on stderr with its number, counted as
/// rejected, stand in its place in the document, and leave the good ones alone.
void checkMalformed(CliProgram& cli, const std::vector<std::string>& command, const std::string& good, const std::vector<Case>& bad) {
  cli.input.clear();
  for (const auto& [line, said] : bad) cli.input += good + "\n\n" + line + "\n";
  const auto result = cli.run(command);
  CAPTURE(result.out, result.err);
  CHECK(result.exit == 1);
  const CliJson json(result.out);
  const auto count = static_cast<std::int64_t>(bad.size());
  const bool search = json.has("/batch_results");
  if (!search) {
    CHECK(json.number("/summary/total") == 2 * count);
    CHECK(json.number("/summary/failed") == count);
    REQUIRE(json.size("/errors") == bad.size());
  } else {
    REQUIRE(json.size("/batch_results") == 2 * bad.size());
  }
  CHECK(json.number("/stats/items") == 2 * count);
  CHECK(json.number("/stats/outcomes/rejected") == count);
  CHECK(json.number("/stats/outcomes/done") == count);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const auto line = static_cast<std::int64_t>(3 * i + 3);
    const auto& [text, said] = bad[i];
    CAPTURE(text);
    CHECK_THAT(result.err, contains("standard input:" + std::to_string(line) + ": "));
    const auto entry = search ? "/batch_results/" + std::to_string(2 * i + 1) : "/errors/" + std::to_string(i);
    CHECK_THAT(json.text(entry + "/error"), contains(said));
    CHECK(json.text(entry + "/outcome") == "rejected");
    CHECK(json.number(entry + "/line") == line);
    if (!search) CHECK(json.number(entry + "/index") == static_cast<std::int64_t>(2 * i + 1));
  }
}

}  // namespace

TEST_CASE("cli: malformed lines of patterns are numbered and the rest goes on", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  checkMalformed(cli, {"--local", ":memory:", "--json", "store", "-"}, R"({"description":"good"})",
                 {
                     {R"({"description":"b")", "at byte 18"},
                     {R"({"description":"b"} {})", "at byte 20"},
                     {R"({"description":"b"}})", "at byte 19"},
                     {R"([1,2])", "must be a JSON object"},
                     {R"("text")", "must be a JSON object"},
                     {R"(text)", "JSON"},
                     {R"({"descripton":"b"})", "unknown member \"descripton\""},
                     {R"({"description":"a","description":"b"})", "\"description\" stands twice"},
                     {R"({"description":3})", "\"description\" must be a string, and is a number"},
                     {R"({"code":null})", "\"code\" must be a string, and is null"},
                     {R"({"description":"b","id":-1})", "\"id\" must be a whole number"},
                     {R"({"description":"b","id":1.5})", "\"id\" must be a whole number"},
                     {R"({"description":"b","id":18446744073709551616})", "18446744073709551616"},
                     {R"({"description":"b","id":"nope"})", "\"nope\""},
                     {R"({"description":"b","id":["1"]})", "and is an array"},
                     {R"({"description":"b","metadata":[1]})", "\"metadata\" must be an object, and is an array"},
                     {R"({"description":"b","metadata":{"a":[}})", "\"metadata\""},
                     {R"({"description":"b","metadata":{"a":01}})", "\"metadata\""},
                     {R"({"description":"b","vector":"x"})", "\"vector\" must be an array of numbers, and is a string"},
                     {R"({"description":"b","vector":[]})", "\"vector\" is empty"},
                     {R"({"description":"b","vector":[1,null]})", "\"vector[1]\" must be a number, and is null"},
                     {R"({"description":"b","vector":[1,NaN]})", "at byte 31"},
                     {R"({"description":"b","vector":[1,1e39]})", "\"vector[1]\" is 1e39, outside float32"},
                     {R"({"description":"b","vector":[-3.4028236e38]})", "\"vector[0]\" is -3.4028236e38, outside float32"},
                     {R"({"description":"b","vector":[1e400]})", "\"vector[0]\" is 1e400"},
                     {"{\"description\":\"b\xff\"}", "at byte 17"},
                     {std::string("{\"description\":\"b\0\"}", 20), "at byte 17"},
                 });
}

TEST_CASE("cli: malformed lines of updates, queries and ids are numbered and the rest goes on", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = R"({"id":1,"description":"good"})";
  REQUIRE(cli.run({"--local", "a.db", "store", "-"}).exit == 0);
  checkMalformed(cli, {"--local", "a.db", "--json", "update", "-"}, R"({"id":1,"increment_usage":true})",
                 {
                     {R"({"increment_usage":true})", "\"id\" is missing"},
                     {R"({"id":1,"increment_usage":1.5})", "\"increment_usage\" must be true, false or a whole number"},
                     {R"({"id":1,"increment_usage":"1"})", "and is a string"},
                     {R"({"id":1,"increment_usage":99999999999999999999})", "\"increment_usage\""},
                     {R"({"id":1,"success_rate":"high"})", "\"success_rate\" must be a number"},
                     {R"({"id":1,"last_used":5})", "\"last_used\" must be a string"},
                     {R"({"id":1,"set":[1]})", "\"set\" must be an object"},
                     {R"({"id":1,"usage_count":1})", "unknown member \"usage_count\""},
                 });
  const CliJson counted(cli.run({"--local", "a.db", "--json", "search", "x"}).out);
  CHECK(counted.number("/batch_results/0/results/0/metadata/usage_count") == 8);
  checkMalformed(cli, {"--local", "a.db", "--json", "search", "--file", "-"}, "good",
                 {
                     {R"({ "txt":"a" })", "unknown member \"txt\""},
                     {R"({ braces })", "at byte 2"},
                     {R"({"vector":[1e39]})", "outside float32"},
                 });
  checkMalformed(cli, {"--local", "a.db", "--json", "delete", "--file", "-"}, "17",
                 {{"nope", "\"nope\""}, {"-1", "\"-1\""}, {"1 2", "\"1 2\""}});
}

TEST_CASE("cli: a signal ends the wait for input that does not come", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  const std::string pipe = cli.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  // For reading, too, as otherwise it would wait for the program.
  const int end = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(end >= 0);
  const std::string text = "{\"description\":\"good\"}\nbad\n{\"description\":\"torn";
  REQUIRE(::write(end, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  bool sent = false;
  // What is said of the second line shows that the program reads.
  const auto result = cli.runWatched({"--local", ":memory:", "--json", "store", "pipe"}, [&](const std::string& said, pid_t pid) {
    if (!sent && said.find("pipe:2: ") != std::string::npos) sent = ::kill(pid, SIGINT) == 0;
  });
  ::close(end);
  CAPTURE(result.err);
  CHECK(sent);
  CHECK(result.exit == 1);
  CHECK_THAT(result.err, contains("pipe: not read to its end, because a signal asked to stop"));
  const CliJson json(result.out);
  CHECK(json.number("/summary/total") == 2);
  // Where the signal takes its time, the good one has been sent alone by then.
  CHECK(json.number("/stats/outcomes/unsent") + json.number("/stats/outcomes/done") == 1);
}

TEST_CASE("cli: packed input is unpacked, and a packed file that is cut off is not taken for a whole one", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  std::string text;
  for (int i = 0; i < 50; ++i) text += "{\"description\":\"pattern " + std::to_string(i) + "\"}\n";
  cli.input = gzipped(text);
  const auto whole = cli.run({"--local", ":memory:", "store", "-"});
  CHECK(whole.exit == 0);
  CHECK_THAT(whole.out, contains("stored 50 of 50"));
  cli.input.resize(cli.input.size() - 4);
  const auto cut = cli.run({"--local", ":memory:", "store", "-"});
  CHECK(cut.exit == 1);
  CHECK_THAT(cut.err, contains("standard input") && contains("cut off"));
  CHECK_THAT(cut.out, contains("stored 50 of 50"));  // what came before the cut
}

TEST_CASE("cli: items that the library rejects are named with their lines", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  const std::vector<Case> bad = {
      {R"({"description":"v","vector":[1,2,3]})", "3 values"},
      {R"({"description":"m","metadata":{"usage_count":3}})", "\"usage_count\""},
      {R"({"description":"m","metadata":{"_qbatch_x":3}})", "_qbatch"},
      {R"({"description":"m","metadata":{"code":"x"}})", "\"code\""},
      {R"({"description":"a\u0000b"})", "NUL"},
      {R"({"description":"","code":"","language":"c"})", "needs description or code"},
      {R"({"description":"one","id":5})", "id 5 stands again on line 8"},
      {R"({"description":"two","id":5})", ""},
  };
  for (const auto& [line, said] : bad) cli.input += line + "\n";
  const auto result = cli.run({"--local", "a.db", "--json", "store", "-"});
  CAPTURE(result.out);
  CHECK(result.exit == 1);
  CHECK(result.err.empty());
  const CliJson json(result.out);
  REQUIRE(json.size("/errors") == bad.size() - 1);
  for (std::size_t i = 0; i + 1 < bad.size(); ++i) {
    const auto entry = "/errors/" + std::to_string(i);
    CHECK_THAT(json.text(entry + "/error"), contains(bad[i].second));
    CHECK(json.number(entry + "/line") == static_cast<std::int64_t>(i + 1));
  }
  CHECK(json.text("/errors/6/pattern/description") == "one");
  CHECK(json.number("/ids/0") == 5);

  cli.input = "{\"id\":5,\"last_used\":\"yesterday\"}\n{\"id\":6,\"increment_usage\":true}\n";
  const CliJson updates(cli.run({"--local", "a.db", "--json", "update", "-"}).out);
  CHECK_THAT(updates.text("/errors/0/error"), contains("RFC 3339"));
  CHECK_THAT(updates.text("/errors/1/error"), contains("6"));
  const auto query = cli.run({"--local", "a.db", "search", "\xff", ""});
  CHECK(query.exit == 1);
  CHECK_THAT(query.out, contains("not valid UTF-8") && contains("nothing to search for"));
}

TEST_CASE("cli: the failures' table is short, and counts what it leaves out", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  for (int i = 0; i < 30; ++i) cli.input += "{\"description\":\"good\"}\n{\"id\":\"no" + std::to_string(i) + "\"}\n";
  for (int i = 0; i < 5; ++i) cli.input += "[]\n";
  const auto many = cli.run({"--local", ":memory:", "store", "-"});
  CHECK(many.exit == 1);
  CHECK_THAT(many.out, contains("stored 30 of 65 patterns as 1 point") && contains("35 rejected") && contains("and 15 more"));
  cli.input = "[]\n[]\n[]\n{\"description\":\"good\"}\n[]\n";
  const auto same = cli.run({"--local", ":memory:", "store", "-"});
  CHECK_THAT(same.out,
             contains(" 1-3  rejected  3 items  must be a JSON object") && contains("   5  rejected           must be a JSON object"));
}

TEST_CASE("cli: stored text cannot steer the terminal", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = R"({"description":"evil \u001b[2J\u009b2J\u0007 text"})";
  REQUIRE(cli.run({"--local", "a.db", "store", "-"}).exit == 0);
  const auto found = cli.run({"--local", "a.db", "search", "evil\x1b[2J text"});
  CHECK(found.out.find_first_of("\x1b\x07") == std::string::npos);
  CHECK(found.out.find("\xC2\x9B") == std::string::npos);
  CHECK_THAT(found.out, contains("evil  [2J 2J  text"));
}

TEST_CASE("cli: unreadable input is a configuration error, and no file is made", "[cli]") {
  const CliProgram cli(QBATCH_CLI);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"store", "missing"},
                                                {"update", "missing"},
                                                {"search", "--file", "missing"},
                                                {"delete", "--file", "missing"}}) {
    auto arguments = words;
    arguments.insert(arguments.begin(), {"--local", "a.db"});
    const auto result = cli.run(arguments);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Catch::Matchers::StartsWith("qbatch: missing: cannot be opened: "));
  }
  const auto folder = cli.run({"--local", "a.db", "store", "."});
  CHECK(folder.exit == 2);
  CHECK_THAT(folder.err, contains("is a folder"));
  CHECK(::access(cli.path("a.db").c_str(), F_OK) != 0);
  if (::geteuid() != 0) {
    cli.write("secret", "{}");
    REQUIRE(::chmod(cli.path("secret").c_str(), 0) == 0);
    CHECK(cli.run({"--local", "a.db", "store", "secret"}).exit == 2);
  }
}

TEST_CASE("cli: a store that cannot be used ends with 3 and says why", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = "{\"id\":1,\"description\":\"a\"}";
  cli.write("damaged.db", "this is not a database, whatever its name says, and it is long enough to be read as one");
  const auto damaged = cli.run({"--local", "damaged.db", "store", "-"});
  CHECK(damaged.exit == 3);
  CHECK(damaged.out.empty());
  CHECK_THAT(damaged.err, contains("damaged.db"));
  const auto noFolder = cli.run({"--local", "none/a.db", "store", "-"});
  CHECK(noFolder.exit == 3);
  CHECK_THAT(noFolder.err, contains("none"));
  const auto noFile = cli.run({"--local", "none.db", "search", "x"});
  CHECK(noFile.exit == 3);
  CHECK_THAT(noFile.err, contains("none.db does not exist"));
  CHECK(::access(cli.path("none.db").c_str(), F_OK) != 0);

  const auto owner = makeLocalBackend(cli.path("used.db"));
  const auto used = cli.run({"--local", "used.db", "store", "-"});
  CHECK(used.exit == 3);
  CHECK_THAT(used.err, contains("in use by process " + std::to_string(::getpid())));
}

TEST_CASE("cli: an unknown collection ends with 3, with a document for --json", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  REQUIRE(cli.run({"--local", "a.db", "collections", "list"}).exit == 0);
  const auto people = cli.run({"--local", "a.db", "search", "x"});
  CHECK(people.exit == 3);
  CHECK_THAT(people.err, contains("`patterns`"));
  const auto program = cli.run({"--local", "a.db", "--json", "--collection", "nosuch", "search", "x"});
  CHECK(program.exit == 3);
  const CliJson json(program.out);
  CHECK(json.text("/status") == "error");
  CHECK_THAT(json.text("/error"), contains("`nosuch`"));
  CHECK(json.number("/stats/outcomes/failed") == 1);
  cli.input = "{\"id\":1,\"increment_usage\":true}\n";
  CHECK(cli.run({"--local", "a.db", "update", "-"}).exit == 3);
  CHECK(cli.run({"--local", "a.db", "delete", "1"}).exit == 3);
  CHECK(cli.run({"--local", "a.db", "collections", "alias", "a=nosuch"}).exit == 3);
  const auto sweep = cli.run({"--local", "a.db", "collections", "sweep-marks"});
  CHECK(sweep.exit == 3);
  CHECK_THAT(sweep.err, contains("patterns: ") && contains("doesn't exist"));
  CHECK(sweep.out.empty());
}

TEST_CASE("cli: another embedder than the collection's is a configuration error", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  cli.input = "{\"description\":\"a\"}";
  REQUIRE(cli.run({"--local", "a.db", "store", "-"}).exit == 0);
  const auto other = cli.run({"--local", "a.db", "--embedder", "hashing:64", "search", "x"});
  CHECK(other.exit == 2);
  CHECK(other.out.empty());
  CHECK_THAT(other.err, contains("64") && contains("1024"));
}

TEST_CASE("cli: a deadline ends the call, and every item that was read is accounted for", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  for (int i = 0; i < 20000; ++i) cli.input += "{\"description\":\"number " + std::to_string(i) + "\"}\n";
  const auto result = cli.run({"--local", "a.db", "--json", "store", "-", "--deadline", "0.001"});
  CHECK(result.exit == 1);
  const CliJson json(result.out);
  CHECK(json.number("/summary/successful") + json.number("/summary/failed") == json.number("/summary/total"));
  CHECK(json.number("/summary/successful") < 20000);
  CHECK(json.number("/summary/successful") == static_cast<std::int64_t>(json.size("/ids")));
  CHECK(json.number("/summary/failed") == static_cast<std::int64_t>(json.size("/errors")));
  CHECK_THAT(result.err, contains("deadline"));
}

}  // namespace qbatch::test
#endif
