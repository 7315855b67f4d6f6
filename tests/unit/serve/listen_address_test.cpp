#include "serve/listen_address.hpp"

#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::serve;
using qbatch::test::contains;

TEST_CASE("listen address: URLs for programs on this machine", "[serve]") {
  CHECK(urlOf("127.0.0.1", 6333) == "http://127.0.0.1:6333");
  CHECK(urlOf("localhost", 1) == "http://localhost:1");
  CHECK(urlOf("::1", 1) == "http://[::1]:1");
  CHECK(urlOf("[::1]", 1) == "http://[::1]:1");
  CHECK(urlOf("0.0.0.0", 1) == "http://127.0.0.1:1");
  CHECK(urlOf("::", 1) == "http://[::1]:1");
  CHECK(plainHost("[::1]") == "::1");
  CHECK(plainHost("[]") == "[]");
}

TEST_CASE("listen address: other machines need a key, or to be allowed", "[serve]") {
  boost::asio::io_context io;
  try {
    listenAt(io, {.host = "0.0.0.0"});
    FAIL("listens for all without a key");
  } catch (const qbatch::ConfigError& error) {
    CHECK_THAT(error.what(), contains("host: ") && contains("0.0.0.0") && contains("allowUnprotected") && contains("apiKey"));
  }
  CHECK(listenAt(io, {.host = "0.0.0.0", .apiKey = "k"}).is_open());
  CHECK(listenAt(io, {.host = "0.0.0.0", .allowUnprotected = true}).is_open());
  CHECK(listenAt(io, {.host = "127.8.8.8"}).is_open());
  CHECK(listenAt(io, {.host = "localhost"}).is_open());
}

TEST_CASE("listen address: what cannot be had is named, with what to do", "[serve]") {
  boost::asio::io_context io;
  // An address of the documentation's network, which no machine has.
  try {
    listenAt(io, {.host = "192.0.2.1", .apiKey = "k"});
    FAIL("listens on a foreign address");
  } catch (const qbatch::RequestError& error) {
    CHECK(error.error().code() == qbatch::Errc::unavailable);
    CHECK_THAT(error.what(), contains("cannot listen on 192.0.2.1:0") && contains("check host and port"));
  }
  CHECK_THROWS_AS(listenAt(io, {.host = "no such host", .apiKey = "k"}), qbatch::RequestError);
}
