#include "batch/size_limit.hpp"

#include <algorithm>

namespace qbatch::batch {
namespace {
constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
constexpr unsigned trust = 16;
}  // namespace

void SizeLimit::refused(std::size_t items) noexcept {
  passed_ = 0;
  if (items > 1) smallestRefused_ = std::min(smallestRefused_, items);  // a single item is at fault by itself
}

void SizeLimit::passed(std::size_t items) noexcept {
  if (smallestRefused_ == none || items < (smallestRefused_ - 1) / 2) return;
  if (++passed_ < trust) return;
  passed_ = 0;
  smallestRefused_ = smallestRefused_ > none / 2 ? none : smallestRefused_ * 2;
}

}  // namespace qbatch::batch
