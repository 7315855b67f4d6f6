#include "stream/resume.hpp"

#include <algorithm>
#include <utility>

#include "stream/item_hash.hpp"

namespace qbatch::stream {

Resume::Resume(std::vector<SettledRange> settled, std::optional<std::uint64_t> firstItem)
    : ranges_(std::move(settled)), firstItem_(firstItem) {}

Resume::Item Resume::next(std::size_t index, std::uint64_t contentHash) {
  const auto digest = itemDigest(index, contentHash);
  if (index == 0 && firstItem_ && digest != *firstItem_) {
    differsFrom_ = 0;
    return Item::otherInput;
  }
  if (range_ == ranges_.size() || index < ranges_[range_].first) return Item::toDo;
  const auto& range = ranges_[range_];
  digest_ += digest;
  ++settledItems_;
  if (index + 1 < range.last) return Item::settled;
  if (std::exchange(digest_, 0) != range.digest) {
    differsFrom_ = range.first;
    return Item::otherInput;
  }
  letters_ += range.letters;
  ++range_;
  return Item::settled;
}

bool Resume::anyStored() const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(), [](const SettledRange& range) { return range.letters < range.last - range.first; });
}

bool Resume::endsAt(std::size_t items) const noexcept { return ranges_.empty() || ranges_.back().last <= items; }

}  // namespace qbatch::stream
