#include "http/curl_setup.hpp"

#include <thread>
#include <vector>

#include "qbatch/error.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace std::chrono_literals;

TEST_CASE("libcurl is initialised once, by whichever thread comes first") {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([] { http::initialiseCurl(); });
  for (auto& thread : threads) thread.join();
  CHECK(http::makeEasyHandle());
  CHECK(http::makeMultiHandle({}));
}

TEST_CASE("the age of idle connections is counted as libcurl counts it") {
  CHECK(http::maxIdleSeconds(4000ms) == 3);  // up to 3.999 s
  CHECK(http::maxIdleSeconds(4001ms) == 4);
  CHECK(http::maxIdleSeconds(3500ms) == 3);
  CHECK(http::maxIdleSeconds(2000ms) == 1);
  CHECK(http::maxIdleSeconds(100ms) == 1);
  CHECK(http::maxIdleSeconds(0ms) == 1);
  CHECK(http::maxIdleSeconds(std::chrono::hours(1)) == 3599);
}

TEST_CASE("an option that libcurl does not take is an error that names it") {
  const auto handle = http::makeEasyHandle();
  CHECK_NOTHROW(http::setUp(handle.get(), {}));
  CHECK_THROWS_AS(http::setOption(handle.get(), CURLOPT_PROTOCOLS_STR, "no-such-protocol"), RequestError);
  CHECK_NOTHROW(http::setOption(handle.get(), CURLOPT_PROTOCOLS_STR, "http"));
}

TEST_CASE("a list keeps its order") {
  http::CurlList list;
  http::append(list, "A: 1");
  http::append(list, "B: 2");
  REQUIRE(list);
  CHECK(std::string(list->data) == "A: 1");
  REQUIRE(list->next);
  CHECK(std::string(list->next->data) == "B: 2");
  CHECK_FALSE(list->next->next);
}
