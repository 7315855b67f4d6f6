#include <atomic>

#include "rest/channel.hpp"
#include "support/catch.hpp"
#include "support/channel_calls.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using Kind = Verdict::Kind;

TEST_CASE("what has passed is remembered, so that a lost connection is not taken for a body too large") {
  auto lost = fault(http::Fault::Kind::reset, "lost", true);
  lost.fault.whileSending = true;
  RestRig rig(inOrder({lost, resultOf("true"), lost, lost, refusal(500, "broken"), lost}));
  constexpr std::size_t mebi = 1u << 20;
  CHECK(send(rig, put(3 * mebi)).verdict.kind == Kind::tooLarge);
  CHECK(send(rig, put(2 * mebi, 1)).verdict.kind == Kind::completed);
  CHECK(send(rig, put(3 * mebi, 1)).verdict.kind == Kind::unavailable);
  CHECK(send(rig, put(5 * mebi, 1)).verdict.kind == Kind::tooLarge);
  CHECK(send(rig, put(5 * mebi, 1)).verdict.kind == Kind::unavailable);  // refused, which is not passed
  CHECK(send(rig, put(5 * mebi, 1)).verdict.kind == Kind::tooLarge);
}

TEST_CASE("what is known to be too large is not sent, unless it cannot be divided") {
  Log log;
  rest::ChannelOptions options;
  options.log = log.writer();
  std::atomic<int> tokens{0};
  options.rest.bearerToken = [&] { return "t" + std::to_string(++tokens); };
  RestRig rig([](const http::Request& request) { return request.body && request.body->size() > 1000 ? page(413) : resultOf("true"); },
              options);
  CHECK(send(rig, put(1500)).verdict.error.httpStatus() == 413);
  CHECK(send(rig, put(700)).verdict.kind == Kind::completed);
  CHECK(tokens == 2);
  const auto known = send(rig, put(751));  // above the half of what was refused, and above what passed
  CHECK(known.verdict.kind == Kind::tooLarge);
  CHECK(known.verdict.neverSent);
  CHECK_FALSE(known.verdict.maybeApplied);
  CHECK(known.verdict.error.code() == Errc::tooLarge);
  CHECK(known.verdict.error.origin() == Origin::transport);
  for (const auto* part : {"751 bytes", "1500 bytes", "700 at most", "http://localhost:6333", "max_request_size_mb", "send less"})
    CHECK(hasPart(known.verdict.error.message(), part));
  CHECK(known.bytesSent == 0);
  CHECK(rig.record->size() == 2);
  CHECK(tokens == 2);
  {
    const std::lock_guard lock(log.mutex);
    REQUIRE(log.lines.size() == 3);
    CHECK(log.lines[2].first == LogLevel::debug);
    CHECK(hasPart(log.lines[2].second, "751 bytes"));
  }
  CHECK(send(rig, put(750)).verdict.kind == Kind::completed);
  CHECK(send(rig, put(751, 1)).verdict.kind == Kind::completed);
  CHECK(send(rig, put(1501, 1)).verdict.error.httpStatus() == 413);  // the server's own word
  CHECK(send(rig, get()).verdict.kind == Kind::completed);
  CHECK(rig.record->size() == 6);
}

TEST_CASE("each sign of a body too large is learnt from, and refusals for other reasons are not") {
  auto lost = fault(http::Fault::Kind::reset, "lost", true);
  lost.fault.whileSending = true;
  constexpr std::size_t bytes = 2'000'000;
  const auto sentAgain = [&](const http::Response& first) {
    RestRig rig(inOrder({first, resultOf("true")}));
    send(rig, put(bytes));
    send(rig, put(bytes));
    return rig.record->size() == 2;
  };
  CHECK_FALSE(sentAgain(refusal(413, "Payload Too Large")));
  CHECK_FALSE(sentAgain(refusal(400, "Payload error: JSON payload (2000000 bytes) is larger than allowed (limit: 1000000 bytes).")));
  CHECK_FALSE(sentAgain(answer(429, "slow down")));
  CHECK_FALSE(sentAgain(lost));
  CHECK(sentAgain(answer(429, "slow down", {{"Retry-After", "1"}})));
  CHECK(sentAgain(refusal(429,
                          "Rate limiting exceeded: Write rate limit exceeded, request larger than rate limiter capacity, please try to "
                          "split your request")));
  CHECK(sentAgain(refusal(400, "Bad request: Limit exceeded 200 > 100 for \\\"upsert limit\\\"")));
  CHECK(sentAgain(refusal(400, "Wrong input: Vector dimension error: expected dim: 4, got 3")));
  CHECK(sentAgain(refusal(500, "broken")));
}

TEST_CASE("a connection that breaks while a body of ordinary size is sent is learnt from when the server shows that it is there") {
  auto lost = fault(http::Fault::Kind::reset, "lost", true);
  lost.fault.whileSending = true;
  RestRig rig([&](const http::Request& request) { return request.body->size() > 1000 ? lost : resultOf("true"); });
  for (int i = 0; i < 2; ++i) {
    const auto broken = send(rig, put(1500));
    CHECK(broken.verdict.kind == Kind::unavailable);
    CHECK(broken.verdict.bodyBroken);
    CHECK_FALSE(broken.verdict.maybeApplied);
  }
  send(rig, put(500));
  CHECK(send(rig, put(1500)).verdict.neverSent);
  CHECK(send(rig, put(750)).verdict.kind == Kind::completed);
  CHECK(rig.record->size() == 4);
}
