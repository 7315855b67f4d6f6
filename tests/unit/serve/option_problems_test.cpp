#include "serve/option_problems.hpp"

#include "support/catch.hpp"

using namespace qbatch::serve;
using namespace std::chrono_literals;
using qbatch::HttpServerOptions;

TEST_CASE("option problems: every wrong one is named at once", "[serve]") {
  const HttpServerOptions wrong{.host = "",
                                .apiKey = "a b",
                                .openPaths = {"healthz"},
                                .maxBodyBytes = 0,
                                .maxHeadBytes = 0,
                                .allowedHosts = {""},
                                .threads = 5000,
                                .maxConnections = 0,
                                .requestTimeout = 0ms,
                                .idleTimeout = -1ms,
                                .grace = -1ms,
                                .idHeader = "x request"};
  const auto problems = problemsOf(wrong);
  const std::vector<std::string> fields{
      "host:",           "apiKey:",      "maxBodyBytes:", "maxHeadBytes:", "threads:",   "maxConnections:",
      "requestTimeout:", "idleTimeout:", "grace:",        "allowedHosts:", "openPaths:", "idHeader:"};
  REQUIRE(problems.size() == fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) CHECK(problems[i].starts_with(fields[i]));
  CHECK(problemsOf({}).empty());
}

TEST_CASE("option problems: a caller's own name for a field", "[serve]") {
  const auto problems = problemsOf({.maxBodyBytes = 0}, "maxRequestBytes");
  REQUIRE(problems.size() == 1);
  CHECK(problems[0] == "maxRequestBytes: it must be from 1 byte to 1 GiB");
}

TEST_CASE("option problems: ids travel in a header of their own", "[serve]") {
  for (const char* good : {"x-request-id", "X-Request-ID", "Traceparent"}) CHECK(problemsOf({.idHeader = good}).empty());
  for (const char* bad :
       {"a b", "a:", "a\r\n", "\xc3\xa4", "Content-Length", "Connection", "Content-Type", "api-key", "Authorization", "Host"}) {
    CAPTURE(bad);
    CHECK(problemsOf({.idHeader = bad}).size() == 1);
  }
}

TEST_CASE("option problems: open paths as they stand in a URL", "[serve]") {
  CHECK(problemsOf({.openPaths = {"/", "/healthz", "/a%20b"}}).empty());
  for (const char* bad : {"", "healthz", "/a b", "/a?b", "*"}) CHECK(problemsOf({.openPaths = {bad}}).size() == 1);
}
