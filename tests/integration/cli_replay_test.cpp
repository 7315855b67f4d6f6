#ifdef QBATCH_CLI
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>

#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/fake_qdrant.hpp"
#include "support/gzipped.hpp"
#include "support/scripted_server.hpp"
#include "support/small_disk.hpp"
#include "support/text_matchers.hpp"

// `qbatch replay`: what becomes of a file of dead letters.
namespace qbatch::test {
namespace {

std::ptrdiff_t linesIn(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

/// Patterns as lines, which a file of dead letters may hold as well as letters.
std::string patterns(int count) {
  std::string text;
  for (int number = 1; number <= count; ++number)
    text += "{\"id\":" + std::to_string(number) + ",\"description\":\"number " + std::to_string(number) + "\"}\n";
  return text;
}

/// The program in a folder with a file of three dead letters, of lines 2, 4 and 5.
struct WithLetters : CliProgram {
  WithLetters() : CliProgram(QBATCH_CLI) {
    input =
        "{\"id\":1,\"description\":\"good\"}\n{\"id\":2,\"description\":\"torn\"\n{\"id\":3,\"description\":\"good\"}\n"
        "{\"code\":\"\"}\n{\"id\":5,\"description\":\"short\",\"vector\":[1]}\n";
    const auto stored = run({"--local", "a.db", "store", "-", "--dead-letter", "failed.jsonl"});
    REQUIRE(stored.exit == 1);
    REQUIRE(linesIn(read("failed.jsonl")) == 3);
  }
  void mend(const std::string& wrong, const std::string& right) const {
    auto text = read("failed.jsonl");
    const auto at = text.find(wrong);
    REQUIRE(at != std::string::npos);
    write("failed.jsonl", text.replace(at, wrong.size(), right));
  }
};

}  // namespace

TEST_CASE("cli: letters that were mended are stored, and the others stay", "[cli]") {
  const WithLetters cli;
  cli.mend("\\\"torn\\\"", "\\\"torn\\\"}");
  const auto first = cli.run({"--local", "a.db", "replay", "failed.jsonl"});
  CAPTURE(first.out, first.err);
  CHECK(first.exit == 1);
  CHECK_THAT(first.out, contains("stored 1 of 3 patterns") && contains("2 letters stay in failed.jsonl"));
  CHECK(linesIn(cli.read("failed.jsonl")) == 2);
  cli.mend("\"vector\":[1]", "\"metadata\":{}");
  cli.mend("\"code\":\"\"", "\"code\":\"now()\"");
  const auto second = cli.run({"--local", "a.db", "--json", "replay", "failed.jsonl"});
  CAPTURE(second.out);
  CHECK(second.exit == 0);
  CHECK(CliJson(second.out).number("/summary/successful") == 2);
  CHECK(cli.read("failed.jsonl").empty());
  CHECK_FALSE(std::filesystem::exists(cli.path("failed.jsonl.replaying")));
  CHECK(CliJson(cli.run({"--local", "a.db", "--json", "collections", "list"}).out).number("/collections/0/points") == 5);
  const auto empty = cli.run({"--local", "a.db", "replay", "failed.jsonl"});
  CHECK(empty.exit == 0);
  CHECK_THAT(empty.out, contains("failed.jsonl is empty now"));
}

TEST_CASE("cli: a replay that stores nothing leaves the letters as they were", "[cli]") {
  const WithLetters cli;
  cli.mend("\\\"torn\\\"", "\\\"torn\\\"}");
  const auto letters = cli.read("failed.jsonl");
  const auto unreachable = cli.run({"--url", "http://127.0.0.1:1", "replay", "failed.jsonl"});
  CHECK(unreachable.exit == 3);
  CHECK_THAT(unreachable.err, contains("could not connect"));
  CHECK_THAT(unreachable.out, contains("failed.jsonl was left as it was"));
  CHECK(cli.read("failed.jsonl") == letters);
  CHECK_FALSE(std::filesystem::exists(cli.path("failed.jsonl.replaying")));
  cli.write("texts.jsonl", patterns(3));
  CHECK(cli.run({"--local", "a.db", "--embedder", "hashing:64", "replay", "texts.jsonl"}).exit == 2);
  CHECK(cli.run({"--local", "a.db", "replay", "texts.jsonl", "--batch", "9999"}).exit == 2);
  CHECK(cli.read("texts.jsonl") == patterns(3));
  CHECK_FALSE(std::filesystem::exists(cli.path("texts.jsonl.replaying")));
}

TEST_CASE("cli: a replay that ends early keeps what it did not read, byte for byte", "[cli]") {
  FakeQdrant qdrant;
  std::atomic<int> writes = 0;
  ScriptedServer server([&](const Exchange& exchange) {
    const bool write = exchange.method == "PUT" && exchange.path.find("/points") != std::string::npos;
    if (write && ++writes > 2) return HttpAnswer{.status = 401, .body = R"({"status":{"error":"the key was taken away"}})"};
    return qdrant.answer(exchange);
  });
  CliProgram cli(QBATCH_CLI);
  const auto letters = patterns(200) + "not even a letter";
  cli.write("failed.jsonl", letters);
  const auto stopped = cli.run({"--url", server.url(), "replay", "failed.jsonl", "--batch", "1", "--concurrency", "1"});
  CAPTURE(stopped.out, stopped.err);
  CHECK(stopped.exit == 1);
  CHECK_THAT(stopped.err, contains("stopped early: ") && contains("the key was taken away"));
  CHECK_THAT(stopped.out, contains("and those that were not read yet"));
  CHECK(qdrant.pointCount("patterns") == 2);
  const auto left = cli.read("failed.jsonl");
  CHECK(linesIn(left) == 198);
  CHECK(left.ends_with(letters.substr(letters.find("{\"id\":150,"))));
  const auto rest = cli.run({"--local", "a.db", "replay", "failed.jsonl"});
  CHECK(rest.exit == 1);
  CHECK_THAT(rest.out, contains("stored 198 of 199 patterns") && contains("1 letter stays in failed.jsonl"));
  CHECK_THAT(cli.read("failed.jsonl"), contains("\"text\":\"not even a letter\""));
}

TEST_CASE("cli: a replay and an import do not have one file at a time", "[cli]") {
  WithLetters cli;
  const int held = ::open(cli.path("failed.jsonl").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  const auto used = cli.run({"--local", "a.db", "replay", "failed.jsonl"});
  ::close(held);
  CHECK(used.exit == 3);
  CHECK_THAT(used.err, contains("failed.jsonl: is in use"));

  FakeQdrant qdrant;
  std::promise<CliResult> tried;
  std::atomic_flag once;
  ScriptedServer server([&](const Exchange& exchange) {
    if (exchange.method == "PUT" && exchange.path.find("/points") != std::string::npos && !once.test_and_set()) {
      CliProgram another(QBATCH_CLI);
      another.input = "bad\n";
      tried.set_value(another.run({"--local", ":memory:", "store", "-", "--dead-letter", cli.path("texts.jsonl")}));
    }
    return qdrant.answer(exchange);
  });
  cli.write("texts.jsonl", patterns(1));
  CHECK(cli.run({"--url", server.url(), "replay", "texts.jsonl"}).exit == 0);
  REQUIRE(once.test());
  const auto stored = tried.get_future().get();
  CHECK(stored.exit == 3);
  CHECK_THAT(stored.err, contains("texts.jsonl") && contains("in use"));
  CHECK(cli.read("texts.jsonl").empty());
}

TEST_CASE("cli: what a killed replay left is removed, and links and permissions stay", "[cli]") {
  const WithLetters cli;
  REQUIRE(::chmod(cli.path("failed.jsonl").c_str(), 0640) == 0);
  std::filesystem::create_symlink("failed.jsonl", cli.path("link"));
  cli.write("failed.jsonl.replaying", "{\"index\":0,\"half a let");
  cli.mend("\\\"torn\\\"", "\\\"torn\\\"}");
  CHECK(cli.run({"--local", "a.db", "replay", "link"}).exit == 1);
  CHECK(std::filesystem::is_symlink(cli.path("link")));
  CHECK(linesIn(cli.read("failed.jsonl")) == 2);
  struct stat facts {};
  REQUIRE(::stat(cli.path("failed.jsonl").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0640);
  CHECK_FALSE(std::filesystem::exists(cli.path("failed.jsonl.replaying")));
}

TEST_CASE("cli: only a regular file that is not packed can be replayed", "[cli]") {
  const CliProgram cli(QBATCH_CLI);
  CHECK(cli.run({"--local", "a.db", "replay", "missing"}).exit == 2);
  CHECK(cli.run({"--local", "a.db", "replay", "."}).exit == 2);
  cli.write("packed", gzipped(std::string(1000, '\n')));
  const auto packed = cli.run({"--local", "a.db", "replay", "packed"});
  CHECK(packed.exit == 2);
  CHECK_THAT(packed.err, contains("packed: is packed; unpack it with gunzip"));
  CHECK_FALSE(std::filesystem::exists(cli.path("a.db")));
}

TEST_CASE("cli: a replay onto a full disk leaves the letters as they were", "[cli]") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  const CliProgram cli(QBATCH_CLI);
  std::string letters = patterns(10);
  for (int number = 0; number < 1000; ++number) letters += "bad " + std::to_string(number) + "\n";
  std::ofstream(disk.file("failed.jsonl")) << letters;
  disk.fill();
  const auto result = cli.run({"--local", ":memory:", "replay", disk.file("failed.jsonl"), "--batch", "10"});
  CAPTURE(result.out);
  CHECK((result.exit == 1 || result.exit == 3));
  CHECK_THAT(result.err, contains("no room left on the disk"));
  CHECK_THAT(result.out, contains("was left as it was"));
  CHECK(cli.run({"--local", ":memory:", "replay", disk.file("nosuch")}).exit == 2);
  std::ifstream file(disk.file("failed.jsonl"), std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == letters);
  CHECK_FALSE(std::filesystem::exists(disk.file("failed.jsonl.replaying")));
}

}  // namespace qbatch::test
#endif
