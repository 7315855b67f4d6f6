#pragma once
#include <string>
#include <vector>

#include "support/gzipped.hpp"
#include "support/hostile_request.hpp"

// Hostile lengths, chunks, packed bodies, and requests within requests.
namespace qbatch::test {

inline void addHostileLengths(std::vector<HostileRequest>& list, const HostileTarget& to) {
  using namespace std::string_literals;
  for (const std::string& length : {"-1"s,
                                    "-0"s,
                                    "+1"s,
                                    "abc"s,
                                    "0x10"s,
                                    "1.0"s,
                                    "1e3"s,
                                    "1_000"s,
                                    "1 1"s,
                                    "1,1"s,
                                    "1, 1"s,
                                    "1, 2"s,
                                    ","s,
                                    ""s,
                                    "5;"s,
                                    "\"5\""s,
                                    "٣"s,
                                    "5\0"s,
                                    "4294967296"s,
                                    "2147483648"s,
                                    "9223372036854775807"s,
                                    "9223372036854775808"s,
                                    "18446744073709551615"s,
                                    "18446744073709551616"s,
                                    "99999999999999999999999999"s,
                                    std::string(5000, '9')}) {
    list.push_back({"Content-Length: " + shownBytes(length), to.post("Content-Length: " + length + "\r\n", "x")});
  }
  list.push_back({"the same length twice", to.post("Content-Length: 1\r\nContent-Length: 1\r\n", "x")});
  list.push_back({"no length twice", to.post("Content-Length: 0\r\nContent-Length: 0\r\n")});
  list.push_back({"two lengths", to.post("Content-Length: 1\r\nContent-Length: 2\r\n", "xx")});
  list.push_back({"a length behind a longer one", to.post("Content-Length: 2\r\nContent-Length: 1\r\n", "xx")});
  list.push_back({"less than announced", to.post("Content-Length: 100\r\n", "less")});
  list.push_back({"less than announced, cut", to.post("Content-Length: 100\r\n", "less"), Sending::cut});
  list.push_back({"nothing of what was announced", to.post("Content-Length: 100\r\n")});
  list.push_back({"no length, and a body", to.post("", "{\"a\":1}"), Sending::whole, true});
  list.push_back({"a body that is too large", to.sized(std::string(40u << 20, 'x'))});
  list.push_back({"Expect, and a body that is too large", to.post("Expect: 100-continue\r\nContent-Length: 999999999\r\n")});
  list.push_back({"Expect, and no body", to.post("Expect: 100-continue\r\nContent-Length: 10\r\n")});
  list.push_back({"Expect, and the body at once", to.sized("no json!", "Expect: 100-continue\r\n"), Sending::whole, true});
  list.push_back({"Expect of HTTP/1.0", to.head("POST " + to.path + " HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n") + "x",
                  Sending::whole, true});
}

inline void addHostileChunks(std::vector<HostileRequest>& list, const HostileTarget& to) {
  using namespace std::string_literals;
  for (const std::string& body : {"zz\r\n"s,
                                  "-1\r\n"s,
                                  "+1\r\nx\r\n0\r\n\r\n"s,
                                  " 1\r\nx\r\n0\r\n\r\n"s,
                                  "1 \r\nx\r\n0\r\n\r\n"s,
                                  "\r\n"s,
                                  ";\r\n"s,
                                  "0x5\r\nhello\r\n"s,
                                  "1\nx\n0\n\n"s,
                                  "1\r\nx\n0\r\n\r\n"s,
                                  "1\rx\r0\r\r"s,
                                  "5\r\nhelloworld\r\n0\r\n\r\n"s,
                                  "5\r\nhello0\r\n\r\n"s,
                                  "5\r\nhelloXX0\r\n\r\n"s,
                                  "5\r\nhello\n\r0\r\n\r\n"s,
                                  "1\0\r\nx\r\n"s,
                                  "1\r\nx\r\n\0\r\n\r\n"s,
                                  "1_0\r\nx"s,
                                  "1.0\r\nx"s,
                                  "1h\r\nx"s,
                                  "\xd9\xa3\r\nabc\r\n"s,
                                  "fffffffffffffffff\r\n"s,
                                  "ffffffffffffffff\r\nx"s,
                                  "7fffffffffffffff\r\nx"s,
                                  "8000000000000000\r\nx"s,
                                  "10000000000000001\r\nx\r\n"s,
                                  "ffffffff\r\nx"s,
                                  "80000000\r\nx"s,
                                  std::string(5000, 'f') + "\r\n",
                                  std::string(100'000, '0') + "\r\n",
                                  "1;" + std::string(100'000, 'e') + "\r\nx\r\n0\r\n\r\n",
                                  "1;\r\nx\r\n0\r\n\r\n"s,
                                  "1;=v\r\nx\r\n0\r\n\r\n"s,
                                  "1;a=\r\nx\r\n0\r\n\r\n"s,
                                  "1;a=\"b\r\nx\r\n0\r\n\r\n"s,
                                  "1;a=\"\n\"\r\nx\r\n0\r\n\r\n"s,
                                  "1;a=\"\0\"\r\nx\r\n0\r\n\r\n"s,
                                  "1;a\nb\r\nx\r\n0\r\n\r\n"s,
                                  "1;a\rb\r\nx\r\n0\r\n\r\n"s,
                                  "1;\x01\r\nx\r\n0\r\n\r\n"s,
                                  "1 x\r\nx\r\n0\r\n\r\n"s,
                                  "0\r\nNoColon\r\n\r\n"s,
                                  "0\r\n: x\r\n\r\n"s,
                                  "0\r\nBad Name: x\r\n\r\n"s,
                                  "0\r\nX: a\0b\r\n\r\n"s,
                                  "0\r\nX: a\nY: b\r\n\r\n"s,
                                  "0\r\nX: a\r\n folded\r\n\r\n"s,
                                  "0\r\nContent-Length: 5\r\n\r\nhello"s,
                                  "0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"s,
                                  "0\r\nX: " + std::string(100'000, 't') + "\r\n\r\n"}) {
    list.push_back({"chunks: " + shownBytes(body), to.chunked(body)});
  }
  for (const std::string& body :
       {"1;a=b\r\nx\r\n0\r\n\r\n"s, "1;a=\"b;c\"\r\nx\r\n0;last\r\n\r\n"s, "00000000000000000001\r\nx\r\n000\r\n\r\n"s,
        "0\r\nX-Late: 1\r\n\r\n"s, "0\r\nHost: evil.example\r\n\r\n"s, "0\r\nContent-Encoding: gzip\r\n\r\n"s}) {
    list.push_back({"strange chunks: " + shownBytes(body), to.chunked(body), Sending::whole, true});
  }
  for (const std::string& body : {""s, "1"s, "1\r"s, "1\r\n"s, "1\r\nx"s, "1\r\nx\r\n"s, "5\r\nhel"s, "1\r\nx\r\n0"s, "1\r\nx\r\n0\r\n"s,
                                  "0\r\nX: y"s, "0\r\nX: y\r\n"s}) {
    list.push_back({"chunks that end too early: " + shownBytes(body), to.chunked(body)});
    list.push_back({"chunks that are cut: " + shownBytes(body), to.chunked(body), Sending::cut});
  }
  std::string single;
  for (int i = 0; i < 20'000; ++i) single += "1;pad=0123456789\r\nx\r\n";
  list.push_back({"a flood of small chunks", to.chunked(single)});
  list.push_back({"chunks in HTTP/1.0", to.head("POST " + to.path + " HTTP/1.0", "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"});
}

/// Two servers could see different requests in these bytes.
inline void addSmuggling(std::vector<HostileRequest>& list, const HostileTarget& to) {
  using namespace std::string_literals;
  const auto add = [&](const std::string& name, const std::string& bytes, bool lawful = false) {
    list.push_back({"smuggling: " + name, bytes + to.smuggled(), Sending::whole, lawful, true});
  };
  const auto length = "Content-Length: " + std::to_string(to.smuggled().size()) + "\r\n";
  const std::string end = "0\r\n\r\n";
  add("CL.TE", to.post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", end));
  add("TE.CL", to.post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", end));
  add("CL.TE, no length", to.post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", end));
  for (const std::string& coding : {"xchunked"s,
                                    "chunkedx"s,
                                    "\"chunked\""s,
                                    "chunked;q=1"s,
                                    "chunked, chunked"s,
                                    "chunked, identity"s,
                                    "identity, chunked"s,
                                    "identity"s,
                                    "gzip, chunked"s,
                                    "chunked, gzip"s,
                                    "gzip"s,
                                    ""s,
                                    ","s,
                                    ",chunked"s,
                                    "chunked,"s,
                                    "\x0b" + "chunked"s,
                                    "chunked\x0c"s,
                                    "chunked\0"s,
                                    "\xc2\xa0" + "chunked"s,
                                    "chun\r\n ked"s,
                                    "\r\n chunked"s,
                                    "chunked\r\n "s,
                                    "cow"s}) {
    add("Transfer-Encoding: " + shownBytes(coding), to.post("Transfer-Encoding: " + coding + "\r\n", end));
    add("with a length, Transfer-Encoding: " + shownBytes(coding), to.post(length + "Transfer-Encoding: " + coding + "\r\n"));
  }
  for (const std::string& line :
       {"Transfer-Encoding : chunked"s, " Transfer-Encoding: chunked"s, "Transfer-Encoding\t: chunked"s, "Transfer-Encoding\0: chunked"s,
        "X: y\nTransfer-Encoding: chunked"s, "X: y\rTransfer-Encoding: chunked"s, "Transfer-Encoding: chunked\nX: y"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"s, "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"s}) {
    add("header: " + shownBytes(line), to.post(line + "\r\n", end));
  }
  add("two lengths", to.post("Content-Length: 0\r\n" + length));
  add("two lengths, the other way round", to.post(length + "Content-Length: 0\r\n"));
  add("no length twice", to.post("Content-Length: 0\r\nContent-Length: 0\r\n"));
  for (const std::string& value : {"0, 0"s, "0,5"s, "+0"s, "-0"s, "0 0"s, "0\0"s, "00x"s, "0x0"s, "\x0b" + "0"s, "0\r\n 5"s, "\r\n 0"s})
    add("Content-Length: " + shownBytes(value), to.post("Content-Length: " + value + "\r\n"));
  for (const std::string& body :
       {"0\n\n"s, "0\r\r"s, "0x0\r\n\r\n"s, "-0\r\n\r\n"s, "+0\r\n\r\n"s, " 0\r\n\r\n"s, "0 \r\n\r\n"s, "\r\n0\r\n\r\n"s,
        "1\r\nxx0\r\n\r\n"s, "1\nx\r\n0\r\n\r\n"s, "10000000000000000\r\n\r\n"s, "1;\n\r\nx\r\n0\r\n\r\n"s,
        "0\r\nContent-Length: 9\r\n\r\n"s, "0\r\nTransfer-Encoding: x\r\n folded\r\n\r\n"s}) {
    add("chunks: " + shownBytes(body), to.chunked(body));
  }
  add("HTTP/1.0 with chunks", to.head("POST " + to.path + " HTTP/1.0", "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n") + end);
  add("two Hosts", to.post("Host: evil.example\r\n"));
  add("no path", to.head("POST x HTTP/1.1"));
  add("a first line too much", "POST " + to.path + " HTTP/1.1\r\nPOST " + to.path + " HTTP/1.1\r\n\r\n");
  add("as a foreign host's body", "POST " + to.path + " HTTP/1.1\r\nHost: evil.example\r\n" + length + "\r\n");
  add("as a body in an unknown coding", to.post("Content-Encoding: br\r\n" + length));
  add("as a web page's body", to.post("Origin: http://evil.example\r\n" + length));
  add("as a body that is too large", to.post("Content-Length: 4000000000\r\n"));
  add("as the body of an unknown Expect", to.post("Expect: x\r\n" + length));
  add("as a body", to.post(length), true);
  add("as a GET's body", to.head("GET " + to.path + "?smuggles HTTP/1.1", length), true);
  add("as a HEAD's body", to.head("HEAD " + to.path + "?smuggles HTTP/1.1", length), true);
  add("as a body with a header that is nearly one", to.post("Transfer_Encoding: chunked\r\nX-Content-Length: 0\r\n" + length), true);
  add("as a body, the length one of the connection's headers", to.post("Connection: Content-Length\r\n" + length), true);
}

/// Bombs, and what is not whole gzip.
inline void addHostilePacking(std::vector<HostileRequest>& list, const HostileTarget& to) {
  using namespace std::string_literals;
  const auto add = [&](const std::string& name, const std::string& body, const std::string& coding = "gzip") {
    list.push_back({"packed: " + name, to.sized(body, "Content-Encoding: " + coding + "\r\n")});
  };
  const auto whole = gzipped(std::string(2000, 'x')), member = gzipped(std::string(1u << 20, '\0'));
  std::string members;
  for (int i = 0; i < 64; ++i) members += member;
  add("a bomb", gzipped(std::string(64u << 20, '\0')));
  add("a bomb of many members", members);
  add("text", "this is no gzip");
  add("the sign alone", whole.substr(0, 2));
  add("the head alone", whole.substr(0, 10));
  add("without its sums", whole.substr(0, whole.size() - 8));
  add("half of its sums", whole.substr(0, whole.size() - 4));
  add("without its last byte", whole.substr(0, whole.size() - 1));
  add("with something behind", whole + "behind");
  add("with half a member behind", whole + whole.substr(0, whole.size() / 2));
  add("a wrong sum", whole.substr(0, whole.size() - 8) + "abcd" + whole.substr(whole.size() - 4));
  add("a wrong length", whole.substr(0, whole.size() - 4) + "abcd");
  add("zlib", "\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15"s);
  add("no method", "\x1f\x8b\x07"s + whole.substr(3));
  add("flags that are kept free", "\x1f\x8b\x08\xe0"s + whole.substr(4));
  add("an endless name", "\x1f\x8b\x08\x08"s + whole.substr(4, 6) + std::string(10'000, 'n'));
  add("an extra field beyond the end", "\x1f\x8b\x08\x04"s + whole.substr(4, 6) + "\xff\xff"s);
  add("a stored block with a wrong length", whole.substr(0, 10) + "\x01\x05\x00\x00\x00hello"s);
  add("a block of no kind", whole.substr(0, 10) + "\x07\x00"s);
  add("a distance before the beginning", whole.substr(0, 10) + "\x4b\x04\x41\x00"s);
  for (std::size_t at = 10; at < whole.size(); at += 2) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    list.push_back({"packed: a wrong byte " + std::to_string(at), to.sized(bytes, "Content-Encoding: gzip\r\n"), Sending::whole, true});
  }
  for (const std::string& coding :
       {"br"s, "deflate"s, "zstd"s, "compress"s, "gzip, gzip"s, "gzip, identity"s, "gzip;q=1"s, "\"gzip\""s, "gzipx"s, "*"s,
        "gzip\r\nContent-Encoding: br"s, "gzip\r\nContent-Encoding: gzip"s, std::string(5000, 'c')}) {
    add("coding " + shownBytes(coding), whole, coding);
  }
  list.push_back({"packed: gzip, and chunks that end too early",
                  to.post("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "4\r\n" + whole.substr(0, 4) + "\r\n"),
                  Sending::cut});
}

}  // namespace qbatch::test
