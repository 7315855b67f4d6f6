#include "batch/retry.hpp"

#include <algorithm>
#include <limits>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::batch;
using namespace std::chrono_literals;

TEST_CASE("retry: waits lie within a bound that doubles up to the most", "[batch]") {
  RetryOptions options;
  options.firstDelay = 50ms;
  options.maxDelay = 300ms;
  Jitter jitter(options, 1);
  const std::chrono::nanoseconds bounds[] = {50ms, 100ms, 200ms, 300ms, 300ms, 300ms};
  for (unsigned n = 0; n < 6; ++n) {
    std::chrono::nanoseconds least = 1h, most = 0ms, sum = 0ms;
    for (int i = 0; i < 4000; ++i) {
      const std::chrono::nanoseconds wait = jitter.draw(n);
      least = std::min(least, wait);
      most = std::max(most, wait);
      sum += wait;
    }
    CAPTURE(n);
    CHECK(least >= 0ns);
    CHECK(most <= bounds[n]);
    // Uniform: both ends are reached, and the mean is the middle (its standard error is 0.46% of the bound).
    CHECK(least < bounds[n] / 50);
    CHECK(most > bounds[n] - bounds[n] / 50);
    CHECK(sum / 4000 > bounds[n] * 47 / 100);
    CHECK(sum / 4000 < bounds[n] * 53 / 100);
  }
}

TEST_CASE("retry: the same seed draws the same waits, another one others", "[batch]") {
  Jitter one({}, 42), same({}, 42), other({}, 43);
  bool differs = false;
  for (unsigned n = 0; n < 20; ++n) {
    const auto wait = one.draw(n);
    CHECK(wait == same.draw(n));
    differs = differs || wait != other.draw(n);
  }
  CHECK(differs);
}

TEST_CASE("retry: the sequence is the same on every platform", "[batch]") {
  RetryOptions options;
  options.firstDelay = options.maxDelay = 1000ms;
  Jitter jitter(options, 0);
  // SplitMix64 from 0 begins 0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4; each modulo 1,000,000,001.
  CHECK(jitter.draw(0) == std::chrono::nanoseconds(0xE220A8397B1DCDAFu % 1000000001u));
  CHECK(jitter.draw(0) == std::chrono::nanoseconds(0x6E789E6AA1B965F4u % 1000000001u));
}

TEST_CASE("retry: odd options do no harm", "[batch]") {
  RetryOptions options;
  options.firstDelay = 0ms;
  CHECK(Jitter(options, 1).draw(1000000) == 0ns);
  options.firstDelay = -5ms;
  CHECK(Jitter(options, 1).draw(3) == 0ns);
  options.firstDelay = 100ms;
  options.maxDelay = 10ms;
  CHECK(Jitter(options, 1).draw(0) <= 10ms);
  options.maxDelay = milliseconds::max();
  Jitter jitter(options, 1);
  for (unsigned n = 0; n < 1000; ++n) CHECK(jitter.draw(n) >= 0ns);
  CHECK(jitter.draw(std::numeric_limits<unsigned>::max()) >= 0ns);
}

TEST_CASE("retry: later() does not overflow", "[batch]") {
  const auto now = TimePoint(1000h);
  CHECK(later(now, 5ms) == now + 5ms);
  CHECK(later(now, -5ms) == now);
  CHECK(later(now, milliseconds::max()) > now + 24h * 36000);
}

TEST_CASE("retry: the budget has ten repeats at first, and earns one a second", "[batch]") {
  RetryBudget budget;
  auto now = TimePoint(1h);
  for (int i = 0; i < 10; ++i) CHECK(budget.take(now));
  CHECK_FALSE(budget.take(now));
  CHECK(budget.nextAt(now) == now + 1s);
  now += 999ms;
  CHECK_FALSE(budget.take(now));
  CHECK(budget.nextAt(now) == now + 1ms);
  now += 1ms;
  CHECK(budget.nextAt(now) == now);
  CHECK(budget.take(now));
  CHECK_FALSE(budget.take(now));
  now += 1h;  // no more than ten are saved
  for (int i = 0; i < 10; ++i) CHECK(budget.take(now));
  CHECK_FALSE(budget.take(now));
}

TEST_CASE("retry: ten successes earn a repeat", "[batch]") {
  RetryBudget budget;
  const auto now = TimePoint(1h);
  for (int i = 0; i < 10; ++i) CHECK(budget.take(now));
  for (int i = 0; i < 9; ++i) budget.success();
  CHECK_FALSE(budget.take(now));
  budget.success();
  CHECK(budget.take(now));
  CHECK_FALSE(budget.take(now));
  for (int i = 0; i < 1000; ++i) budget.success();
  for (int i = 0; i < 10; ++i) CHECK(budget.take(now));
  CHECK_FALSE(budget.take(now));
}

TEST_CASE("retry: a deadline is a time after the beginning, and what is left of it at least a millisecond", "[batch]") {
  const auto began = TimePoint(1h);
  CHECK(deadlineAfter(began, milliseconds(0)) == TimePoint::max());
  CHECK(deadlineAfter(began, milliseconds(20)) == began + 20ms);
  CHECK(deadlineAfter(began, milliseconds::max()) < TimePoint::max());
  CHECK(timeLeft(TimePoint::max(), began).count() == 0);
  CHECK(timeLeft(began + 20ms, began) == 20ms);
  CHECK(timeLeft(began + 20ms, began + 19500us) == 1ms);
  CHECK(timeLeft(began + 20ms, began + 1h) == 1ms);
}
