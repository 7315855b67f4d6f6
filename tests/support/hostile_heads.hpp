#pragma once
#include <string>
#include <vector>

#include "support/hostile_request.hpp"

// Hostile first lines, targets and headers.
namespace qbatch::test {

/// What is no first line of HTTP/1.0 or 1.1, other protocols' among them.
inline void addHostileFirstLines(std::vector<HostileRequest>& list, const HostileTarget& to) {
  using namespace std::string_literals;
  const auto& path = to.path;
  for (const std::string& line : {""s,
                                  " "s,
                                  "\t"s,
                                  "POST"s,
                                  "POST "s,
                                  "POST " + path,
                                  "GET " + path,
                                  "POST  " + path + " HTTP/1.1",
                                  "POST " + path + "  HTTP/1.1",
                                  "POST " + path + " HTTP/1.1 ",
                                  "POST " + path + " HTTP/1.1 x",
                                  "POST " + path + " HTTP/1.1 HTTP/1.1",
                                  "POST " + path + " HTTP/0.9",
                                  "POST " + path + " HTTP/1.2",
                                  "POST " + path + " HTTP/2.0",
                                  "POST " + path + " HTTP/3",
                                  "POST " + path + " HTTP/1",
                                  "POST " + path + " HTTP/1.",
                                  "POST " + path + " HTTP/01.1",
                                  "POST " + path + " HTTP/1.10",
                                  "POST " + path + " HTTP/-1.1",
                                  "POST " + path + " HTTP/\xb9.1",
                                  "POST " + path + " http/1.1",
                                  "POST " + path + " HTTPS/1.1",
                                  "POST " + path + " ICY/1.1",
                                  "POST\t" + path + "\tHTTP/1.1",
                                  " POST " + path + " HTTP/1.1",
                                  "PO ST " + path + " HTTP/1.1",
                                  "PO(ST " + path + " HTTP/1.1",
                                  "PO\0ST "s + path + " HTTP/1.1",
                                  "PO\x7fST " + path + " HTTP/1.1",
                                  "\xef\xbb\xbfPOST " + path + " HTTP/1.1",
                                  path + " POST HTTP/1.1",
                                  "HTTP/1.1 200 OK"s,
                                  "<html>"s,
                                  "{\"vector\":[1]}"s,
                                  "\r"s,
                                  "POST " + path + " HTTP/1.1\r",
                                  "POST " + path + " HTTP/1.1\0"s,
                                  std::string(70'000, 'P') + " " + path + " HTTP/1.1"}) {
    list.push_back({"first line: " + shownBytes(line), to.head(line)});
  }
  list.push_back({"HTTP/0.9", "GET " + path + "\r\n"});
  list.push_back({"HTTP/0.9, cut", "GET " + path + "\r\n", Sending::cut});
  list.push_back({"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0"s});
  list.push_back({"h2c",
                  to.head("GET " + path + "?h2c HTTP/1.1",
                          "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
                  Sending::whole, true});
  list.push_back({"TLS's hello", "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\x03"s});
  list.push_back({"SSLv2's hello", "\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"s});
  list.push_back({"SSH's banner", "SSH-2.0-OpenSSH_9.2\r\n"});
  list.push_back({"SMTP", "EHLO localhost\r\nMAIL FROM:<a@b>\r\n"});
  list.push_back({"Redis", "*1\r\n$4\r\nPING\r\n"});
  list.push_back({"PROXY protocol", "PROXY TCP4 10.0.0.1 127.0.0.1 1 2\r\n" + to.sized("x")});
  list.push_back({"an empty line before", "\r\n" + to.sized("x")});
  list.push_back({"zeros", std::string(4096, '\0')});
  list.push_back({"ones", std::string(4096, '\xff')});
  list.push_back({"a line that never ends", std::string(200'000, 'A')});
}

/// Targets that are no path, or that mean another one than they seem to.
inline void addHostileTargets(std::vector<HostileRequest>& list, const HostileTarget& to) {
  using namespace std::string_literals;
  const auto add = [&](const std::string& target, bool lawful) {
    const auto bytes = to.head("POST " + target + " HTTP/1.1", "Content-Length: 8\r\n") + "no json!";
    list.push_back({"target: " + shownBytes(target), bytes, Sending::whole, lawful});
  };
  const auto& path = to.path;
  for (const std::string& target : {"*"s,
                                    "localhost:80"s,
                                    "localhost"s,
                                    path.substr(1),
                                    "?"s,
                                    "?" + path,
                                    "#"s,
                                    "://"s,
                                    "http://"s,
                                    "http:///etc/passwd"s,
                                    "http://?x"s,
                                    "file:///etc/passwd"s,
                                    "ftp://x/y"s,
                                    "http:"s,
                                    "http:/x"s,
                                    "."s,
                                    ".."s,
                                    "%2f"s,
                                    "\\"s,
                                    "../etc/passwd"s,
                                    "/a b"s,
                                    "/\0"s,
                                    "/\x01"s,
                                    "/\t"s,
                                    "/\x7f"s,
                                    path + "\0"s,
                                    path + "\n",
                                    path + "\r",
                                    "http://evil.example" + path,
                                    "http://evil.example:80" + path,
                                    "http://" + to.host + "@evil.example" + path,
                                    "http://" + to.host + ".evil.example" + path,
                                    "http://192.0.2.1" + path}) {
    add(target, false);
  }
  for (const std::string& target : {
           "//"s,
           "/" + path,
           path + "/",
           path + "//",
           "/." + path,
           "/.." + path,
           path + "/..",
           path + "/../..",
           "/../../etc/passwd"s,
           "/%2e%2e/%2e%2e/etc/passwd"s,
           "/%2e" + path,
           path + "/%2e%2e",
           path + "%00",
           path + "%00.json",
           "/%00"s,
           "/%"s,
           "/%2"s,
           "/%zz"s,
           "/%25%32%65"s,
           "/%c0%ae%c0%ae/etc"s,
           "/%c0%af"s,
           "/%e0%80%af"s,
           "/%f0%80%80%af"s,
           "/%f8%80%80%80%af"s,
           "/%ff%fe"s,
           "/%ed%a0%80"s,
           "/\xc0\xae"s,
           "/\xff"s,
           "/\xc3\xa4"s,
           "/\\..\\..\\windows"s,
           "/..;/"s,
           path + ";x=y",
           "/%0d%0aX-Evil:%201"s,
           path + "?%0d%0aX: y",
           "/<script>"s,
           "/\"'`$(id)"s,
           "/${jndi:ldap://x}"s,
           "/%n%n%s%s"s,
           path + "?" + std::string(20'000, 'q'),
           "/" + std::string(20'000, 'p'),
           "/" + std::string(10'000, '/'),
           "http://" + to.host + "/elsewhere",
           "http://" + to.host,
       }) {
    if (target.find(' ') == std::string::npos) add(target, true);
  }
  for (const std::size_t size : {std::size_t{40'000}, std::size_t{100'000}, std::size_t{1'000'000}})
    add("/" + std::string(size, 'a'), false);
  list.push_back({"CONNECT", to.head("CONNECT " + to.host + ":443 HTTP/1.1")});
  list.push_back({"CONNECT, a path", to.head("CONNECT " + path + " HTTP/1.1"), Sending::whole, true});
  list.push_back({"TRACE", to.head("TRACE " + path + " HTTP/1.1", "Cookie: secret=1\r\n"), Sending::whole, true});
  list.push_back({"OPTIONS *", to.head("OPTIONS * HTTP/1.1"), Sending::whole, true});
  list.push_back({"a method that nobody knows", to.head("BREW " + path + " HTTP/1.1"), Sending::whole, true});
  list.push_back({"a long method", to.head(std::string(5000, 'M') + " " + path + " HTTP/1.1"), Sending::whole, true});
}

/// Heads with what is no header, with several or foreign hosts, and with too much.
inline void addHostileHeaders(std::vector<HostileRequest>& list, const HostileTarget& to) {
  using namespace std::string_literals;
  const auto& path = to.path;
  const auto line = "POST " + path + " HTTP/1.1\r\n", host = "Host: " + to.host + "\r\n";
  const auto bare = [&](const std::string& name, const std::string& headers) { list.push_back({name, line + headers + "\r\n"}); };
  for (const std::string& header : {"NoColon"s,
                                    ": no name"s,
                                    "Bad Name: x"s,
                                    "Name : x"s,
                                    "Name\t: x"s,
                                    " : x"s,
                                    "X\0: y"s,
                                    "X\x01: y"s,
                                    "X\x7f: y"s,
                                    "X(: y"s,
                                    "X\xc3\xa4: y"s,
                                    "X: a\0b"s,
                                    "X: a\x01"s,
                                    "X: a\x0b" + "b"s,
                                    "X: a\x7f"s,
                                    "X: a\rb"s,
                                    "X: a\nY: b"s,
                                    "X: a\r\r\nY: b"s,
                                    "X: a\n"s,
                                    "X: a\r\n folded"s,
                                    "X: a\r\n\tfolded"s,
                                    "X:\r\n folded"s,
                                    "X: \r\n \r\n folded"s,
                                    "Content-Length: 1\r\n 0"s,
                                    "Content-Length:\r\n 5"s,
                                    "Host:\r\n " + to.host,
                                    "Content-Length : 5"s,
                                    "Connection: ,;=\x7f"s,
                                    "Connection: \"close"s,
                                    "Expect: 200-ok"s,
                                    "Expect: "s,
                                    "Expect: 100-continue, x"s,
                                    "Expect: 100-continue\r\n x"s}) {
    list.push_back({"header: " + shownBytes(header), to.post(header + "\r\n")});
  }
  list.push_back({"a folded line first", line + " X: y\r\n" + host + "\r\n"});
  list.push_back({"only bare LF", "POST " + path + " HTTP/1.1\nHost: " + to.host + "\n\n", Sending::cut});
  list.push_back({"a bare LF after the first line", "POST " + path + " HTTP/1.1\n" + host + "\r\n"});
  list.push_back({"a bare LF at the head's end", line + host + "\n", Sending::cut});
  list.push_back({"only bare CR", "POST " + path + " HTTP/1.1\rHost: " + to.host + "\r\r"});
  bare("no Host", "X: y\r\n");
  bare("two Hosts", host + host);
  bare("two different Hosts", host + "Host: evil.example\r\n");
  bare("two different Hosts, the other way round", "Host: evil.example\r\n" + host);
  for (const std::string& name : {"evil.example"s, "evil.example:80"s, to.host + "@evil.example", to.host + ".evil.example",
                                  to.host + ":80@evil.example", "192.0.2.1"s, "[::ffff:192.0.2.1]"s, "0"s, "/"s, to.host + "/x",
                                  to.host + ", evil.example", std::string(5000, 'h'), "xn--e1afmkfd.example"s, "\xd0\xb5vil"s}) {
    bare("Host: " + shownBytes(name), "Host: " + name + "\r\n");
  }
  for (const std::string& origin : {"http://evil.example"s, "null"s, "http://" + to.host + ".evil.example"}) {
    list.push_back({"Origin: " + origin, to.sized("{}", "Content-Type: text/plain\r\nOrigin: " + origin + "\r\n")});
  }
  std::string many, manyEmpty;
  for (int i = 0; i < 20'000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  for (int i = 0; i < 20'000; ++i) manyEmpty += "a:\r\n";
  list.push_back({"a flood of headers", to.post(many)});
  list.push_back({"a flood of empty headers", to.post(manyEmpty)});
  list.push_back({"a long header", to.post("X: " + std::string(100'000, 'x') + "\r\n")});
  list.push_back({"a long name", to.post(std::string(100'000, 'x') + ": y\r\n")});
  list.push_back({"a header that never ends", to.post("").substr(0, to.post("").size() - 2) + "X: " + std::string(1'000'000, 'x')});
}

}  // namespace qbatch::test
