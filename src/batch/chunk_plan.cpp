#include "batch/chunk_plan.hpp"

namespace qbatch::batch {

std::size_t chunkEnd(std::size_t first, std::size_t count, std::size_t maxItems, std::size_t maxBytes,
                     const std::function<std::size_t(std::size_t)>& bytesOf) {
  if (first >= count) return count;
  const auto own = bytesOf(first);
  auto room = own < maxBytes ? maxBytes - own : 0;  // counted down, so that no sum can overflow
  auto end = first + 1;
  while (end < count && end - first < maxItems) {
    const auto bytes = bytesOf(end);
    if (bytes > room) break;
    room -= bytes;
    ++end;
  }
  return end;
}

}  // namespace qbatch::batch
