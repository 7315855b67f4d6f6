#include "batch/retry.hpp"

#include <algorithm>

namespace qbatch::batch {
namespace {
constexpr milliseconds century = std::chrono::hours(24) * 36525;

constexpr milliseconds clamped(milliseconds wait) noexcept { return std::clamp(wait, milliseconds(0), century); }
}  // namespace

TimePoint later(TimePoint now, milliseconds wait) noexcept { return now + clamped(wait); }

TimePoint deadlineAfter(TimePoint began, milliseconds deadline) noexcept {
  return deadline.count() > 0 ? later(began, deadline) : TimePoint::max();
}

milliseconds timeLeft(TimePoint deadline, TimePoint now) noexcept {
  if (deadline == TimePoint::max()) return milliseconds(0);
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(deadline - now));
}

Jitter::Jitter(const RetryOptions& options, std::uint64_t seed) noexcept
    : first_(clamped(options.firstDelay)), most_(clamped(options.maxDelay)), state_(seed) {}

Clock::duration Jitter::draw(unsigned failures) noexcept {
  auto bound = std::min(first_, most_);
  for (; failures > 0 && bound < most_ && bound.count() > 0; --failures) bound = std::min(bound * 2, most_);
  const auto span = static_cast<std::uint64_t>(std::chrono::nanoseconds(bound).count());
  return std::chrono::nanoseconds(static_cast<std::int64_t>(random() % (span + 1)));
}

// SplitMix64 (Steele, Lea, Flood 2014): a counter and a finaliser; every seed is as good as any other.
std::uint64_t Jitter::random() noexcept {
  state_ += 0x9E3779B97F4A7C15u;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

void RetryBudget::success() noexcept { saved_ = std::min(saved_ + repeat_ / 10, 10 * repeat_); }

bool RetryBudget::take(TimePoint now) noexcept {
  refill(now);
  if (saved_ < repeat_) return false;
  saved_ -= repeat_;
  return true;
}

TimePoint RetryBudget::nextAt(TimePoint now) noexcept {
  refill(now);
  return saved_ >= repeat_ ? now : now + (repeat_ - saved_);
}

void RetryBudget::refill(TimePoint now) noexcept {
  if (filled_ == TimePoint::min()) filled_ = now;
  if (now <= filled_) return;
  const auto room = 10 * repeat_ - saved_;
  saved_ += std::min<std::chrono::nanoseconds>(room, now - filled_);
  filled_ = now;
}

}  // namespace qbatch::batch
