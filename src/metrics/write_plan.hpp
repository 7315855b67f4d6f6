#pragma once
#include <cstddef>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "metrics/guarded_operation.hpp"

namespace qbatch::metrics {

/// What of a flush is still to be written, in pieces of which each becomes one Write: all of it, or parts of it where that was refused or
/// was too much. Halves are halves of the points, so that what several points share is divided too; of the operations one at most is cut.
class WritePlan {
 public:
  using Positions = std::vector<std::size_t>;  // in the changes, ascending
  using Operations = std::vector<std::pair<std::size_t, GuardedOperation>>;

  WritePlan(std::span<const MetricChange> changes, Flush flush) : changes_(changes), flush_(std::move(flush)) {}

  /// What was just read wants these. Waiting pieces keep their bounds, less what is settled by now; what stands in none of them goes as
  /// one. No piece may be under way.
  void renew(Operations wanted);
  /// True where no piece waits.
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

  /// The next piece's operations; it is under way from now on.
  [[nodiscard]] std::vector<codec::BatchOperation> take();
  /// The points of the piece under way; none where there is no such piece.
  [[nodiscard]] const Positions& underWay() const { return underWay_; }
  /// What is wanted for a point of it.
  [[nodiscard]] const GuardedOperation& wanted(std::size_t position) const;
  /// How many operations it has.
  [[nodiscard]] std::size_t operations() const { return operations_; }

  // What becomes of the piece under way.
  void drop();     ///< it does not go again
  void putBack();  ///< it is the next once more
  /// Its halves are the next. False where it is a single point, which stays under way.
  bool divide();
  /// The same, and until none waits no piece goes that has more points than half of it.
  bool divideAll();

 private:
  [[nodiscard]] std::vector<SharedOperation> shared(const Positions& positions) const;
  [[nodiscard]] Positions firstHalf(const Positions& positions) const;

  static constexpr auto any = static_cast<std::size_t>(-1);
  std::span<const MetricChange> changes_;
  Flush flush_;
  Operations wanted_{};
  std::deque<Positions> waiting_{};
  Positions underWay_{};
  std::size_t operations_ = 0;
  std::size_t most_ = any;  // points in a piece
};

}  // namespace qbatch::metrics
