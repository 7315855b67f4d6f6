#ifdef QBATCH_WITH_SERVE
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "integration/killed_writer.hpp"
#include "qbatch/local_server.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/cli_program.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"
#include "support/transaction_watch.hpp"

// A server is killed while four writers write over HTTP. What was answered has to be there by content, and no request may be half done.
namespace qbatch::test {
namespace {

constexpr std::size_t killsOfFile = 10;  // so that files stay small, and creating one is interrupted, too

/// What was seen over many kills.
struct Tally {
  std::size_t kills = 0, withinStatements = 0, withinCommit = 0, answered = 0, unanswered = 0, appliedUnanswered = 0;
  [[nodiscard]] std::size_t within() const { return withinStatements + withinCommit; }
  [[nodiscard]] std::string text() const {
    const auto number = [](std::size_t count) { return std::to_string(count); };
    return number(kills) + " kills, " + number(within()) + " of them inside a transaction (" + number(withinStatements) +
           " among its statements, " + number(withinCommit) + " in its commit); " + number(answered) + " writes answered, " +
           number(unanswered) + " not yet answered when the server was killed, of which " + number(appliedUnanswered) + " are stored";
  }
};

/// Four writers and what they know of one file.
class Writers {
 public:
  explicit Writers(Random& random) : random_(random) {
    for (std::uint64_t number = 0; number < 4; ++number) writers_.push_back(std::make_unique<KilledWriter>(number));
  }

  /// Compares what is stored with what was answered; a request that was not answered is stored whole or not at all.
  void check(std::uint16_t port, Tally& tally) {
    ClientOptions options;
    options.url = "http://127.0.0.1:" + std::to_string(port);
    const auto backend = makeRestBackend(options);
    const auto exists = describe(*backend, "c").has_value();
    const auto points = exists ? everything(*backend, "c") : std::vector<StoredPoint>();
    for (const auto& writer : writers_) {
      const auto found = writer->settle(points);
      CAPTURE(writer->lastRequest().substr(0, 2000));
      REQUIRE(found != KilledWriter::Found::otherwise);
      if (found == KilledWriter::Found::unanswered) ++tally.appliedUnanswered;
    }
    if (!exists) REQUIRE(makeCollection(port));
  }

  /// Has them write until `kill` returns, which kills the server at some instant.
  void writeUntil(std::uint16_t port, Tally& tally, const std::function<void()>& kill) {
    std::vector<RawClient> connections;
    for (std::size_t i = 0; i < writers_.size(); ++i) connections.emplace_back(port);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < writers_.size(); ++i)
      threads.emplace_back([&, i, seed = random_.below(~std::uint64_t{0})] { writers_[i]->writeUntilGone(connections[i], seed); });
    kill();
    for (auto& thread : threads) thread.join();
    ++tally.kills;
    for (const auto& writer : writers_) {
      REQUIRE(writer->refused().empty());
      tally.answered += writer->takeAnswered();
      tally.unanswered += writer->isUnanswered() ? 1 : 0;
    }
  }

  void sleep() { std::this_thread::sleep_for(std::chrono::microseconds(random_.below(60000))); }

 private:
  static bool makeCollection(std::uint16_t port) {
    const auto answer = RawClient(port).ask(
        rawRequest("PUT", "/collections/c", R"({"vectors":{"size":)" + std::to_string(KilledWriter::dimension) + R"(,"distance":"Dot"}})"));
    return answer && answer->status == 200;
  }

  Random& random_;
  std::vector<std::unique_ptr<KilledWriter>> writers_{};
};

}  // namespace

// Runs in a process of its own, for the tests below and support/killed_server.hpp.
TEST_CASE("child: a local server that serves until it is killed", "[.]") {
  const char* file = std::getenv("QBATCH_CHILD_FILE");
  const char* shared = std::getenv("QBATCH_CHILD_WATCH");
  const char* port = std::getenv("QBATCH_CHILD_PORT");  // none: any
  if (file == nullptr || shared == nullptr) return;
  TransactionWatch watch(shared);
  watch.watchThisProcess();
  LocalServerOptions options;
  options.file = file;
  if (port != nullptr) options.port = static_cast<std::uint16_t>(std::stoul(port));
  const LocalServer server(options);
  childReport(std::to_string(server.port()));
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

TEST_CASE("local server: kill -9 at random instants while four writers write") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  const std::size_t wanted = std::min<std::size_t>(campaignSize(50), 500);
  ScratchFolder folder;
  TransactionWatch watch((folder.path() / "watch").string());
  std::optional<Writers> writers;
  Tally tally;
  // How many kills fall into a transaction is a matter of the machine, so that there are more kills until enough of them do.
  while (tally.kills < wanted || ((tally.within() < wanted / 2 || tally.answered < wanted) && tally.kills < 20 * wanted)) {
    CAPTURE(tally.kills);
    if (tally.kills % killsOfFile == 0) writers.emplace(random);
    const std::string file = (folder.path() / ("store" + std::to_string(tally.kills / killsOfFile) + ".db")).string();
    watch.reset();
    ChildProcess child("child: a local server that serves until it is killed",
                       {"QBATCH_CHILD_FILE=" + file, "QBATCH_CHILD_WATCH=" + watch.file()});
    std::string port;
    REQUIRE(child.readLine(port));
    writers->check(static_cast<std::uint16_t>(std::stoul(port)), tally);
    writers->writeUntil(static_cast<std::uint16_t>(std::stoul(port)), tally, [&] {
      writers->sleep();
      child.killHard();
    });
    tally.withinStatements += watch.phase() == TransactionWatch::Phase::statements ? 1 : 0;
    tally.withinCommit += watch.phase() == TransactionWatch::Phase::commit ? 1 : 0;
  }
  WARN(tally.text());
  CHECK(tally.within() >= wanted / 2);
  CHECK(tally.answered >= wanted);
}

#ifdef QBATCH_CLI
TEST_CASE("local server: kill -9 of the command itself while four writers write", "[cli]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  const std::size_t kills = std::min<std::size_t>(campaignSize(5), 100);
  const CliProgram cli(QBATCH_CLI);
  Writers writers(random);
  Tally tally;
  while (tally.kills < kills || (tally.answered < kills && tally.kills < 20 * kills)) {
    CAPTURE(tally.kills);
    bool used = false;
    const auto result =
        cli.runWatched({"local-server", "--listen", "127.0.0.1:0", "--file", "store.db"}, [&](const std::string& text, pid_t pid) {
          const auto begin = text.find("http://127.0.0.1:");
          if (used || begin == std::string::npos || text.back() != '\n') return;
          used = true;
          const auto port = static_cast<std::uint16_t>(std::stoul(text.substr(begin + 17)));
          writers.check(port, tally);
          writers.writeUntil(port, tally, [&] {
            writers.sleep();
            ::kill(pid, SIGKILL);
          });
        });
    CAPTURE(result.err);
    REQUIRE(used);
    CHECK(result.exit == 128 + SIGKILL);
  }
  CHECK(tally.answered >= kills);
}
#endif

}  // namespace qbatch::test
#endif
