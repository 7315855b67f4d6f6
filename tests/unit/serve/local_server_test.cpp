#include "qbatch/local_server.hpp"

#include <type_traits>

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/raw_client.hpp"
#include "support/scratch_folder.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::test;

static_assert(std::is_aggregate_v<LocalServerOptions>);
static_assert(std::is_nothrow_move_constructible_v<LocalServer> && !std::is_copy_constructible_v<LocalServer>);
static_assert(!std::is_convertible_v<LocalServerOptions, LocalServer>);

TEST_CASE("local server: a store in memory on a free port", "[serve]") {
  LocalServer server;
  CHECK(server.url() == "http://127.0.0.1:" + std::to_string(server.port()));
  CHECK(RawClient(server.port()).ask(rawRequest("GET", "/healthz")).value().body == "healthz check passed");
  const LocalServer other;
  CHECK(other.port() != server.port());
  LocalServer moved = std::move(server);
  CHECK(RawClient(moved.port()).ask(rawRequest("GET", "/healthz")).value().status == 200);
  moved.stop();
  CHECK_THROWS(RawClient(moved.port()));
  moved.stop();
  CHECK(moved.url() == "http://127.0.0.1:" + std::to_string(moved.port()));
}

TEST_CASE("local server: options are carried through", "[serve]") {
  const LocalServer server({.apiKey = "k", .maxRequestBytes = 10});
  auto client = RawClient(server.port());
  CHECK(client.ask(rawRequest("GET", "/collections")).value().status == 401);
  CHECK_THAT(client.ask(rawRequest("PUT", "/x", "12345678901", "api-key: k\r\n")).value().body, contains("(limit: 10 bytes)"));
}

TEST_CASE("local server: what cannot work is refused before any file is made", "[serve]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "store.db";
  CHECK_THROWS_AS(LocalServer({.file = file.string(), .host = "0.0.0.0"}), ConfigError);
  CHECK_THROWS_AS(LocalServer({.file = file.string(), .maxConnections = 0}), ConfigError);
  const LocalServer first;
  CHECK_THROWS_AS(LocalServer({.file = file.string(), .port = first.port()}), RequestError);
  CHECK_FALSE(std::filesystem::exists(file));
  try {
    const LocalServer server({.file = "", .host = "", .threads = 100'000});
    FAIL("accepted");
  } catch (const ConfigError& error) {
    CHECK(error.problems().size() == 3);
  }
}
