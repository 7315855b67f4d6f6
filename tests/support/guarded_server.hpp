#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/campaign.hpp"
#include "support/guarded_points.hpp"

// A server that loses answers and lets writes arrive late, and keeps a record of which of them took effect.
namespace qbatch::test {

/// Which flush: a writer's name and number.
using FlushName = std::pair<std::string, std::uint64_t>;

class GuardedServer {
 public:
  /// One write taking effect on one point.
  struct Effect {
    FlushName flush{};
    unsigned life{};  ///< how often the point had been deleted before
    std::size_t at{};
  };

  explicit GuardedServer(Random& random) : random_(random) {}

  [[nodiscard]] GuardedPoints& points() { return points_; }
  [[nodiscard]] const std::vector<Effect>& effects(const PointId& id) { return effects_[id]; }
  [[nodiscard]] unsigned life(const PointId& id) { return lives_[id]; }
  [[nodiscard]] std::size_t now() { return ++clock_; }

  void erase(const PointId& id) {
    points_.erase(id);
    ++lives_[id];
  }
  void apply(const codec::BatchOperation& operation, const FlushName& flush, const PointId& id) {
    if (points_.apply(operation, id)) effects_[id].push_back({flush, lives_[id], now()});
  }
  void apply(const codec::BatchOperation& operation, const FlushName& flush) {
    for (const auto& id : GuardedPoints::idsOf(operation)) apply(operation, flush, id);
  }
  /// From now on each point of the operation may take it at any time.
  void keepForLater(const codec::BatchOperation& operation, const FlushName& flush) {
    for (const auto& id : GuardedPoints::idsOf(operation)) late_.push_back({operation, flush, id});
  }
  /// In the log: carried out before whatever comes behind it.
  void append(const codec::BatchOperation& operation, const FlushName& flush) { log_.push_back({operation, flush, PointId(0)}); }
  void carryOutOne() {
    if (log_.empty()) return;
    const auto first = log_.front();
    log_.pop_front();
    apply(first.operation, first.flush);
  }
  void carryOutLog() {
    while (!log_.empty()) carryOutOne();
  }
  [[nodiscard]] bool anyLate() const { return !late_.empty(); }
  [[nodiscard]] bool anyLate(const FlushName& flush, const PointId& id) const {
    const auto names = [&](const Late& entry) {
      const auto ids = GuardedPoints::idsOf(entry.operation);
      return entry.flush == flush && std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    return std::any_of(late_.begin(), late_.end(), [&](const Late& late) { return late.flush == flush && late.id == id; }) ||
           std::any_of(log_.begin(), log_.end(), names);
  }
  /// One late write arrives, and sometimes stays to arrive once more.
  void deliverOne() {
    const auto place = random_.below(late_.size());
    const auto late = late_[place];
    if (!random_.chance(20)) late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(place));
    apply(late.operation, late.flush, late.id);
  }

 private:
  struct Late {
    codec::BatchOperation operation{};
    FlushName flush{};
    PointId id{0};
  };
  Random& random_;
  GuardedPoints points_;
  std::vector<Late> late_;
  std::deque<Late> log_;
  std::map<PointId, std::vector<Effect>> effects_;
  std::map<PointId, unsigned> lives_;
  std::size_t clock_ = 0;
};

}  // namespace qbatch::test
