#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "qbatch/point_id.hpp"

namespace qbatch::run {

/// The ids of an import's windows that are on their way, so that of several contents of one id the last in the input stands at the end: a
/// window must not be sent before those that hold another content for one of its ids. The same content may come in any order.
class IdsOnTheWay {
 public:
  /// Enters a window's items; returns the windows before it that it has to wait for.
  [[nodiscard]] std::unordered_set<std::size_t> enter(std::size_t window, std::span<const PointId> ids,
                                                      std::span<const std::uint64_t> hashes);
  void leave(std::size_t window, std::span<const PointId> ids);
  [[nodiscard]] bool empty() const noexcept { return windows_.empty(); }

 private:
  std::unordered_multimap<PointId, std::pair<std::size_t, std::uint64_t>> windows_;  // window and content
};

}  // namespace qbatch::run
