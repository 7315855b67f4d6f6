#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/guarded_operation.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::metrics {

/// What is known of each point of a flush: which writes went out for it, what may still arrive, and how it ended.
///
/// Every ending goes through end(), which never says less than the truth: where a write may have been applied, or may yet be, it is
/// `unknown`.
class FlushLedger {
 public:
  struct Limits {
    unsigned rounds = 20;      ///< writes, at most, for one point
    std::string collection{};  ///< for messages
  };
  FlushLedger(std::span<const MetricChange> changes, const Flush& flush, Limits limits);

  enum class Copies {
    answered,  ///< the server is through with the write; whether the point took it shows when it is read
    partly,    ///< the server is through with it, but stopped somewhere in the middle: no attempt that a point has lost
    alive,     ///< it may take effect at any time from now on, or never
  };
  /// A write left for these points.
  void wrote(std::span<const std::size_t> positions, Copies copies);
  /// The server refused an operation that stood alone; it ends so at the next read, unless the mark says otherwise.
  void refuse(std::span<const std::size_t> positions, Outcome outcome, const Error& error);

  /// What is known of a point from earlier flushes, before any read.
  void recall(std::size_t position, const codec::JsonObject& known) { points_[position].earlier = markOf(known); }
  /// What a read showed of an unsettled point; nullptr: there is no such point. False where that settled it.
  bool see(std::size_t position, const codec::JsonObject* stored);
  /// The server is through with the last write, which should have reached the point as it is now, and did not: it may do so later.
  void mayArrive(std::size_t position) { points_[position].alive = true; }
  /// Ends a point as `outcome`, or as `unknown` where a write may have been applied or may yet be.
  void end(std::size_t position, Outcome outcome, const Error& error);
  /// The point has what its change brings.
  void done(std::size_t position);

  [[nodiscard]] std::vector<std::size_t> unsettled() const;
  [[nodiscard]] bool settled(std::size_t position) const { return points_[position].settled; }
  /// How many answered writes the point lost to others.
  [[nodiscard]] unsigned lost(std::size_t position) const { return points_[position].lost; }
  [[nodiscard]] std::size_t lostRounds() const;
  /// Points whose payload somebody replaced since an earlier flush, as reads of this one showed.
  [[nodiscard]] std::size_t replaced() const { return replaced_; }
  /// True where the mark of this flush was read.
  [[nodiscard]] bool marked(std::size_t position) const { return points_[position].marked; }
  /// True where some write may have reached the point.
  [[nodiscard]] bool sent(std::size_t position) const { return points_[position].sent; }
  /// True where some write may still take effect, or may have been applied unseen.
  [[nodiscard]] bool open(std::size_t position) const { return points_[position].alive || points_[position].unread; }
  /// True where it is known that nothing of this flush has been applied or ever will be: all of it may be sent anew under another number.
  [[nodiscard]] bool untouched() const;
  /// True where a read could still show something new of an unsettled point.
  [[nodiscard]] bool uncertain() const;

  /// Every change that is not done, in order.
  [[nodiscard]] std::vector<ItemVerdict> items() const;

 private:
  struct Point {
    bool settled = false, done = false;
    bool there = false;                     // some read showed it
    bool sent = false;                      // some write may have reached it
    bool marked = false;                    // the mark of this flush was read
    bool alive = false;                     // some write may still take effect
    bool unread = false;                    // written since it was read last
    bool answered = false;                  // the last write was answered
    std::optional<std::int64_t> earlier{};  // this writer's own mark of an earlier flush, as it was read
    unsigned writes = 0, lost = 0;
    std::optional<ItemVerdict> refusal{};
    Outcome outcome{};
    Error error{};
  };
  [[nodiscard]] bool countsThere(std::size_t position, const codec::JsonObject& stored) const;
  [[nodiscard]] std::optional<std::int64_t> markOf(const codec::JsonObject& stored) const;
  [[nodiscard]] Error noPoint(const Point& point, const PointId& id) const;
  [[nodiscard]] Error beyond(const PointId& id, std::int64_t mark) const;
  [[nodiscard]] Error overwritten(const PointId& id) const;
  [[nodiscard]] Error contended(const Point& point, const PointId& id, const codec::JsonObject& stored) const;

  std::span<const MetricChange> changes_;
  Flush flush_;
  Limits limits_;
  std::vector<Point> points_;
  std::size_t replaced_ = 0;
};

}  // namespace qbatch::metrics
