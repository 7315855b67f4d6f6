#pragma once
#include <cstddef>
#include <functional>

namespace qbatch::batch {

/// A half-open range of positions.
struct Range {
  std::size_t first{}, last{};
  [[nodiscard]] std::size_t size() const noexcept { return last - first; }
  bool operator==(const Range&) const noexcept = default;
};

/// The end of the chunk that begins at `first`: at most `maxItems` items and `maxBytes` bytes, but always one item. `bytesOf` gives an
/// item's estimated bytes in the request. `count` where there is no item at `first`.
[[nodiscard]] std::size_t chunkEnd(std::size_t first, std::size_t count, std::size_t maxItems, std::size_t maxBytes,
                                   const std::function<std::size_t(std::size_t)>& bytesOf);

}  // namespace qbatch::batch
