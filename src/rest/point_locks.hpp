#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "qbatch/point_id.hpp"

namespace qbatch::rest {

/// Lets one at a time work on a point, whatever its collection: that may be called by several names, and equal ids of two
/// collections merely take turns. Whoever wants several gets all at once or waits, in the order of asking as far as points are
/// shared; so nobody waits for somebody who waits. Thread-safe.
class PointLocks {
 public:
  using Ticket = std::uint64_t;

  /// Calls `ready` once all of these points are free: before it returns, or later from whoever releases them. Each id stands once.
  Ticket acquire(std::span<const PointId> ids, std::function<void()> ready);
  /// Gives the points back.
  void release(Ticket ticket);
  /// True where `ready` has not been called and will not be.
  [[nodiscard]] bool withdraw(Ticket ticket);

 private:
  struct Wish {
    Ticket ticket{};
    std::vector<PointId> points;
    std::function<void()> ready;
    bool holds = false;
  };
  using Wishes = std::list<Wish>;

  // The wishes that can be granted now, granted; to be told without the lock.
  std::vector<std::function<void()>> grant();

  std::mutex mutex_;
  Ticket next_ = 1;
  Wishes wishes_;  // in the order of asking, those that hold among them
};

}  // namespace qbatch::rest
