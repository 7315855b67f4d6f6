#include "http/curl_exchange.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "exchanges.hpp"
#include "raw_server.hpp"
#include "support/catch.hpp"

// What one exchange puts on the wire and takes from it, through the transport that drives it.

using namespace qbatch;
using namespace qbatch::test;
using http::Fault;

namespace {

struct Recorder {
  std::mutex lock;
  std::vector<RawConnection::Request> requests;
  RawServer server{serveEach([this](RawConnection& connection, const RawConnection::Request& request) {
    {
      const std::lock_guard guard(lock);
      requests.push_back(request);
    }
    connection.answer(request.head.starts_with("HEAD ") ? "" : "fine");
  })};
  bool empty() {
    const std::lock_guard guard(lock);
    return requests.empty();
  }
  RawConnection::Request last() {
    const std::lock_guard guard(lock);
    return requests.back();
  }
};

/// A gzip file whose one block is stored as it is, which needs no compressor. At most 65535 bytes.
std::string gzipOf(const std::string& text) {
  std::uint32_t crc = 0xffffffffu;
  for (const char letter : text) {
    crc ^= static_cast<unsigned char>(letter);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xedb88320u : 0u);
  }
  crc = ~crc;
  const auto little = [](std::uint32_t value, int bytes) {
    std::string result;
    for (int i = 0; i < bytes; ++i) result += static_cast<char>(value >> (8 * i));
    return result;
  };
  const auto size = static_cast<std::uint32_t>(text.size());
  return std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + '\x01' + little(size, 2) + little(~size, 2) + text + little(crc, 4) +
         little(size, 4);
}

std::string patternOf(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 2654435761u >> 13) % 26);
  return text;
}

}  // namespace

TEST_CASE("a request is sent as it was given") {
  Recorder recorder;
  const auto transport = http::makeCurlTransport({});
  SECTION("GET") {
    const auto response = get(*transport, recorder.server.url("/collections?x=1"));
    CHECK(response.status == 200);
    CHECK(response.body == "fine");
    CHECK(response.fault.kind == Fault::Kind::none);
    CHECK(response.fault.message.empty());
    const auto request = recorder.last();
    CHECK(request.line() == "GET /collections?x=1");
    CHECK(request.header("host") == "127.0.0.1:" + std::to_string(recorder.server.port()));
    CHECK(request.header("user-agent") == "qbatch/0.1.0");
    CHECK(request.header("accept-encoding").empty());
    CHECK(request.header("content-length").empty());
    CHECK(request.header("content-type").empty());
    CHECK(response.bytesSent == request.head.size());
    CHECK(response.bytesReceived == std::string("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine").size());
  }
  SECTION("methods with a body") {
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE", "GET"}) {
      auto given = sending(method, recorder.server.url("/a/../b/%2F"), R"({"points":[]})");
      given.headers = {{"Content-Type", "application/json"}, {"api-key", "secret"}, {"X-Empty", ""}};
      const auto response = exchange(*transport, std::move(given));
      CHECK(response.status == 200);
      const auto request = recorder.last();
      CHECK(request.line() == method + " /a/../b/%2F");
      CHECK(request.body == R"({"points":[]})");
      CHECK(request.header("content-type") == "application/json");
      CHECK(request.header("api-key") == "secret");
      CHECK(request.head.find("\r\nX-Empty:\r\n") != std::string::npos);
      CHECK(request.header("expect").empty());
      CHECK(response.bytesSent == request.head.size() + request.body.size());
    }
  }
  SECTION("methods without a body") {
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
      http::Request given;
      given.method = method;
      given.url = recorder.server.url();
      CHECK(exchange(*transport, std::move(given)).status == 200);
      const auto request = recorder.last();
      CHECK(request.line() == method + " /");
      CHECK(request.body.empty());
      const bool sends = method[0] == 'P';
      CHECK(request.header("content-length") == (sends ? "0" : ""));
      CHECK(request.header("content-type").empty());
    }
  }
  SECTION("another user agent") {
    const auto other = http::makeCurlTransport({.userAgent = "my program/7"});
    CHECK(get(*other, recorder.server.url()).status == 200);
    CHECK(recorder.last().header("user-agent") == "my program/7");
  }
}

TEST_CASE("handles are used again without traces of the exchange before") {
  Recorder recorder;
  const auto transport = http::makeCurlTransport({});
  const std::vector<std::string> methods = {"PUT", "GET", "HEAD", "POST", "DELETE", "HEAD", "GET", "PATCH", "GET"};
  for (const auto& method : methods) {
    http::Request given = method[0] == 'P' ? sending(method, recorder.server.url(), "body of " + method) : http::Request();
    given.method = method;
    given.url = recorder.server.url("/" + method);
    if (method == "PUT") given.headers = {{"X-Once", "1"}};
    const auto response = exchange(*transport, std::move(given));
    CHECK(response.status == 200);
    CHECK(response.body == (method == "HEAD" ? "" : "fine"));
    const auto request = recorder.last();
    CHECK(request.line() == method + " /" + method);
    CHECK(request.body == (method[0] == 'P' ? "body of " + method : ""));
    CHECK(request.header("x-once") == (method == "PUT" ? "1" : ""));
  }
  CHECK(recorder.server.connections() == 1);
}

TEST_CASE("bodies of megabytes go both ways") {
  RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request& request) { connection.answer(request.body); }));
  const auto transport = http::makeCurlTransport({});
  for (const std::size_t size : {std::size_t{1}, std::size_t{65535}, std::size_t{65536}, std::size_t{400000}, std::size_t{9} << 20}) {
    auto request = sending("PUT", server.url(), patternOf(size));
    const auto body = request.body;
    const auto response = exchange(*transport, std::move(request));
    CHECK(response.fault.message == "");
    CHECK((response.body == *body));
    CHECK(response.body.capacity() >= response.body.size() + 64);
    CHECK(response.bytesSent > size);
    CHECK(response.bytesSent < size + 500);
    CHECK(response.bytesReceived > size);
    CHECK(body.use_count() == 1);  // let go of before `done`
  }
}

TEST_CASE("answers of every shape are understood") {
  Shared<std::string> shape;
  RawServer server(serveEach([&](RawConnection& connection, const RawConnection::Request&) {
    const auto answer = shape.get();
    connection.send(answer);
    if (answer.find("Content-Length") == std::string::npos && answer.find("chunked") == std::string::npos) connection.close();
  }));
  const auto transport = http::makeCurlTransport({});
  const auto given = [&](std::string text) {
    shape.set(std::move(text));
    auto response = get(*transport, server.url());
    CHECK(response.fault.message == "");
    CHECK(response.body.capacity() >= response.body.size() + 64);
    return response;
  };
  SECTION("chunked") {
    const auto response =
        given("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n \r\n5\r\nworld\r\n0\r\nTrailer: t\r\n\r\n");
    CHECK(response.body == "hello world");
  }
  SECTION("until the connection ends") { CHECK(given("HTTP/1.1 200 OK\r\n\r\nall there is").body == "all there is"); }
  SECTION("HTTP/1.0") { CHECK(given("HTTP/1.0 200 OK\r\n\r\nold").body == "old"); }
  SECTION("no body") {
    const auto response = given("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    CHECK(response.status == 200);
    CHECK(response.body.empty());
  }
  SECTION("an interim answer before") {
    const auto response =
        given("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 201 Created\r\nX-Real: 2\r\nContent-Length: 2\r\n\r\nok");
    CHECK(response.status == 201);
    CHECK(headerOf(response, "x-interim").empty());
    CHECK(headerOf(response, "x-real") == "2");
  }
  SECTION("errors are answers") {
    const auto response = given("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nslow");
    CHECK(response.status == 429);
    CHECK(headerOf(response, "retry-after") == "7");
    CHECK(response.body == "slow");
  }
  SECTION("redirects are answers") {
    const auto response = given("HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n");
    CHECK(response.status == 307);
    CHECK(headerOf(response, "location") == "http://127.0.0.1:1/x");
    CHECK(server.connections() == 1);
  }
}

TEST_CASE("compressed answers are asked for where the server is another machine") {
  std::atomic<bool> asked = false;
  Shared<std::string> line;
  RawServer server(serveEach([&](RawConnection& connection, const RawConnection::Request& request) {
    asked = request.header("accept-encoding") == "gzip";
    line.set(request.line());
    connection.answer(gzipOf("unpacked text"), "200 OK", "Content-Encoding: gzip\r\n");
  }));
  const auto transport = http::makeCurlTransport({.proxy = server.url("")});
  const auto response = get(*transport, "http://qdrant.invalid:6333/x");
  CHECK(response.fault.message == "");
  CHECK(asked);
  CHECK(line.get() == "GET http://qdrant.invalid:6333/x");
  CHECK(response.body == "unpacked text");
  SECTION("what is unpacked counts against the limit") {
    http::Request request;
    request.url = "http://qdrant.invalid:6333/x";
    request.maxResponseBytes = 12;
    CHECK(exchange(*transport, std::move(request)).fault.kind == Fault::Kind::tooLarge);
  }
  SECTION("not on this machine") {
    const auto direct = http::makeCurlTransport({});
    CHECK(get(*direct, server.url()).status == 200);
    CHECK_FALSE(asked);
  }
}

TEST_CASE("an answer that is too long is refused") {
  Shared<std::string> head;
  RawServer server(serveEach([&](RawConnection& connection, const RawConnection::Request&) {
    connection.send(head.get());
    const std::string piece = "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    while (connection.send(piece)) {
    }
    connection.close();
  }));
  const auto transport = http::makeCurlTransport({});
  http::Request request;
  request.url = server.url();
  request.maxResponseBytes = 1000000;
  SECTION("endless pieces") { head.set("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"); }
  SECTION("announced") { head.set("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"); }
  const auto response = exchange(*transport, std::move(request));
  CHECK(response.fault.kind == Fault::Kind::tooLarge);
  CHECK(response.fault.message == "the answer of 127.0.0.1:" + std::to_string(server.port()) + " is longer than the 1000000 bytes allowed");
  CHECK(response.fault.connected);
  CHECK(response.fault.mayHaveArrived);
  CHECK_FALSE(response.fault.whileSending);
  CHECK(response.status == 200);
  CHECK(response.body.empty());
}

TEST_CASE("an answer as long as allowed is taken") {
  RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request&) { connection.answer(std::string(1000, 'x')); }));
  const auto transport = http::makeCurlTransport({});
  http::Request request;
  request.url = server.url();
  request.maxResponseBytes = 1000;
  CHECK(exchange(*transport, request).body.size() == 1000);
  request.maxResponseBytes = 999;
  CHECK(exchange(*transport, request).fault.kind == Fault::Kind::tooLarge);
}

TEST_CASE("an endless head is refused") {
  RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request&) {
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.send("X-More: " + std::string(1000, 'y') + "\r\n")) {
    }
    connection.close();
  }));
  const auto transport = http::makeCurlTransport({});
  const auto response = get(*transport, server.url());
  CHECK(response.fault.kind == Fault::Kind::tooLarge);
  CHECK(response.fault.message.find("answer's head") != std::string::npos);
}

TEST_CASE("what cannot be sent is a fault before anything is sent") {
  Recorder recorder;
  const auto transport = http::makeCurlTransport({});
  http::Request request;
  request.url = recorder.server.url();
  std::string words;
  SECTION("a key with a line break") {
    request.headers = {{"api-key", "secret\n"}};
    words = "the header api-key";
  }
  SECTION("a header's name") {
    request.headers = {{"bad name", "x"}};
    words = "`bad name`";
  }
  SECTION("a method") {
    request.method = "GET /";
    words = "`GET /`";
  }
  SECTION("an empty method") {
    request.method = "";
    words = "no HTTP method";
  }
  SECTION("no URL") {
    request.url = "";
    words = "the URL is empty";
  }
  SECTION("another scheme") {
    request.url = "file:///etc/passwd";
    words = "another scheme";
  }
  SECTION("a password in the URL") {
    request.url = "http://me:secret@127.0.0.1/";
    words = "user name or a password";
  }
  const auto response = exchange(*transport, std::move(request));
  CHECK(response.fault.kind == Fault::Kind::protocol);
  CHECK(response.fault.message.find(words) != std::string::npos);
  CHECK(response.fault.message.find("secret") == std::string::npos);
  CHECK_FALSE(response.fault.connected);
  CHECK_FALSE(response.fault.mayHaveArrived);
  CHECK(response.status == 0);
  CHECK(recorder.empty());
}
