#include "local/interrupt.hpp"

#include "local/refusal.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("without limits nothing is ever due") {
  CHECK_FALSE(Interrupt().due());
  CHECK_FALSE(Interrupt(CallLimits{}).due());
  Interrupt().check();
}

TEST_CASE("a stop and a deadline are due, and say which it was") {
  std::stop_source source;
  CallLimits limits;
  limits.stop = source.get_token();
  const Interrupt stopped(limits);
  CHECK_FALSE(stopped.due());
  source.request_stop();
  CHECK(stopped.due());
  CHECK_THROWS_AS(stopped.check(), Refusal);
  CHECK(stopped.verdict().error.code() == make_error_code(Errc::cancelled));

  limits = {};
  limits.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  CHECK_FALSE(Interrupt(limits).due());
  limits.deadline = std::chrono::steady_clock::now();
  const Interrupt late(limits);
  CHECK(late.due());
  CHECK(late.verdict().error.code() == make_error_code(Errc::deadlineExceeded));
  CHECK(late.verdict().kind == Verdict::Kind::unavailable);
  CHECK_FALSE(late.verdict().maybeApplied);
}
