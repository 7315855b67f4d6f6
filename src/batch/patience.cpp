#include "batch/patience.hpp"

#include <algorithm>

namespace qbatch::batch {

Patience::Patience(const RetryOptions& options) noexcept : patience_(options.patience), connectPatience_(options.connectPatience) {}

void Patience::progress(TimePoint now) noexcept {
  answered_ = true;
  lastProgress_ = now;
  failures_ = 0;
}

void Patience::failed(TimePoint sentAt, TimePoint now, Jitter& jitter) noexcept {
  if (failures_ == 0) since_ = std::max(sentAt, lastProgress_);
  ++failures_;
  probeAt_ = now + jitter.draw(static_cast<unsigned>(std::min<std::size_t>(failures_, 64)));
}

TimePoint Patience::giveUpAt() const noexcept { return failures_ == 0 ? TimePoint::max() : later(since_, patience()); }

std::string Patience::whyGivenUp() const {
  const auto time = patience().count();
  const auto text = time % 1000 == 0 ? std::to_string(time / 1000) + " s" : std::to_string(time) + " ms";
  return "gave up after " + text +
         (answered_ ? " without progress (retry.patience): " : " without a first answer (retry.connectPatience): ");
}

TimePoint Patience::newChunkAt(std::size_t tried) const noexcept {
  if (failures_ == 0) return TimePoint::min();
  return failures_ >= 3 * tried ? probeAt_ : TimePoint::max();
}

}  // namespace qbatch::batch
