#ifdef QBATCH_CLI
#include <signal.h>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/cli_program.hpp"
#include "support/http_socket.hpp"
#include "support/raw_client.hpp"
#include "support/text_matchers.hpp"

// `qbatch local-server`: what it says, how it stops, and what it refuses.
namespace qbatch::test {
#ifdef QBATCH_WITH_SERVE
namespace {

std::uint16_t portOfUrl(const std::string& url) { return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1))); }

/// Starts the server, has `use` work with it once it listens, then sends the signal.
CliResult serve(const CliProgram& cli, std::vector<std::string> words, const std::function<void(std::uint16_t)>& use,
                int signal = SIGTERM) {
  words.insert(words.begin(), "local-server");
  bool used = false;
  const auto act = [&](const std::string& text, pid_t pid) {
    if (used || text.find("listening on ") == std::string::npos || text.back() != '\n') return;
    used = true;
    const auto begin = text.find("http://", text.find("listening on "));
    use(portOfUrl(text.substr(begin, text.find(' ', begin) - begin)));
    ::kill(pid, signal);
  };
  auto result = cli.runWatched(words, act);
  CHECK(used);
  return result;
}

}  // namespace

TEST_CASE("cli: local-server serves, tells its address and stops in good order", "[cli]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const CliProgram cli(QBATCH_CLI);
    const auto result = serve(
        cli, {"--listen", "127.0.0.1:0", "--file", ":memory:"},
        [](std::uint16_t port) { CHECK(RawClient(port).ask(rawRequest("GET", "/healthz")).value().body == "healthz check passed"); },
        signal);
    CHECK(result.exit == 0);
    CHECK_THAT(result.err, contains("(file :memory:)"));
    REQUIRE(result.out.starts_with("http://127.0.0.1:"));
    CHECK(result.out.find('\n') == result.out.size() - 1);
    CHECK_THAT(result.err, contains("listening on " + result.out.substr(0, result.out.size() - 1) + " "));
  }
}

TEST_CASE("cli: local-server takes its file and its key from options and environment", "[cli]") {
  CliProgram cli(QBATCH_CLI);
  const auto nothing = [](std::uint16_t) {};
  CHECK_THAT(serve(cli, {"--listen", "127.0.0.1:0"}, nothing).err,
             contains("using the file qbatch.db in this folder") && contains("(file qbatch.db)"));
  CHECK_THAT(serve(cli, {"--listen", "127.0.0.1:0", "--local", "a.db"}, nothing).err, contains("(file a.db)"));
  cli.environment = {"QBATCH_LOCAL=b.db", "QDRANT_URL=http://elsewhere:6333", "QBATCH_LOCAL_SERVER_KEY=key-1"};
  const auto kept = serve(cli, {"--listen", "localhost:0"}, [](std::uint16_t port) {
    CHECK(RawClient(port).ask(rawRequest("GET", "/collections")).value().status == 401);
    CHECK(RawClient(port).ask(rawRequest("GET", "/collections", "", "api-key: key-1\r\n")).value().status != 401);
  });
  CHECK_THAT(kept.err, contains("(file b.db)"));
  CHECK((kept.err + kept.out).find("key-1") == std::string::npos);
  CHECK(serve(cli, {"--listen", "0.0.0.0:0", "--api-key", "key-2"}, [](std::uint16_t port) {
          CHECK(RawClient(port).ask(rawRequest("GET", "/x", "", "api-key: key-1\r\n")).value().status == 401);
        }).exit == 0);
  cli.environment = {};
  CHECK(serve(cli, {"--listen", "0.0.0.0:0", "--allow-unprotected"}, nothing).exit == 0);
}

TEST_CASE("cli: local-server's wrong usage ends with 2 and says what to do", "[cli]") {
  struct Case {
    std::vector<std::string> words;
    std::string said;
  };
  const std::vector<Case> cases = {
      {{"--listen", "0.0.0.0:0"}, "--allow-unprotected"},
      {{"--listen", "6333"}, "\"6333\" is not HOST:PORT"},
      {{"--listen", "localhost:"}, "is not HOST:PORT"},
      {{"--listen", ":6333"}, "is not HOST:PORT"},
      {{"--listen", "localhost:65536"}, "is not HOST:PORT"},
      {{"--listen", "::1:6333"}, "is not HOST:PORT"},
      {{"--file", "a", "--local", "b"}, "--local and --file contradict each other"},
      {{"--url", "http://localhost"}, "--url: local-server puts a server in front of a file"},
      {{"--api-key", ""}, "--api-key: the key is empty"},
      {{"--file", ""}, "the file's name is empty"},
      {{"extra"}, "\"extra\" is one argument too many"},
  };
  const CliProgram cli(QBATCH_CLI);
  for (const auto& [words, said] : cases) {
    auto all = words;
    all.insert(all.begin(), "local-server");
    const auto result = cli.run(all);
    CAPTURE(result.err);
    CHECK(result.exit == 2);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, contains(said));
  }
}

TEST_CASE("cli: local-server ends with 3 where the address cannot be had", "[cli]") {
  const int taken = boundSocket(0);
  REQUIRE(::listen(taken, 1) == 0);
  const CliProgram cli(QBATCH_CLI);
  const auto result = cli.run({"local-server", "--file", ":memory:", "--listen", "127.0.0.1:" + std::to_string(portOf(taken))});
  ::close(taken);
  CHECK(result.exit == 3);
  CHECK_THAT(result.err, contains("cannot listen on 127.0.0.1:") && contains("choose another port"));
}

TEST_CASE("cli: local-server ends with 3 over a damaged file, says what to do and leaves it as it is", "[cli]") {
  const CliProgram cli(QBATCH_CLI);
  const auto fill = [](std::uint16_t port) {
    RawClient client(port);
    CHECK(client.ask(rawRequest("PUT", "/collections/c", R"({"vectors":{"size":2,"distance":"Dot"}})")).value().status == 200);
    std::string points;
    for (int i = 0; i < 500; ++i) {
      points += (i == 0 ? R"({"points":[{"id":)" : R"(,{"id":)") + std::to_string(i) + R"(,"vector":[1,2],"payload":{"text":")" +
                std::string(100, 'x') + "\"}}";
    }
    CHECK(client.ask(rawRequest("PUT", "/collections/c/points?wait=true", points + "]}")).value().status == 200);
  };
  REQUIRE(serve(cli, {"--listen", "127.0.0.1:0", "--file", "good.db"}, fill).exit == 0);
  const std::string good = cli.read("good.db");
  REQUIRE(good.size() > 20'000);
  std::string turned = good;
  turned[turned.size() / 2] = static_cast<char>(turned[turned.size() / 2] ^ 1);
  for (const std::string& damaged : {good.substr(0, good.size() - 4096), std::string(200, 'x') + good.substr(200), turned}) {
    cli.write("damaged.db", damaged);
    const auto result = cli.run({"local-server", "--listen", "127.0.0.1:0", "--file", "damaged.db"});
    CAPTURE(result.err);
    CHECK(result.exit == 3);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, contains("damaged.db") && contains("damaged") && contains("restore a copy") && contains("left as it"));
    CHECK(cli.read("damaged.db") == damaged);
  }
}
#else
TEST_CASE("cli: local-server says that it was left out of the build", "[cli]") {
  const auto result = CliProgram(QBATCH_CLI).run({"local-server"});
  CHECK(result.exit == 3);
  CHECK_THAT(result.err, contains("QBATCH_WITH_SERVE=ON"));
}
#endif
}  // namespace qbatch::test
#endif
