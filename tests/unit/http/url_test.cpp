#include "http/url.hpp"

#include <string>
#include <vector>

#include "qbatch/error.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using http::parseUrl;

namespace {

std::string problemOf(const std::string& text) {
  try {
    (void)parseUrl(text);
  } catch (const ParseError& error) {
    return error.what();
  }
  return "no problem";
}

}  // namespace

TEST_CASE("a URL is taken apart and put together") {
  struct Row {
    std::string text, scheme, host;
    unsigned port;
    std::string path, whole;
  };
  const std::vector<Row> rows = {
      {"http://localhost", "http", "localhost", 6333, "", "http://localhost:6333"},
      {"http://localhost/", "http", "localhost", 6333, "", "http://localhost:6333"},
      {"HTTP://LocalHost:80", "http", "localhost", 80, "", "http://localhost:80"},
      {"https://Example.COM", "https", "example.com", 443, "", "https://example.com:443"},
      {"https://example.com:6334/a/B//", "https", "example.com", 6334, "/a/B", "https://example.com:6334/a/B"},
      {"http://[::1]:1", "http", "::1", 1, "", "http://[::1]:1"},
      {"http://[2001:DB8::7]/x", "http", "2001:db8::7", 6333, "/x", "http://[2001:db8::7]:6333/x"},
      {"http://10.0.0.1:65535", "http", "10.0.0.1", 65535, "", "http://10.0.0.1:65535"},
      {"http://my_host-1.b\xc3\xbc.de", "http", "my_host-1.b\xc3\xbc.de", 6333, "", "http://my_host-1.b\xc3\xbc.de:6333"},
      {"http://h/a:b@c", "http", "h", 6333, "/a:b@c", "http://h:6333/a:b@c"},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    const auto url = parseUrl(row.text);
    CHECK(url.scheme == row.scheme);
    CHECK(url.host == row.host);
    CHECK(url.port == row.port);
    CHECK(url.path == row.path);
    CHECK(url.text() == row.whole);
    CHECK(parseUrl(url.text()).text() == row.whole);
  }
}

TEST_CASE("loopback hosts are known") {
  for (const std::string host : {"localhost", "LOCALHOST", "db.localhost", "127.0.0.1", "127.255.3.4", "[::1]", "[0:0:0:0:0:0:0:1]"})
    CHECK(parseUrl("http://" + host).loopback);
  for (const std::string host : {"localhost.example.com", "mylocalhost", ".localhost", "127.0.0.1.example.com", "128.0.0.1", "[::2]",
                                 "[::]", "[::1:1]", "0.0.0.0", "127.1", "example.com"})
    CHECK_FALSE(parseUrl("http://" + host).loopback);
}

TEST_CASE("a bad URL is refused with what is wrong and what a good one looks like") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "the URL is empty"},
      {"localhost:6333", "does not begin with http:// or https://"},
      {"localhost/http://", "does not begin with http:// or https://"},
      {"//localhost", "does not begin with http:// or https://"},
      {"ftp://localhost", "another scheme"},
      {"grpc://localhost:6334", "another scheme"},
      {"http://", "names no host"},
      {"http:///x", "names no host"},
      {"http://:6333", "names no host"},
      {"http://h:", "has a port that is no number from 1 to 65535"},
      {"http://h:0", "has a port"},
      {"http://h:65536", "has a port"},
      {"http://h:99999999999999999999", "has a port"},
      {"http://h:-1", "has a port"},
      {"http://h:63a", "has a port"},
      {"http://::1", "more than one colon"},
      {"http://[::1", "`[` without its `]`"},
      {"http://[::1]x", "something other than a port"},
      {"http://[::g]", "no IPv6 address"},
      {"http://[127.0.0.1]", "no IPv6 address"},
      {"http://a b", "white space or a control character"},
      {"http://a\r\nb", "white space or a control character"},
      {"http://h/x ", "white space or a control character"},
      {"http://a%20b", "a character that no host has"},
      {"http://a\\b", "a character that no host has"},
      {"http://h?x=1", "holds a query"},
      {"http://h/y?x", "holds a query"},
      {"http://h#x", "holds a fragment"},
      {"https://me:secret@h", "user name or a password"},
      {"https://me@h", "user name or a password"},
  };
  for (const auto& [text, words] : rows) {
    INFO(text);
    const auto problem = problemOf(text);
    CHECK(problem.find(words) != std::string::npos);
    CHECK(problem.find("http://localhost:6333") != std::string::npos);
    CHECK(problem.find("secret") == std::string::npos);
  }
}

TEST_CASE("the place of what is wrong is named") {
  try {
    (void)parseUrl("http://host:port/x");
    FAIL("it was taken");
  } catch (const ParseError& error) {
    CHECK(error.offset() == 12);
  }
}

TEST_CASE("a whole request's URL tells its server") {
  const auto url = http::serverOf("http://api.example.com/v1/x?key=1&y=[a]#z");
  CHECK(url.host == "api.example.com");
  CHECK(url.port == 80);
  CHECK(url.path.empty());
  CHECK(http::serverOf("https://h?x").port == 443);
  CHECK(http::serverOf("http://[::1]:6333/?x").loopback);
  CHECK_THROWS_AS(http::serverOf("http://h/a b"), ParseError);
  CHECK_THROWS_AS(http::serverOf("http://u:p@h/"), ParseError);
}

TEST_CASE("a path's segment is encoded") {
  CHECK(http::pathSegment("patterns_v-1.0~x") == "patterns_v-1.0~x");
  CHECK(http::pathSegment("a/b?c#d%e f") == "a%2Fb%3Fc%23d%25e%20f");
  CHECK(http::pathSegment("\xc3\xbc\n") == "%C3%BC%0A");
  CHECK(http::pathSegment(".") == "%2E");
  CHECK(http::pathSegment("..") == "%2E%2E");
  CHECK(http::pathSegment("...") == "...");
  CHECK(http::pathSegment("").empty());
}

TEST_CASE("no text makes the URL reader do anything but take it or refuse it") {
  const auto seed = test::seed();
  INFO("QBATCH_SEED=" << seed);
  test::Random random(seed);
  const std::string letters = "htps:/[]@?#.:1269aZ%-_ \x7f\xc3\n";
  std::size_t taken = 0;
  for (std::size_t i = 0; i < test::campaignSize(20000); ++i) {
    std::string text = random.chance(80) ? "http://" : "";
    for (auto length = random.below(14); length > 0; --length) text += letters[random.below(letters.size())];
    try {
      const auto url = parseUrl(text);
      ++taken;
      const auto again = parseUrl(url.text());
      if (again.text() != url.text() || again.loopback != url.loopback) FAIL(text);
    } catch (const ParseError& error) {
      if (error.offset() > text.size()) FAIL(text);
    }
  }
  CHECK(taken > 0);
}
