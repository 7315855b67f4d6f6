#include "http/curl_loop.hpp"

#include <signal.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "exchanges.hpp"
#include "raw_server.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

// Turns, time and ends: what the transport's thread does with exchanges, seen through the transport.

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using http::Fault;
using Kind = Fault::Kind;

namespace {

RawServer::Script silent() {
  return [](RawConnection& connection) {
    (void)connection.readRequest();
    connection.idle();
  };
}

/// Takes the head and nothing of the body.
RawServer::Script deaf() {
  return [](RawConnection& connection) {
    connection.smallBuffer();
    (void)connection.readHead();
    connection.idle();
  };
}

RawServer::Script friendly() {
  return serveEach([](RawConnection& connection, const RawConnection::Request&) { connection.answer("fine"); });
}

http::Request getting(const std::string& url) {
  http::Request request;
  request.url = url;
  return request;
}

}  // namespace

TEST_CASE("an exchange ends at its deadline") {
  const auto transport = http::makeCurlTransport({});
  SECTION("no answer") {
    RawServer server(silent());
    auto request = sending("POST", server.url(), "body");
    request.deadline = in(30ms);
    const auto response = exchange(*transport, std::move(request));
    CHECK(response.fault.kind == Kind::deadline);
    CHECK(response.fault.connected);
    CHECK(response.fault.mayHaveArrived);
    CHECK_FALSE(response.fault.whileSending);
    CHECK(response.status == 0);
  }
  SECTION("half an answer") {
    RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request&) {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
      connection.idle();
    }));
    auto request = getting(server.url());
    request.deadline = in(100ms);
    const auto response = exchange(*transport, std::move(request));
    CHECK(response.fault.kind == Kind::deadline);
    CHECK(response.status == 200);
  }
  SECTION("while sending") {
    RawServer server(deaf());
    auto request = sending("PUT", server.url(), std::string(32u << 20, 'x'));
    request.deadline = in(200ms);
    const auto response = exchange(*transport, std::move(request));
    CHECK(response.fault.kind == Kind::deadline);
    CHECK(response.fault.mayHaveArrived);
    CHECK(response.fault.whileSending);
    CHECK(response.fault.message.find("of 33554432 bytes of the body had left") != std::string::npos);
  }
  SECTION("before it began") {
    RawServer server(friendly());
    auto request = sending("PUT", server.url(), "x");
    request.deadline = in(-1ms);
    const auto response = exchange(*transport, std::move(request));
    CHECK(response.fault.kind == Kind::deadline);
    CHECK_FALSE(response.fault.connected);
    CHECK_FALSE(response.fault.mayHaveArrived);
    CHECK_FALSE(response.fault.whileSending);
    CHECK(server.connections() == 0);
  }
  SECTION("during the TLS handshake") {
    RawServer server([](RawConnection& connection) { connection.idle(); });
    auto request = sending("PUT", "https" + server.url().substr(4), "x");
    request.deadline = in(100ms);
    const auto response = exchange(*transport, std::move(request));
    CHECK(response.fault.kind == Kind::deadline);
    CHECK(response.fault.connected);
    CHECK_FALSE(response.fault.mayHaveArrived);
  }
}

TEST_CASE("a connection that takes too long is given up") {
  RawServer server([](RawConnection& connection) { connection.idle(); });
  const auto transport = http::makeCurlTransport({.connectTimeout = 50ms});
  const auto response = get(*transport, "https" + server.url().substr(4));
  CHECK(response.fault.kind == Kind::connect);
  CHECK(response.fault.message.find("within 50 ms") != std::string::npos);
  CHECK_FALSE(response.fault.mayHaveArrived);
}

TEST_CASE("an exchange ends when nothing moves") {
  const auto transport = http::makeCurlTransport({.idleTimeout = 60ms});
  SECTION("no answer") {
    RawServer server(silent());
    const auto begin = std::chrono::steady_clock::now();
    const auto response = get(*transport, server.url());
    CHECK(response.fault.kind == Kind::idle);
    CHECK(std::chrono::steady_clock::now() - begin >= 60ms);
    CHECK(response.fault.message.find("for 60 ms: the request had left and no answer had come") != std::string::npos);
    CHECK(response.fault.mayHaveArrived);
  }
  SECTION("a body that nobody reads") {
    RawServer server(deaf());
    const auto response = exchange(*transport, sending("PUT", server.url(), std::string(32u << 20, 'x')));
    CHECK(response.fault.kind == Kind::idle);
    CHECK(response.fault.whileSending);
  }
  SECTION("half an answer") {
    RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request&) {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
      connection.idle();
    }));
    CHECK(get(*transport, server.url()).fault.kind == Kind::idle);
  }
}

TEST_CASE("slow is not idle") {
  RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request&) {
    connection.idle(100ms);
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
    for (int i = 0; i < 8; ++i) {
      connection.idle(100ms);
      connection.send("x");
    }
  }));
  // More than the whole answer would have to stand still for this to fail on a machine under load.
  const auto transport = http::makeCurlTransport({.idleTimeout = 800ms});
  const auto begin = std::chrono::steady_clock::now();
  const auto response = get(*transport, server.url());
  CHECK(response.fault.message == "");
  CHECK(response.body == "xxxxxxxx");
  CHECK(std::chrono::steady_clock::now() - begin > 800ms);
}

TEST_CASE("waiting for a turn is not idle") {
  RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request&) {
    connection.idle(100ms);
    connection.answer("fine");
  }));
  const auto transport = http::makeCurlTransport({.idleTimeout = 1000ms, .connections = 1});
  std::vector<Answer> answers(14);
  for (auto& answer : answers) transport->start(getting(server.url()), answer.done());
  for (auto& answer : answers) CHECK(answer.wait().fault.message == "");
}

TEST_CASE("an exchange ends when it is told to") {
  const auto transport = http::makeCurlTransport({.connections = 1});
  std::stop_source stop;
  SECTION("while it waits for an answer") {
    std::atomic<int> arrived = 0;
    RawServer server(serveEach([&](RawConnection& connection, const RawConnection::Request&) {
      ++arrived;
      connection.waitForEnd();
    }));
    auto request = getting(server.url());
    request.stop = stop.get_token();
    Answer answer;
    transport->start(std::move(request), answer.done());
    REQUIRE(eventually([&] { return arrived > 0; }));
    stop.request_stop();
    const auto response = answer.wait();
    CHECK(response.fault.kind == Kind::cancelled);
    CHECK(response.fault.mayHaveArrived);
    CHECK(answer.calls() == 1);
  }
  SECTION("while it waits for its turn") {
    RawServer server(silent());
    std::stop_source other;
    Answer first, second;
    auto request = getting(server.url());
    request.stop = other.get_token();
    transport->start(request, first.done());
    request.stop = stop.get_token();
    transport->start(request, second.done());
    stop.request_stop();
    const auto response = second.wait();
    CHECK(response.fault.kind == Kind::cancelled);
    CHECK(response.fault.message.find("waiting for a free connection") != std::string::npos);
    CHECK_FALSE(response.fault.connected);
    CHECK_FALSE(response.fault.mayHaveArrived);
    CHECK(first.calls() == 0);
    other.request_stop();
    CHECK(first.wait().fault.kind == Kind::cancelled);
  }
  SECTION("before it began") {
    RawServer server(friendly());
    stop.request_stop();
    auto request = getting(server.url());
    request.stop = stop.get_token();
    const auto response = exchange(*transport, std::move(request));
    CHECK(response.fault.kind == Kind::cancelled);
    CHECK_FALSE(response.fault.mayHaveArrived);
    CHECK(server.connections() == 0);
  }
}

TEST_CASE("what follows an exchange that was given up does not get its answer") {
  std::atomic<int> arrived = 0;
  RawServer server(serveEach([&](RawConnection& connection, const RawConnection::Request& request) {
    if (++arrived == 1) connection.idle(50ms);
    connection.answer(request.line());
  }));
  const auto transport = http::makeCurlTransport({});
  std::stop_source stop;
  auto request = getting(server.url("/first"));
  request.stop = stop.get_token();
  Answer answer;
  transport->start(std::move(request), answer.done());
  REQUIRE(eventually([&] { return arrived > 0; }));
  stop.request_stop();
  CHECK(answer.wait().fault.kind == Kind::cancelled);
  CHECK(get(*transport, server.url("/second")).body == "GET /second");
  CHECK(server.connections() == 2);
}

TEST_CASE("never more exchanges at once with a host than connections are allowed") {
  RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request& request) { connection.answer(request.body); }));
  const auto transport = http::makeCurlTransport({.connections = 4});
  std::vector<Answer> answers(300);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < answers.size(); i += 3)
        transport->start(sending("POST", server.url(), std::to_string(i)), answers[i].done());
    });
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < answers.size(); ++i) CHECK(answers[i].wait().body == std::to_string(i));
  CHECK(server.connections() <= 4);
  for (auto& answer : answers) CHECK(answer.calls() == 1);
}

TEST_CASE("an exchange can be started where another ends") {
  RawServer server(friendly());
  const auto transport = http::makeCurlTransport({});
  std::atomic<int> left = 100;
  Answer last;
  std::function<void(http::Response)> next = [&](http::Response response) {
    if (response.status == 200 && --left > 0) {
      transport->start(getting(server.url()), next);
    } else {
      last.done()(std::move(response));
    }
  };
  transport->start(getting(server.url()), next);
  CHECK(last.wait().status == 200);
  CHECK(left == 0);
  CHECK(server.connections() == 1);
}

TEST_CASE("timers come in order, and at once when told to stop") {
  const auto transport = http::makeCurlTransport({});
  std::mutex lock;
  std::vector<int> order;
  std::atomic<int> count = 0;
  const auto note = [&](int number) {
    return [&, number] {
      const std::lock_guard guard(lock);
      order.push_back(number);
      ++count;
    };
  };
  std::stop_source stop;
  const auto begin = std::chrono::steady_clock::now();
  transport->wakeAt(begin + 60ms, {}, note(3));
  transport->wakeAt(begin + 30ms, {}, note(2));
  transport->wakeAt(begin - 5s, {}, note(1));
  transport->wakeAt(http::TimePoint::max(), stop.get_token(), note(4));
  REQUIRE(eventually([&] { return count == 3; }));
  CHECK(std::chrono::steady_clock::now() - begin >= 60ms);
  stop.request_stop();
  REQUIRE(eventually([&] { return count == 4; }));
  transport->wakeAt(begin + 1h, stop.get_token(), note(5));
  REQUIRE(eventually([&] { return count == 5; }));
  const std::lock_guard guard(lock);
  CHECK(order == std::vector<int>{1, 2, 3, 4, 5});
}

TEST_CASE("SIGPIPE is blocked on the transport's thread, and there alone") {
  const auto blocked = [] {
    sigset_t signals;
    sigemptyset(&signals);
    pthread_sigmask(SIG_BLOCK, nullptr, &signals);
    return sigismember(&signals, SIGPIPE) == 1;
  };
  const auto transport = http::makeCurlTransport({});
  std::atomic<bool> there = false, woken = false;
  transport->wakeAt({}, {}, [&] {
    there = blocked();
    woken = true;
  });
  REQUIRE(eventually([&] { return woken.load(); }));
  CHECK(there);
  CHECK_FALSE(blocked());
}

TEST_CASE("the end of the transport ends what is under way, exactly once") {
  RawServer server(silent());
  std::vector<Answer> answers(20);
  std::atomic<int> woken = 0;
  Answer late;
  {
    auto transport = http::makeCurlTransport({.connections = 4});
    for (auto& answer : answers) transport->start(sending("PUT", server.url(), std::string(100000, 'x')), answer.done());
    transport->wakeAt(in(1h), {}, [&] { ++woken; });
    // What is started where something ends while the transport goes is ended as well.
    transport->start(getting(server.url()),
                     [&, whole = transport.get()](http::Response) { whole->start(getting(server.url()), late.done()); });
  }
  CHECK(woken == 1);
  for (auto& answer : answers) {
    CHECK(answer.calls() == 1);
    CHECK(answer.wait().fault.kind == Kind::cancelled);
  }
  CHECK(late.calls() == 1);
  CHECK(late.wait().fault.kind == Kind::cancelled);
}

TEST_CASE("a transport that did nothing ends") {
  for (int i = 0; i < 20; ++i) CHECK(http::makeCurlTransport({}));
}

TEST_CASE("stops that race with answers end every exchange exactly once") {
  const auto seed = test::seed();
  INFO("QBATCH_SEED=" << seed);
  Random random(seed);
  RawServer server(serveEach([](RawConnection& connection, const RawConnection::Request& request) { connection.answer(request.body); }));
  auto transport = http::makeCurlTransport({.connections = 3});
  std::size_t cancelled = 0, answered = 0;
  for (std::size_t round = 0; round < campaignSize(10); ++round) {
    std::vector<Answer> answers(30);
    std::vector<std::stop_source> stops(answers.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      auto request = sending("POST", server.url(), std::to_string(i));
      request.stop = stops[i].get_token();
      if (random.chance(10)) request.deadline = in(std::chrono::milliseconds(random.below(3)));
      transport->start(std::move(request), answers[i].done());
    }
    const auto pause = std::chrono::microseconds(random.below(4000));
    std::thread stopper([&] {
      std::this_thread::sleep_for(pause);
      for (auto& stop : stops) stop.request_stop();
    });
    if (random.chance(20)) transport = http::makeCurlTransport({.connections = 3});
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto response = answers[i].wait();
      if (response.fault.kind == Kind::none) {
        ++answered;
        CHECK(response.body == std::to_string(i));
      } else {
        ++cancelled;
        CHECK((response.fault.kind == Kind::cancelled || response.fault.kind == Kind::deadline));
      }
    }
    stopper.join();
    for (auto& answer : answers) CHECK(answer.calls() == 1);
  }
  CHECK(answered + cancelled == campaignSize(10) * 30);
  CHECK(get(*transport, server.url()).status == 200);
}
