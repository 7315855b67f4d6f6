#include "http/curl_transport.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "exchanges.hpp"
#include "raw_server.hpp"
#include "support/catch.hpp"

// Connections: how they are kept and lost, and by which way they go.

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using http::Fault;
using Kind = Fault::Kind;

namespace {

RawServer::Script friendly() {
  return serveEach([](RawConnection& connection, const RawConnection::Request&) { connection.answer("fine"); });
}

/// Answers one request and closes at once, without having said so.
RawServer::Script fickle() {
  return [](RawConnection& connection) {
    if (connection.readRequest()) connection.answer("fine");
  };
}

/// A port at which nobody listens.
unsigned freePort() {
  const RawServer server([](RawConnection&) {});
  return server.port();
}

}  // namespace

TEST_CASE("a connection is used again") {
  RawServer server(friendly());
  const auto transport = http::makeCurlTransport({});
  for (int i = 0; i < 20; ++i) CHECK(get(*transport, server.url()).status == 200);
  CHECK(server.connections() == 1);
}

TEST_CASE("no connection is used twice where they are not to be kept") {
  RawServer server(friendly());
  const auto transport = http::makeCurlTransport({.keepAlive = 0ms});
  for (int i = 0; i < 3; ++i) CHECK(get(*transport, server.url()).status == 200);
  CHECK(server.connections() == 3);
}

TEST_CASE("an old idle connection is not used again") {
  RawServer server(friendly());
  const auto transport = http::makeCurlTransport({.keepAlive = 1000ms});
  CHECK(get(*transport, server.url()).status == 200);
  std::this_thread::sleep_for(2050ms);  // libcurl counts whole seconds: 2 at least
  CHECK(get(*transport, server.url()).status == 200);
  CHECK(server.connections() == 2);
}

TEST_CASE("connections that the server closes between requests cost nothing") {
  RawServer server(fickle());
  const auto transport = http::makeCurlTransport({});
  for (int i = 0; i < 50; ++i) {
    const auto response = exchange(*transport, sending("PUT", server.url(), std::string(i % 2 == 0 ? 10 : 200000, 'x')));
    CHECK(response.fault.message == "");
    CHECK(response.body == "fine");
    REQUIRE(eventually([&] { return server.open() == 0; }));
  }
  CHECK(server.connections() == 50);
}

TEST_CASE("a request whose connection dies under it is not sent a second time, however often that happens") {
  std::atomic<int> copies = 0;
  // Reads the second request of each connection and closes then, which no look at an idle connection can foresee.
  RawServer server([&](RawConnection& connection) {
    if (!connection.readRequest()) return;
    ++copies;
    connection.answer("fine");
    if (connection.readRequest()) ++copies;
  });
  const auto transport = http::makeCurlTransport({});
  constexpr int rounds = 12;
  for (int i = 0; i < rounds; ++i) {
    CHECK(exchange(*transport, sending("PUT", server.url(), "body")).fault.message == "");
    const auto fault = exchange(*transport, sending("PUT", server.url(), "body")).fault;
    CHECK(fault.kind == Kind::reset);
    CHECK(fault.message == "127.0.0.1:" + std::to_string(server.port()) + " closed the connection without an answer");
    CHECK(fault.connected);
    CHECK(fault.mayHaveArrived);
    CHECK_FALSE(fault.whileSending);
  }
  CHECK(copies == 2 * rounds);
}

TEST_CASE("nobody listens") {
  const auto transport = http::makeCurlTransport({});
  const auto port = std::to_string(freePort());
  const auto response = exchange(*transport, sending("PUT", "http://127.0.0.1:" + port + "/x", "body"));
  CHECK(response.fault.kind == Kind::connect);
  CHECK(response.fault.message == "could not connect to 127.0.0.1:" + port + ": connection refused; is a server running there?");
  CHECK_FALSE(response.fault.connected);
  CHECK_FALSE(response.fault.mayHaveArrived);
  CHECK_FALSE(response.fault.whileSending);
  CHECK(response.status == 0);
  CHECK(response.bytesSent == 0);
}

TEST_CASE("a name that does not exist") {
  const Variable none("http_proxy", "");
  const auto transport = http::makeCurlTransport({});
  const auto response = get(*transport, "http://no-such-host.invalid:6333/");
  CHECK(response.fault.kind == Kind::resolve);
  CHECK(response.fault.message == "the name `no-such-host.invalid` could not be resolved; check the URL");
  CHECK_FALSE(response.fault.connected);
  CHECK_FALSE(response.fault.mayHaveArrived);
}

TEST_CASE("the server closes") {
  const auto transport = http::makeCurlTransport({});
  const auto faultOf = [&](RawServer::Script script, std::string body) {
    const RawServer server(std::move(script));
    return exchange(*transport, sending("PUT", server.url(), std::move(body)));
  };
  SECTION("without an answer") {
    const auto response = faultOf([](RawConnection& connection) { (void)connection.readRequest(); }, "body");
    CHECK(response.fault.kind == Kind::reset);
    CHECK(response.fault.message.find("closed the connection without an answer") != std::string::npos);
    CHECK(response.fault.mayHaveArrived);
    CHECK_FALSE(response.fault.whileSending);
  }
  SECTION("by a reset, without an answer") {
    const auto response = faultOf(
        [](RawConnection& connection) {
          (void)connection.readRequest();
          connection.reset();
        },
        "body");
    CHECK(response.fault.kind == Kind::reset);
    CHECK(response.fault.connected);
    CHECK(response.fault.mayHaveArrived);
  }
  SECTION("within the head") {
    const std::vector<std::string> heads = {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nX: 1\r\n",
                                            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1."};
    for (const auto& head : heads) {
      INFO(head);
      const auto response = faultOf(
          [&](RawConnection& connection) {
            (void)connection.readRequest();
            connection.send(head);
          },
          "body");
      CHECK(response.fault.kind == Kind::reset);
      CHECK(response.fault.mayHaveArrived);
    }
  }
  SECTION("within the body") {
    const auto response = faultOf(
        [](RawConnection& connection) {
          (void)connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        },
        "body");
    CHECK(response.fault.kind == Kind::reset);
    CHECK(response.fault.message.find("(status 200) was cut short") != std::string::npos);
    CHECK(response.fault.message.find("96 bytes remaining") != std::string::npos);
    CHECK(response.status == 200);
  }
  SECTION("within the pieces of a body") {
    const auto response = faultOf(
        [](RawConnection& connection) {
          (void)connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        },
        "body");
    CHECK(response.fault.kind == Kind::reset);
  }
  SECTION("by a reset after the head") {
    const auto response = faultOf(
        [](RawConnection& connection) {
          (void)connection.readRequest();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
          connection.reset();
        },
        "body");
    CHECK(response.fault.kind == Kind::reset);
    CHECK(response.fault.mayHaveArrived);
  }
  SECTION("in the middle of the request's body") {
    const auto response = faultOf(
        [](RawConnection& connection) {
          (void)connection.readHead();
          (void)connection.readBytes(1u << 20);
          connection.reset();
        },
        std::string(64u << 20, 'x'));
    CHECK(response.fault.kind == Kind::reset);
    CHECK(response.fault.connected);
    CHECK(response.fault.mayHaveArrived);
    CHECK(response.fault.whileSending);
    CHECK(response.fault.message.find("of 67108864 bytes of the body had left") != std::string::npos);
    CHECK(response.bytesSent >= 1u << 20);
    CHECK(response.bytesSent < 64u << 20);
  }
}

TEST_CASE("what is not HTTP is a fault of the protocol") {
  for (const std::string garbage :
       {"SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01\x00\x02\x02\x46", "<html>hello</html>", "HTTP/9.9 what\r\n\r\n"}) {
    INFO(garbage);
    const RawServer server([&](RawConnection& connection) {
      (void)connection.readRequest();
      connection.send(garbage);
    });
    const auto transport = http::makeCurlTransport({});
    const auto response = get(*transport, server.url());
    CHECK(response.fault.kind == Kind::protocol);
    CHECK(response.fault.message.find("127.0.0.1:" + std::to_string(server.port())) != std::string::npos);
    CHECK(response.fault.mayHaveArrived);
  }
}

TEST_CASE("a damaged length is a fault") {
  for (const std::string head : {"Content-Length: x\r\n", "Content-Length: -5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    INFO(head);
    const RawServer server([&](RawConnection& connection) {
      (void)connection.readRequest();
      connection.send("HTTP/1.1 200 OK\r\n" + head + "\r\nzz\r\nhello");
    });
    const auto transport = http::makeCurlTransport({});
    CHECK(get(*transport, server.url()).fault.kind != Kind::none);
  }
}

TEST_CASE("an answer that comes before the whole request was sent is the answer") {
  const RawServer server([](RawConnection& connection) {
    if (!connection.readHead()) return;
    connection.answer("too big", "413 Payload Too Large", "Connection: close\r\n");
    connection.waitForEnd();
  });
  const auto transport = http::makeCurlTransport({});
  const auto response = exchange(*transport, sending("PUT", server.url(), std::string(64u << 20, 'x')));
  CHECK(response.fault.message == "");
  CHECK(response.status == 413);
  CHECK(response.body == "too big");
  CHECK(response.bytesSent < 64u << 20);
  // What is left of the body must not be taken for the next request.
  CHECK(exchange(*transport, sending("PUT", server.url(), "small")).status == 413);
  CHECK(server.connections() == 2);
}

TEST_CASE("an early answer before a reset is the answer, or the reset is told as one while sending") {
  const RawServer server([](RawConnection& connection) {
    if (!connection.readHead()) return;
    connection.answer("too big", "413 Payload Too Large", "Connection: close\r\n");
    connection.reset();
  });
  const auto transport = http::makeCurlTransport({});
  for (int i = 0; i < 20; ++i) {
    const auto response = exchange(*transport, sending("PUT", server.url(), std::string(16u << 20, 'x')));
    const bool answered = response.fault.kind == Kind::none && response.status == 413 && response.body == "too big";
    const bool told = response.fault.kind == Kind::reset && response.fault.whileSending && response.fault.mayHaveArrived;
    CHECK((answered || told));
  }
}

TEST_CASE("a proxy is used where one is given, and never for this machine") {
  RawServer proxy(serveEach(
      [](RawConnection& connection, const RawConnection::Request& request) { connection.answer("by proxy: " + request.line()); }));
  RawServer server(friendly());
  SECTION("by option") {
    const auto transport = http::makeCurlTransport({.proxy = proxy.url("")});
    CHECK(get(*transport, "http://qdrant.invalid:6333/x").body == "by proxy: GET http://qdrant.invalid:6333/x");
    CHECK(get(*transport, server.url()).body == "fine");
    CHECK(get(*transport, server.url("/", "localhost")).body == "fine");
  }
  SECTION("by the environment") {
    const Variable variable("http_proxy", proxy.url("")), other("no_proxy", "direct.invalid");
    const auto transport = http::makeCurlTransport({});
    CHECK(get(*transport, "http://qdrant.invalid:6333/x").body == "by proxy: GET http://qdrant.invalid:6333/x");
    CHECK(get(*transport, "http://direct.invalid:6333/x").fault.kind == Kind::resolve);
    CHECK(get(*transport, server.url()).body == "fine");
    CHECK(get(*transport, server.url("/", "localhost")).body == "fine");
  }
  SECTION("by option, whatever the environment excepts") {
    const Variable variable("no_proxy", "*");
    const auto transport = http::makeCurlTransport({.proxy = proxy.url("")});
    CHECK(get(*transport, "http://qdrant.invalid/").body == "by proxy: GET http://qdrant.invalid/");
  }
}

TEST_CASE("a proxy's failures name the proxy") {
  SECTION("nobody listens") {
    const auto transport = http::makeCurlTransport({.proxy = "http://me:secret@127.0.0.1:" + std::to_string(freePort())});
    const auto fault = get(*transport, "http://qdrant.invalid/").fault;
    CHECK(fault.kind == Kind::connect);
    CHECK(fault.message.starts_with("could not connect to the proxy for qdrant.invalid:80: "));
    CHECK(fault.message.find("secret") == std::string::npos);
    CHECK_FALSE(fault.connected);
  }
  SECTION("it lets nobody through") {
    RawServer proxy(serveEach([](RawConnection& connection, const RawConnection::Request&) { connection.answer("no", "403 Forbidden"); }));
    const auto transport = http::makeCurlTransport({.proxy = proxy.url("")});
    const auto fault = exchange(*transport, sending("PUT", "https://qdrant.invalid/", "x")).fault;
    CHECK(fault.kind == Kind::connect);
    CHECK(fault.message.starts_with("the proxy made no connection to qdrant.invalid:443: "));
    CHECK_FALSE(fault.connected);
    CHECK_FALSE(fault.mayHaveArrived);
  }
}
