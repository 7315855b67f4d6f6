#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>

#include "qbatch/backend.hpp"
#include "support/catch.hpp"

using namespace qbatch;

TEST_CASE("a REST backend names every option that cannot work") {
  ClientOptions options;
  options.url = "ftp://example.com";
  options.rest.consistency = "some";
  options.flow.maxInFlight = 0;
  try {
    static_cast<void>(makeRestBackend(options));
    FAIL("it was made");
  } catch (const ConfigError& error) {
    REQUIRE(error.problems().size() == 3);
    CHECK(error.problems()[0].starts_with("url: "));
    CHECK(error.problems()[1].starts_with("rest.consistency: "));
    CHECK(error.problems()[2].starts_with("flow.maxInFlight: "));
  }
  CHECK_THROWS_AS(makeRestBackend({}), ConfigError);
}

TEST_CASE("a REST backend sends nothing before it is asked, and says where nobody listens") {
  ClientOptions options;
  options.url = "http://127.0.0.1:1";
  const auto backend = makeRestBackend(options);
  std::promise<Reply> promise;
  backend->run(ListCollections{}, {}, [&](Reply reply) { promise.set_value(std::move(reply)); });
  const auto reply = promise.get_future().get();
  CHECK(reply.verdict.kind == Verdict::Kind::unavailable);
  CHECK(reply.verdict.neverConnected);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(reply.verdict.error.origin() == Origin::transport);
  CHECK(reply.verdict.error.message().find("127.0.0.1:1") != std::string::npos);
}

TEST_CASE("a REST backend that is told to stop answers, and many requests are answered once each") {
  ClientOptions options;
  options.url = "http://127.0.0.1:1";
  const auto backend = makeRestBackend(options);
  std::stop_source stop;
  stop.request_stop();
  std::vector<std::promise<Reply>> promises(50);
  for (std::size_t i = 0; i < promises.size(); ++i) {
    CallLimits limits;
    if (i % 2 == 0) limits.stop = stop.get_token();
    backend->run(CountPoints{"c", ""}, limits, [&promises, i](Reply reply) { promises[i].set_value(std::move(reply)); });
  }
  for (std::size_t i = 0; i < promises.size(); ++i) {
    const auto reply = promises[i].get_future().get();
    CHECK(reply.verdict.kind == Verdict::Kind::unavailable);
    if (i % 2 == 0) CHECK(reply.verdict.neverSent);
  }
}

TEST_CASE("a REST backend that goes away stops what is under way, and answers it") {
  // An address that takes connections and never answers: a listening socket that nobody accepts from.
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
  REQUIRE(::listen(listener, 16) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  ClientOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  std::atomic<int> answered{0};
  const CountPoints count{"c", ""};
  const Request request = count;
  {
    const auto backend = makeRestBackend(options);
    for (int i = 0; i < 5; ++i)
      backend->run(request, {}, [&](Reply reply) { answered += reply.verdict.kind == Verdict::Kind::unavailable ? 1 : 100; });
  }
  CHECK(answered == 5);
  ::close(listener);
}
