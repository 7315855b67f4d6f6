#include "serve/http_checks.hpp"

#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::serve;
using qbatch::test::contains;

namespace {

RequestHead head(std::vector<std::pair<std::string, std::string>> more = {}, std::string target = "/collections") {
  RequestHead result{.method = "GET", .target = std::move(target), .fields = {{"host", "localhost:6333"}}};
  for (auto& field : more) result.fields.push_back(std::move(field));
  return result;
}

RequestHead toHost(std::string host) { return {.method = "GET", .target = "/", .fields = {{"host", std::move(host)}}}; }

/// 0 where the request may go on.
int statusOf(const HttpChecks& checks, const RequestHead& request) {
  const auto refusal = checks.refusalOf(request);
  return refusal ? refusal->status : 0;
}

RequestHead post(std::vector<std::pair<std::string, std::string>> more) {
  auto result = head(std::move(more));
  result.method = "POST";
  result.contentLength = 5;
  return result;
}

}  // namespace

TEST_CASE("http checks: loopback names", "[serve]") {
  for (const char* name : {"localhost", "db.localhost", "127.0.0.1", "127.255.0.17", "[::1]"}) CHECK(isLoopbackName(name));
  for (const char* name : {"", "example.com", "localhost.example.com", "127.0.0.1.example.com", "127.example.com", "127.0.0", "127.0.0.1.1",
                           "127.0.0.0001", "127..0.1", "127.0.0.", "mylocalhost", "::1", "0.0.0.0", "10.0.0.1"}) {
    CAPTURE(name);
    CHECK_FALSE(isLoopbackName(name));
  }
  CHECK(hostName("LocalHost:6333") == "localhost");
  CHECK(hostName("localhost.") == "localhost");
  CHECK(hostName("[::1]:6333") == "[::1]");
  CHECK(hostName("[::1]") == "[::1]");
  CHECK(hostName("localhost:") == "localhost");
  for (const char* odd : {"localhost:80@evil.example", "localhost:x", "[::1]x", "[::1]:80@evil.example"}) CHECK(hostName(odd) == odd);
  CHECK(hostName("").empty());
  CHECK(hostName("[") == "[");
}

TEST_CASE("http checks: on loopback a foreign host is refused, with what to do", "[serve]") {
  const HttpChecks checks({}, true);
  for (const char* good : {"localhost", "LOCALHOST:1", "127.0.0.1:6333", "[::1]:6333", "a.localhost"})
    CHECK(statusOf(checks, toHost(good)) == 0);
  for (const char* bad :
       {"evil.example", "evil.example:6333", "192.168.0.1", "localhost.evil.example", "", "127.0.0.1.evil.example:6333"}) {
    CAPTURE(bad);
    CHECK(statusOf(checks, toHost(bad)) == 403);
  }
  const auto refusal = checks.refusalOf(toHost("evil.example<script>" + std::string(1000, 'x')));
  REQUIRE(refusal);
  CHECK_THAT(refusal->message, contains("evil.example") && contains("use localhost or 127.0.0.1") && contains("allowed hosts"));
  CHECK(refusal->message.size() < 500);
  // A proxy's form: the URL's own host counts.
  CHECK(statusOf(checks, {.method = "GET", .target = "http://evil.example/", .fields = {{"host", "localhost"}}}) == 403);
  CHECK(statusOf(checks, {.method = "GET", .target = "http://localhost:1/", .fields = {{"host", "evil.example"}}}) == 0);
}

TEST_CASE("http checks: further hosts can be allowed", "[serve]") {
  const HttpChecks named({.allowedHosts = {"Db.Example:80"}}, true);
  CHECK(statusOf(named, toHost("db.example:6333")) == 0);
  CHECK(statusOf(named, toHost("localhost")) == 0);
  CHECK(statusOf(named, toHost("other.example")) == 403);
  CHECK(statusOf(HttpChecks({.allowedHosts = {"*"}}, true), toHost("any.example")) == 0);
  CHECK(statusOf(HttpChecks({}, false), toHost("any.example")) == 0);
  CHECK(statusOf(HttpChecks({.allowedHosts = {"db.example"}}, false), toHost("any.example")) == 403);
}

TEST_CASE("http checks: keys", "[serve]") {
  const HttpChecks checks({.apiKey = "secret-1", .openPaths = {"/", "/healthz", "/readyz", "/livez"}}, true);
  const auto none = checks.refusalOf(head());
  REQUIRE(none);
  CHECK(none->status == 401);
  CHECK(none->message == "Must provide an API key or an Authorization bearer token");
  CHECK(statusOf(checks, head({{"authorization", "Basic c2VjcmV0LTE="}})) == 401);
  for (const char* wrong : {"", "secret-2", "secret-", "secret-11", "SECRET-1"}) {
    const auto refusal = checks.refusalOf(head({{"api-key", wrong}}));
    REQUIRE(refusal);
    CHECK(refusal->message == "Invalid API key or JWT");
    CHECK(statusOf(checks, head({{"authorization", std::string("Bearer ") + wrong}})) == 401);
  }
  CHECK(statusOf(checks, head({{"api-key", "secret-1"}})) == 0);
  CHECK(statusOf(checks, head({{"authorization", "Bearer secret-1"}})) == 0);
  CHECK(statusOf(checks, head({{"authorization", "bearer  secret-1"}})) == 0);
  for (const char* open : {"/", "/healthz", "/readyz", "/livez", "/healthz?x"}) CHECK(statusOf(checks, head({}, open)) == 0);
  for (const char* closed :
       {"/healthz/", "//", "/collections/healthz", "/x?/healthz", "/HEALTHZ", "/%68ealthz", "/./healthz", "/healthz;x"})
    CHECK(statusOf(checks, head({}, closed)) == 401);
  const HttpChecks all({.apiKey = "secret-1"}, true);
  for (const char* closed : {"/", "/healthz"}) CHECK(statusOf(all, head({}, closed)) == 401);
}

TEST_CASE("http checks: secrets", "[serve]") {
  CHECK(sameSecret("abc", "abc"));
  CHECK_FALSE(sameSecret("abcabc", "abc"));
  CHECK_FALSE(sameSecret("", "abc"));
  CHECK_FALSE(sameSecret("a", ""));
  CHECK(sameSecret("", ""));
}

TEST_CASE("http checks: a web page needs JSON's content type, another client none", "[serve]") {
  const HttpChecks checks({}, true);
  CHECK(statusOf(checks, post({})) == 0);
  CHECK(statusOf(checks, post({{"content-type", "text/plain"}})) == 0);
  CHECK(statusOf(checks, post({{"origin", "http://evil.example"}})) == 415);
  CHECK(statusOf(checks, post({{"origin", "null"}, {"content-type", "text/plain"}})) == 415);
  CHECK(statusOf(checks, post({{"origin", "http://x"}, {"content-type", "text/plain;application/json"}})) == 415);
  CHECK(statusOf(checks, post({{"origin", "http://x"}, {"content-type", "Application/JSON ; charset=utf-8"}})) == 0);
  CHECK(statusOf(checks, head({{"origin", "http://x"}})) == 0);
}

TEST_CASE("http checks: misshapen requests", "[serve]") {
  const HttpChecks checks({}, true);
  CHECK(statusOf(checks, {.method = "GET", .target = "/"}) == 400);
  CHECK(statusOf(checks, {.method = "GET", .target = "/", .oldProtocol = true}) == 0);
  CHECK(statusOf(checks, head({{"host", "localhost"}})) == 400);
  CHECK(statusOf(checks, head({}, "collections")) == 400);
  CHECK(statusOf(checks, head({}, "*")) == 400);
  CHECK(statusOf(checks, {.method = "OPTIONS", .target = "*", .fields = {{"host", "localhost"}}}) == 0);
  CHECK(statusOf(checks, head({{"expect", "100-Continue"}})) == 0);
  CHECK(statusOf(checks, head({{"expect", "the unexpected"}})) == 417);
}

TEST_CASE("http checks: lengths and codings", "[serve]") {
  const HttpChecks checks({.maxBodyBytes = 10}, true);
  CHECK(statusOf(checks, post({{"content-length", "5"}})) == 0);
  for (const char* bad : {"-1", "+5", "5, 5", "0x5", "", "5 5", "five"}) CHECK(statusOf(checks, post({{"content-length", bad}})) == 400);
  CHECK(statusOf(checks, post({{"content-length", "5"}, {"content-length", "5"}})) == 400);
  CHECK(statusOf(checks, post({{"content-length", "5"}, {"transfer-encoding", "chunked"}})) == 400);
  CHECK(statusOf(checks, post({{"transfer-encoding", "Chunked"}})) == 0);
  CHECK(statusOf(checks, post({{"transfer-encoding", "gzip, chunked"}})) == 501);
  CHECK(statusOf(checks, post({{"transfer-encoding", "chunked"}, {"transfer-encoding", "chunked"}})) == 501);
  auto old = post({{"transfer-encoding", "chunked"}});
  old.oldProtocol = true;
  CHECK(statusOf(checks, old) == 400);
  for (const char* good : {"gzip", "x-gzip", "identity", ""}) CHECK(statusOf(checks, post({{"content-encoding", good}})) == 0);
  for (const char* bad : {"br", "deflate", "gzip, gzip", "zstd"}) CHECK(statusOf(checks, post({{"content-encoding", bad}})) == 415);
  CHECK(statusOf(checks, post({{"content-encoding", "gzip"}, {"content-encoding", "gzip"}})) == 415);
  auto large = post({});
  large.contentLength = 11;
  const auto refusal = checks.refusalOf(large);
  REQUIRE(refusal);
  CHECK(refusal->status == 413);
  CHECK_THAT(refusal->message, contains("JSON payload (11 bytes) is larger than allowed (limit: 10 bytes)."));
}
