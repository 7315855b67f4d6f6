#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/point_memory.hpp"
#include "rest/channel.hpp"

namespace qbatch::rest {

/// What one backend's updates remember of points (metrics::PointMemory), and how the marks that they left there are removed. Thread-safe.
class Marks {
 public:
  using Removal = metrics::PointMemory::Removal;

  explicit Marks(metrics::PointMemory::Limits limits = {}) : memory_(limits) {}

  /// One a change. Each is to be given back.
  [[nodiscard]] std::vector<metrics::KnownPoint> take(const std::string& collection, std::span<const MetricChange> changes);
  void giveBack(const std::string& collection, std::vector<metrics::FlushedPoint> points, std::uint64_t sequence);
  /// True where anything is remembered.
  [[nodiscard]] bool any();
  /// The whole points are written or deleted, by this backend itself.
  void replaced(const std::string& collection, std::span<const PointId> ids);
  /// How many points are unresolved, where that is too many to begin anything.
  [[nodiscard]] std::optional<std::size_t> tooManyUnresolved();

  /// What is to be removed now, in passing; what came of it is told to removed().
  [[nodiscard]] std::optional<Removal> due();
  void removed(const Removal& removal, Answered& answered);
  /// The call that does it, for the writer's marks.
  [[nodiscard]] static Call removalCall(const Removal& removal, const std::string& writer, Channel& channel);

  /// Removes all that may go, one request after the other, until `limit` is over or one fails. Blocks.
  void removeAll(const std::string& writer, const std::shared_ptr<Channel>& channel, std::chrono::milliseconds limit);

 private:
  std::mutex mutex_;
  metrics::PointMemory memory_;
};

}  // namespace qbatch::rest
