#ifdef QBATCH_WITH_SERVE
#include <string>
#include <vector>

#include "qbatch/local_server.hpp"
#include "support/catch.hpp"
#include "support/raw_client.hpp"

// Bad requests at HTTP's own level. Each is answered with an error or ends its connection, in bounded time, and the server lives on.
namespace qbatch::test {
namespace {

const std::string host = "Host: localhost\r\n";

std::string get(const std::string& headers) { return "GET /x HTTP/1.1\r\n" + headers + "\r\n"; }
std::string put(const std::string& headers, const std::string& body = "") { return "PUT /x HTTP/1.1\r\n" + host + headers + "\r\n" + body; }
std::string chunked(const std::string& body) { return put("Transfer-Encoding: chunked\r\n", body); }

std::vector<std::string> badFirstLines() {
  std::vector<std::string> result;
  for (const std::string line : {"",
                                 " ",
                                 "GET",
                                 "GET ",
                                 "GET /",
                                 "GET  / HTTP/1.1",
                                 "GET / HTTP/1.1 ",
                                 "GET / HTTP/1.1 x",
                                 "GET / HTTP/2.0",
                                 "GET / HTTP/0.9",
                                 "GET / HTTP/1.2",
                                 "GET / HTTP/1",
                                 "GET / HTTP/11.1",
                                 "GET / http/1.1",
                                 "GET / HTTPS/1.1",
                                 "GET / XTTP/1.1",
                                 "/ GET HTTP/1.1",
                                 " GET / HTTP/1.1",
                                 "GET\t/\tHTTP/1.1",
                                 "G\x01T / HTTP/1.1",
                                 "GET /\x01 HTTP/1.1",
                                 "GET /a b HTTP/1.1",
                                 "GET x HTTP/1.1",
                                 "GET * HTTP/1.1",
                                 "CONNECT localhost:80 HTTP/1.1",
                                 "GE(T / HTTP/1.1",
                                 "\xff\xfe / HTTP/1.1",
                                 "{\"vector\":[1]}",
                                 "PRI * HTTP/2.0",
                                 "\x16\x03\x01\x02",
                                 "GET / HTTP/-1.1",
                                 "GET / HTTP/1.\xb2",
                                 "HTTP/1.1 200 OK",
                                 "<html>"}) {
    result.push_back(line + "\r\n" + host + "\r\n");
  }
  result.push_back(std::string("GET /\0 HTTP/1.1\r\n", 17) + host + "\r\n");
  result.push_back(std::string(64, '\0'));
  result.push_back("GET / HTTP/1.1\n" + host + "\r\n\r\n");
  result.push_back("GET / HTTP/1.1\r" + host + "\r\n");
  return result;
}

std::vector<std::string> badHeaders() {
  std::vector<std::string> result = {
      get(""),                                    // no Host
      get(host + host),                           // two
      get("Host: evil.example\r\n"),              // somebody else's
      get("Host: localhost@evil.example\r\n"),    //
      get("Host:\r\n"),                           //
      get("Host : localhost\r\n"),                // a space before the colon
      get(host + "NoColon\r\n"),                  //
      get(host + ": no name\r\n"),                //
      get(host + "Bad Name: x\r\n"),              //
      get(host + "Bad\x01Name: x\r\n"),           //
      get(host + "X: a\x01" + "b\r\n"),           //
      get(host + std::string("X: a\0b\r\n", 8)),  //
      get(host + "X: a\rb\r\n"),                  // a bare CR
      get(host + "X\xc3\xa4: y\r\n"),             //
      get(host + "X: " + std::string(40'000, 'x') + "\r\n"),
      get(host + "Connection: ,;=\x7f\r\n"),
      get(host + "Expect: something\r\n"),
      "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
  };
  std::string many = host;
  for (int i = 0; i < 5000; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  result.push_back(get(many));
  return result;
}

std::vector<std::string> badBodies() {
  std::vector<std::string> result;
  for (const std::string length : {"-1", "+1", "abc", "0x10", "1.5", "1e3", "99999999999999999999999", "18446744073709551616", "4294967296",
                                   "1 1", "1,1", "1, 2", "", ",", "5;", "33554433"}) {
    result.push_back(put("Content-Length: " + length + "\r\n", "x"));
  }
  for (const std::string body : {"zz\r\n", "-1\r\n", "\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\r\nhelloworld\r\n0\r\n\r\n", "5\nhello\r\n",
                                 "fffffffffffffffff\r\n", "ffffffffffffffff\r\nx", "5;\x01\r\nhello", "5 5\r\nhello", "2000001\r\nx"}) {
    result.push_back(chunked(body));
  }
  result.push_back(put("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"));
  result.push_back(put("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"));
  result.push_back(put("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  result.push_back(put("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"));
  result.push_back(put("Transfer-Encoding: gzip\r\n", "x"));
  result.push_back(put("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"));
  result.push_back(put("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"));
  result.push_back(put("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"));
  result.push_back("PUT /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  result.push_back(put("Content-Encoding: gzip\r\nContent-Length: 4\r\n", "abcd"));
  result.push_back(put("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "\x1f\x8b\x08"));
  result.push_back(put("Content-Encoding: br\r\nContent-Length: 4\r\n", "abcd"));
  result.push_back(put("Content-Length: 2\r\nOrigin: http://evil.example\r\n", "{}"));
  return result;
}

std::vector<std::string> cutRequests() {
  const std::string whole = put("Content-Length: 20\r\n", "only a part");
  std::vector<std::string> result;
  for (std::size_t length = 1; length < whole.size(); length += 9) result.push_back(whole.substr(0, length));
  result.push_back(chunked("5\r\nhel"));
  result.push_back(chunked("5\r\nhello\r\n0\r\n"));
  return result;
}

/// The bytes where they were not borne; "" where all is well.
bool borne(std::uint16_t port, const std::string& bytes, bool cut) {
  RawClient client(port);
  client.send(bytes);
  if (cut) client.finishSending();
  const auto answer = client.answer(bytes.starts_with("HEAD "));
  if (answer) return answer->status >= 400 && answer->status < 600;
  return client.closedByServer();
}

std::string shown(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes.substr(0, 120))
    text += byte >= ' ' && byte < 127 ? std::string(1, byte) : "<" + std::to_string(byte & 255) + ">";
  return text;
}

void checkAll(const std::vector<std::string>& requests, bool cut) {
  const LocalServer server({.requestTimeout = std::chrono::milliseconds(100), .idleTimeout = std::chrono::milliseconds(100)});
  for (const auto& bytes : requests) {
    CAPTURE(shown(bytes));
    CHECK(borne(server.port(), bytes, cut));
    const auto alive = RawClient(server.port()).ask(rawRequest("GET", "/healthz"));
    REQUIRE(alive);
    CHECK(alive->status == 200);
  }
}

}  // namespace

TEST_CASE("local server: bad first lines", "[serve]") { checkAll(badFirstLines(), false); }
TEST_CASE("local server: bad headers", "[serve]") { checkAll(badHeaders(), false); }
TEST_CASE("local server: bad lengths, chunks and codings", "[serve]") { checkAll(badBodies(), false); }
TEST_CASE("local server: requests whose sender leaves", "[serve]") { checkAll(cutRequests(), true); }
TEST_CASE("local server: requests that never end", "[serve]") { checkAll(cutRequests(), false); }

}  // namespace qbatch::test
#endif
