#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/flush_ledger.hpp"
#include "metrics/point_memory.hpp"
#include "metrics/write_plan.hpp"

namespace qbatch::metrics {

/// What a flush knew of its points before, and what it has seen of them: from the memory of earlier flushes to that of later ones.
class SeenPoints {
 public:
  /// `known` is one a change, or empty.
  SeenPoints(std::span<const MetricChange> changes, const Flush& flush, std::vector<KnownPoint> known);

  /// The members to read of every point.
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  /// Tells the ledger which marks are known, and makes operations of what is known, where that is trusted and enough for every change:
  /// whatever is not so any more, the guards notice. Otherwise none.
  [[nodiscard]] WritePlan::Operations fromMemory(const Flush& flush, FlushLedger& ledger);

  /// Before the ledger sees the point: notes whether it is as it was known, where no write of this flush can have changed it yet.
  void compare(std::size_t position, const codec::JsonObject& stored, const FlushLedger& ledger);
  void gone(std::size_t position) { points_[position].gone = true; }
  /// What the point holds now that it is settled.
  void settled(std::size_t position, const codec::JsonObject& stored);
  /// How many counts the next write should be ready for: twice as many after each loss.
  [[nodiscard]] unsigned rungs(std::size_t position, bool lost, unsigned most);

  /// The operation was carried out at some time after it was put into the log, as far as the server says.
  void passed(std::size_t position, const GuardedOperation& operation);
  /// True where that cannot be: the point, as it is, would have had to take it.
  [[nodiscard]] bool skipped(std::size_t position, const GuardedOperation& next);

  /// After the flush.
  [[nodiscard]] std::vector<FlushedPoint> learnt(const Flush& flush, const FlushLedger& ledger);

 private:
  struct Point {
    KnownPoint known{};
    std::string payload{};
    std::optional<bool> foreseen{};
    std::vector<std::string> guards{};  // of the rungs that passed
    bool gone = false;
  };
  std::span<const MetricChange> changes_;
  std::vector<Point> points_;
  std::vector<std::string> keys_;
};

}  // namespace qbatch::metrics
