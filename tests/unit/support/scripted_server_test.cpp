#include "support/scripted_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <thread>

#include "support/catch.hpp"

using namespace qbatch::test;
using namespace std::chrono_literals;

namespace {

/// Writes and reads raw bytes.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { ::close(descriptor_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False where not all could be sent.
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish() const { ::shutdown(descriptor_, SHUT_WR); }
  /// So many bytes, or fewer where the connection ends before.
  std::string read(std::size_t size) {
    std::string got;
    char byte = 0;
    while (got.size() < size) {
      const auto count = ::recv(descriptor_, &byte, 1, 0);
      if (count < 0 && errno == ECONNRESET) wasReset = true;
      if (count <= 0) break;
      got += byte;
    }
    return got;
  }
  std::string readAll() { return read(static_cast<std::size_t>(-1)); }
  /// One answer with a Content-Length; returns its body.
  std::string answer() {
    std::string head;
    while (head.size() < 4 || head.substr(head.size() - 4) != "\r\n\r\n") {
      const auto byte = read(1);
      if (byte.empty()) return "no answer";
      head += byte;
    }
    status = head.substr(9, 3);
    const auto at = head.find("Content-Length: ");
    return read(std::stoul(head.substr(at + 16)));
  }

  bool connected = false, wasReset = false;
  std::string status;

 private:
  int descriptor_;
};

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"; }
std::string post(const std::string& path, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

HttpAnswer echo(const Exchange& exchange) { return {200, {}, exchange.method + " " + exchange.path + " " + exchange.body, false, {}}; }

}  // namespace

TEST_CASE("the tests' server answers, keeps connections and records what came") {
  ScriptedServer server(echo);
  RawClient client(server.port());
  REQUIRE(client.connected);
  REQUIRE(client.send(get("/a/b?wait=true&x=%41+b")));
  CHECK(client.answer() == "GET /a/b ");
  REQUIRE(client.send("PUT /c HTTP/1.1\r\nX-Key:  v 1 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\n\r\n"));
  CHECK(client.answer() == "PUT /c abcdefgh");
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].query.at("wait") == "true");
  CHECK(requests[0].query.at("x") == "A b");
  REQUIRE(requests[1].header("x-key") != nullptr);
  CHECK(*requests[1].header("x-key") == "v 1");
  CHECK(requests[1].connection == 0);
  CHECK(server.connections() == 1);
  CHECK(server.peakConnections() == 1);
  RawClient second(server.port());
  REQUIRE(second.send(post("/a/b", "x")));
  CHECK(second.answer() == "POST /a/b x");
  CHECK(server.count("POST /a/*") == 1);
  CHECK(server.count("GET /*/b") == 1);
  CHECK(server.count("GET /*") == 0);
  CHECK(server.peakConnections() == 2);
  CHECK(server.problems().empty());
}

TEST_CASE("the tests' server asks for a body that waits to be asked for") {
  ScriptedServer server(echo);
  RawClient client(server.port());
  REQUIRE(client.send("POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  CHECK(client.read(25) == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(client.send("ok"));
  CHECK(client.answer() == "POST /e ok");
}

TEST_CASE("the tests' server cuts connections where its script says") {
  std::atomic<int> handled = 0;
  ScriptedServer server([&](const Exchange& exchange) {
    ++handled;
    return echo(exchange);
  });
  HttpFault fault;
  const auto cut = GENERATE(Cut::close, Cut::reset);
  fault.cut = cut;
  RawClient idle(server.port());
  REQUIRE(idle.send(get("/first")));
  CHECK(idle.answer() == "GET /first ");
  handled = 0;

  SECTION("on accept") {
    server.next(cutOnAccept(cut));
    RawClient client(server.port());
    REQUIRE(client.connected);
    CHECK(client.readAll().empty());
    CHECK(client.wasReset == (cut == Cut::reset));
    CHECK(server.scriptLeft() == 0);
    CHECK(server.connections() == 2);
  }
  SECTION("where a request begins on an open connection") {
    server.next(cutOnAccept(cut));
    REQUIRE(idle.send(get("/")));
    CHECK(idle.readAll().empty());
    CHECK(handled == 0);
  }
  SECTION("in the head") {
    fault.readHead = 7;
    server.next(fault);
    REQUIRE(idle.send(get("/")));
    CHECK(idle.readAll().empty());
    CHECK(handled == 0);
    CHECK(server.requests().size() == 1);
  }
  SECTION("in the body") {
    fault.readBody = 3;
    server.next(fault);
    static_cast<void>(idle.send(post("/", "12345")));
    CHECK(idle.readAll().empty());
    CHECK(handled == 0);
    REQUIRE(server.requests().size() == 2);
    CHECK(server.requests()[1].body == "123");
    CHECK_FALSE(server.requests()[1].whole);
  }
  SECTION("in a chunked body") {
    fault.readBody = 4;
    server.next(fault);
    static_cast<void>(idle.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"));
    CHECK(idle.readAll().empty());
    CHECK(server.requests().at(1).body == "abcd");
    CHECK(handled == 0);
  }
  SECTION("when the request was handled") {
    server.next(handledThenCut(cut));
    REQUIRE(idle.send(post("/", "12345")));
    CHECK(idle.readAll().empty());
    CHECK(idle.wasReset == (cut == Cut::reset));
    CHECK(handled == 1);
  }
  SECTION("in the answer") {
    server.next(answeredInPart(10, cut));
    REQUIRE(idle.send(get("/")));
    const auto got = idle.readAll();
    CHECK(std::string("HTTP/1.1 2").substr(0, got.size()) == got);
    CHECK((cut == Cut::reset || got.size() == 10));  // a reset may overtake what was sent
    CHECK(handled == 1);
  }
  SECTION("behind the answer, which says so") {
    fault.lastAnswer = true;
    server.next(fault);
    REQUIRE(idle.send(get("/")));
    const auto got = idle.readAll();
    CHECK((cut == Cut::reset || got.find("Connection: close\r\n") != std::string::npos));
    CHECK(handled == 1);
  }
  RawClient after(server.port());
  REQUIRE(after.send(get("/after")));
  CHECK(after.answer() == "GET /after ");
}

TEST_CASE("the tests' server answers before the body where asked to") {
  ScriptedServer server(echo);
  HttpAnswer answer{413, {}, "too large", false, {}};
  answer.fault.skipBody = true;
  server.when(requestTo("PUT /big"), answer);
  RawClient client(server.port());
  REQUIRE(client.send("PUT /big HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n"));
  CHECK(client.answer() == "too large");
  CHECK(client.status == "413");
  CHECK(client.send(std::string(1'000'000, 'x')));  // read and thrown away
  CHECK(client.readAll().empty());
  CHECK_FALSE(client.wasReset);
  CHECK_FALSE(server.requests().at(0).whole);
}

TEST_CASE("the tests' server sends what is no answer, twice, byte by byte, in chunks, late") {
  ScriptedServer server(echo);
  RawClient client(server.port());
  HttpFault fault;
  SECTION("garbage") {
    fault.raw = "garbage";
    fault.cut = Cut::close;
    server.next(fault);
    REQUIRE(client.send(get("/")));
    CHECK(client.readAll() == "garbage");
  }
  SECTION("twice") {
    fault.copies = 2;
    server.next(fault);
    REQUIRE(client.send(get("/x")));
    CHECK(client.answer() == "GET /x ");
    CHECK(client.answer() == "GET /x ");
    CHECK(server.requests().size() == 1);
  }
  SECTION("byte by byte") {
    fault.trickle = 1ms;
    server.next(fault);
    REQUIRE(client.send(get("/x")));
    CHECK(client.answer() == "GET /x ");
  }
  SECTION("late") {
    server.next(answeredLate(5ms));
    REQUIRE(client.send(get("/x")));
    CHECK(client.answer() == "GET /x ");
  }
  SECTION("in chunks") {
    server.next(HttpAnswer{200, {}, std::string(1500, 'y'), true, {}});
    REQUIRE(client.send(get("/x")));
    client.finish();
    const auto got = client.readAll();
    CHECK(got.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
    CHECK(got.find("\r\n\r\n3e8\r\nyyy") != std::string::npos);
    CHECK(got.substr(got.size() - 7) == "\r\n0\r\n\r\n");
  }
}

TEST_CASE("the tests' server handles a request and answers something else") {
  std::atomic<int> handled = 0;
  ScriptedServer server([&](const Exchange& exchange) {
    ++handled;
    return echo(exchange);
  });
  RawClient client(server.port());
  server.script(
      {handledThenAnswered({500, {}, "later", false, {}}), HttpAnswer{503, {{"Retry-After", "1"}}, "no", false, {}}, HttpFault()});
  REQUIRE(client.send(get("/x")));
  CHECK(client.answer() == "later");
  CHECK(handled == 1);
  REQUIRE(client.send(get("/x")));
  CHECK(client.answer() == "no");
  CHECK(client.status == "503");
  CHECK(handled == 1);
  REQUIRE(client.send(get("/x")));
  CHECK(client.answer() == "GET /x ");
}

TEST_CASE("rules of the tests' server apply as often as they say") {
  ScriptedServer server(echo);
  RawClient client(server.port());
  server.when([](const Exchange& exchange) { return exchange.body == "bad"; }, HttpAnswer{400, {}, "refused", false, {}}, 2);
  for (const std::string expected : {"refused", "refused", "POST / bad"}) {
    REQUIRE(client.send(post("/", "good")));
    CHECK(client.answer() == "POST / good");
    REQUIRE(client.send(post("/", "bad")));
    CHECK(client.answer() == expected);
  }
  server.when(requestTo("POST /"), HttpAnswer{500, {}, "always", false, {}}, ScriptedServer::always);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(client.send(post("/", "")));
    CHECK(client.answer() == "always");
  }
  server.behave();
  REQUIRE(client.send(post("/", "bad")));
  CHECK(client.answer() == "POST / bad");
}

TEST_CASE("the tests' server stops at any time, and starts on the same port") {
  ScriptedServer server(echo);
  HttpFault fault;
  SECTION("idle") {}
  SECTION("while it keeps silent") { fault.silent = true; }
  SECTION("while it waits") { fault.delay = 1h; }
  SECTION("while it trickles") { fault.trickle = 1h; }
  SECTION("while it drains") { fault.skipBody = true; }
  server.next(fault);
  auto client = std::make_unique<RawClient>(server.port());
  REQUIRE(client->send(post("/", "body")));
  if (fault.trickle.count() > 0) CHECK(client->read(1) == "H");
  while (server.requests().empty()) std::this_thread::yield();
  const auto port = server.port();
  server.stop();
  client->readAll();
  CHECK_FALSE(RawClient(port).connected);
  server.start();
  CHECK(server.port() == port);
  RawClient again(port);
  REQUIRE(again.connected);
  REQUIRE(again.send(get("/again")));
  CHECK(again.answer() == "GET /again ");
}

TEST_CASE("the tests' server stops while a client sends without end and reads nothing") {
  ScriptedServer server([](const Exchange&) { return HttpAnswer{200, {}, std::string(50'000'000, 'z'), false, {}}; });
  RawClient reader(server.port());
  REQUIRE(reader.send(get("/")));
  RawClient sender(server.port());
  REQUIRE(sender.send("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\nabc"));
  while (server.requests().empty()) std::this_thread::yield();
  server.stop();
  CHECK(server.openConnections() == 0);
}

TEST_CASE("a handler that throws is a 500, and what is no HTTP is a problem") {
  ScriptedServer server([](const Exchange&) -> HttpAnswer { throw std::runtime_error("oops"); });
  RawClient client(server.port());
  REQUIRE(client.send(get("/")));
  CHECK(client.answer() == "oops");
  CHECK(client.status == "500");
  RawClient other(server.port());
  REQUIRE(other.send("hello\r\n\r\n"));
  CHECK(other.readAll().empty());
  CHECK(server.problems().size() == 2);
}

TEST_CASE("many clients of the tests' server at once") {
  ScriptedServer server(echo);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        RawClient client(server.port());
        const std::string body = std::to_string(i * 100 + round);
        if (client.send(post("/p", body)) && client.answer() == "POST /p " + body) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == 160);
  CHECK(server.count("POST /p") == 160);
  CHECK(server.connections() == 160);
  CHECK(server.peakConnections() >= 1);
}
