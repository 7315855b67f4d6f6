#include "rest/retry_after.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using qbatch::rest::retryAfter;

namespace {
// Sun, 06 Nov 1994 08:49:37 GMT
const std::chrono::system_clock::time_point then = std::chrono::system_clock::from_time_t(784111777);
}  // namespace

TEST_CASE("Retry-After in seconds") {
  CHECK(retryAfter("3", then) == 3000ms);
  CHECK(retryAfter(" 0 ", then) == 0ms);
  CHECK(retryAfter("86400", then) == 1h);
  CHECK(retryAfter("99999999999999999999", then) == 1h);
}

TEST_CASE("Retry-After as a date") {
  CHECK(retryAfter("Sun, 06 Nov 1994 08:49:47 GMT", then) == 10s);
  CHECK(retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", then) == 0s);
  CHECK(retryAfter("Sat, 05 Nov 1994 08:49:37 GMT", then) == 0s);
  CHECK(retryAfter("Fri, 31 Dec 9999 23:59:59 GMT", then) == 1h);
}

TEST_CASE("anything else is no time to wait") {
  for (const auto* text : {"", " ", "soon", "-1", "1.5", "3 s", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nix 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:3x GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(retryAfter(text, then));
  }
}
