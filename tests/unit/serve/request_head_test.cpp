#include "serve/request_head.hpp"

#include "support/catch.hpp"

using namespace qbatch::serve;

namespace {

RequestHead with(std::string name, std::string value) { return {.fields = {{std::move(name), std::move(value)}}}; }

}  // namespace

TEST_CASE("request head: a target's parts", "[serve]") {
  const auto parts = splitTarget("/collections/a%20b/points?wait=true&x=?");
  CHECK(parts.path == "/collections/a%20b/points");
  CHECK(parts.query == "wait=true&x=?");
  CHECK(parts.authority.empty());
  CHECK(splitTarget("/").path == "/");
  CHECK(splitTarget("/?").query.empty());
  CHECK(splitTarget("*").path == "*");
  CHECK(splitTarget("/a?next=http://other/").path == "/a");
  CHECK(splitTarget("/a?next=http://other/").authority.empty());
}

TEST_CASE("request head: a whole URL as target", "[serve]") {
  const auto parts = splitTarget("http://localhost:6333/collections?a=b");
  CHECK(parts.authority == "localhost:6333");
  CHECK(parts.path == "/collections");
  CHECK(parts.query == "a=b");
  const auto bare = splitTarget("http://localhost?a");
  CHECK(bare.authority == "localhost");
  CHECK(bare.path == "/");
  CHECK(bare.query == "a");
  CHECK(splitTarget("http://localhost").path == "/");
  CHECK(splitTarget("HTTPS://a/b").authority == "a");
  for (const char* other : {"http://", "http:///etc", "http://?x", "://", "://a/b", "file:///etc/passwd", "ftp://a/b", "xhttp://a/b"}) {
    CAPTURE(other);
    CHECK(splitTarget(other).authority.empty());
    CHECK_FALSE(splitTarget(other).path.starts_with('/'));
  }
}

TEST_CASE("request head: fields by name, and whether a body follows", "[serve]") {
  const RequestHead head{.fields = {{"host", "a"}, {"accept", "b"}, {"host", "c"}}};
  REQUIRE(head.field("host") != nullptr);
  CHECK(*head.field("host") == "a");
  CHECK(head.field("origin") == nullptr);
  CHECK(head.count("host") == 2);
  CHECK_FALSE(head.hasBody());
  CHECK_FALSE(RequestHead{.contentLength = 0}.hasBody());
  CHECK(RequestHead{.contentLength = 1}.hasBody());
  CHECK(RequestHead{.chunked = true}.hasBody());
}

TEST_CASE("request head: what may be packed", "[serve]") {
  for (const char* text : {"gzip", "GZIP", "deflate, gzip;q=0.5", "gzip;q=1.0, *;q=0", "*", "br, *;q=0.1", "x-gzip"}) {
    CAPTURE(text);
    CHECK(acceptsGzip(with("accept-encoding", text)));
  }
  for (const char* text : {"", "br", "gzip;q=0", "gzip; q=0.000", "identity", "*;q=0", "gzip;q=0, *", "ungzip"}) {
    CAPTURE(text);
    CHECK_FALSE(acceptsGzip(with("accept-encoding", text)));
  }
  CHECK_FALSE(acceptsGzip({}));
  CHECK(isGzipped(with("content-encoding", "GZip")));
  CHECK_FALSE(isGzipped(with("content-encoding", "gzip, gzip")));
  CHECK_FALSE(isGzipped({}));
}

TEST_CASE("request head: texts", "[serve]") {
  CHECK(lowerCase("Content-TYPE") == "content-type");
  CHECK(trimmed(" \ta b\t ") == "a b");
  CHECK(trimmed("  ").empty());
}
