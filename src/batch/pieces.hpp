#pragma once
#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "batch/chunk_plan.hpp"
#include "batch/retry.hpp"
#include "qbatch/error.hpp"

namespace qbatch::batch {

/// A chunk or a part of one, with all that is remembered of its items: they have shared every request so far.
struct Piece {
  Range range{};
  std::size_t chunk{};        // the first position of the chunk that it is a part of
  unsigned attempts{};        // requests that carried it, without those refused by size
  unsigned failures{};        // passing faults in a row
  bool maybeApplied = false;  // by some attempt
  bool bodyBroken = false;    // the last attempt broke off while its body was being sent
  Error refusal{};            // with which a larger piece was refused because of some item

  /// The two halves, each with the whole past. Only for two items or more.
  [[nodiscard]] std::pair<Piece, Piece> halves() const;
};

/// The pieces that wait: ready ones, and those that are to be repeated at a certain time.
class Pieces {
 public:
  void addReady(Piece piece);
  void addRepeat(Piece piece, TimePoint due);

  [[nodiscard]] bool hasReady() const noexcept { return !ready_.empty(); }
  [[nodiscard]] std::size_t repeats() const noexcept { return repeats_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return ready_.size() + repeats_.size(); }
  /// When the first repeat is due; TimePoint::max() where there is none.
  [[nodiscard]] TimePoint firstDue() const noexcept;

  /// The next ready piece. Chunk by chunk in the order of positions, within a chunk parts that no refusal has touched first and by
  /// position, then suspects, the largest first: a part that passes early shows that dividing helps.
  [[nodiscard]] Piece takeReady();
  /// The repeat that is due first.
  [[nodiscard]] Piece takeRepeat();
  /// Removes the pieces that `wanted` holds for, and returns them by position.
  [[nodiscard]] std::vector<Piece> takeIf(const std::function<bool(const Piece&)>& wanted);

 private:
  struct Order {
    std::size_t chunk, suspects, first;
    auto operator<=>(const Order&) const noexcept = default;
  };
  [[nodiscard]] static Order orderOf(const Piece& piece) noexcept;

  std::map<Order, Piece> ready_;
  std::multimap<TimePoint, Piece> repeats_;
};

}  // namespace qbatch::batch
