#include "rest/body_limit.hpp"

#include <algorithm>
#include <utility>

namespace qbatch::rest {

BodyLimit::Known BodyLimit::known(TimePoint now) const {
  const std::lock_guard lock(mutex_);
  return knownLocked(now);
}

BodyLimit::Known BodyLimit::knownLocked(TimePoint now) const {
  return {passed_, now < guessUntil_ ? std::min(refused_, guessed_) : refused_};
}

bool BodyLimit::allows(std::size_t bytes, TimePoint now) const {
  const auto sizes = known(now);
  return sizes.smallestRefused == none || bytes <= std::max(sizes.largestPassed, sizes.smallestRefused / 2);
}

void BodyLimit::passed(std::size_t bytes, TimePoint now) {
  const std::lock_guard lock(mutex_);
  passed_ = std::max(passed_, bytes);
  if (bytes >= refused_) refused_ = none;
  if (bytes >= guessed_) guessed_ = none;
  const auto broken = std::exchange(broken_, none);
  if (broken != none) suspect(broken, now);
}

void BodyLimit::refused(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  refused_ = std::min(refused_, bytes);
  if (passed_ >= bytes) passed_ = 0;
}

void BodyLimit::suspected(std::size_t bytes, TimePoint now) {
  const std::lock_guard lock(mutex_);
  suspect(bytes, now);
}

void BodyLimit::suspect(std::size_t bytes, TimePoint now) {
  if (bytes <= passed_) return;
  guessed_ = now < guessUntil_ ? std::min(guessed_, bytes) : bytes;
  guessUntil_ = now + guessHolds;
}

void BodyLimit::broken(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  broken_ = std::min(broken_, bytes);
}

}  // namespace qbatch::rest
