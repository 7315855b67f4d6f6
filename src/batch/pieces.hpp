#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "batch/positions.hpp"
#include "batch/retry.hpp"
#include "qbatch/error.hpp"
#include "qbatch/report.hpp"

namespace qbatch::batch {

/// Why a piece has to be read back before anything else becomes of it.
enum class Look : std::uint8_t {
  none,
  beforeRepeat,  // an attempt may have been applied
  afterRefusal,  // a refused request may have been applied in part
  whatCame,      // it was carried out only where points were as they had been read
  following,     // it is in the server's log
  ending,        // nothing more will be sent
};

/// A chunk or a part of one, with all that is remembered of its items: they have shared every request so far.
struct Piece {
  Positions positions{};
  std::size_t chunk{};        // the first position of the chunk that it is a part of
  unsigned attempts{};        // requests that carried it, without those refused by size
  unsigned failures{};        // passing faults in a row
  bool maybeApplied = false;  // by some attempt, as far as is known
  bool copiesAlive = false;   // an attempt had no whole answer, and may yet be applied
  bool conditions = false;    // the backend leaves alone what others have written since
  bool seen = false;          // what stands there has been read back
  bool bodyBroken = false;    // the last attempt broke off while its body was being sent
  Error refusal{};            // with which a larger piece was refused because of some item
  Look look = Look::none;
  bool free = false;  // its repeat has been paid for
  unsigned rounds{};  // answers that settled nothing, in a row
  Outcome endsAs{};   // what is not found at the last look
  Error why{};        // and why; also of rounds
  TimePoint followUntil{};

  /// The two halves, each with the whole past. Only for two items or more.
  [[nodiscard]] std::pair<Piece, Piece> halves() const;
  /// The same past for some of its items.
  [[nodiscard]] Piece with(Positions some) const;
  /// True where the next request must not change what others wrote since the first attempt.
  [[nodiscard]] bool again() const noexcept { return maybeApplied || seen || rounds > 0 || refusal; }
};

/// The pieces that wait: ready ones, those that are to be repeated at a certain time, and those of which is to be seen what came of them.
class Pieces {
 public:
  void addReady(Piece piece);
  void addRepeat(Piece piece, TimePoint due);
  /// To be read back when nothing else of its chunk is to be sent; those of one chunk together.
  void addOutcome(Piece piece);

  [[nodiscard]] bool hasReady() const noexcept { return !ready_.empty(); }
  [[nodiscard]] std::size_t repeats() const noexcept { return repeats_.size() + free_.size(); }
  /// Of the repeats, those that something went wrong with: all but acknowledged items, which are only followed.
  [[nodiscard]] std::size_t troubled() const noexcept { return repeats() - followed_; }
  [[nodiscard]] std::size_t size() const noexcept { return ready_.size() + repeats() + outcomes_.size(); }
  /// When the first repeat is due, of those that are still to be paid for and of those that are not; TimePoint::max() where there is none.
  [[nodiscard]] TimePoint firstDue() const noexcept;
  [[nodiscard]] TimePoint firstFreeDue() const noexcept;

  /// The next ready piece. Chunk by chunk in the order of positions, within a chunk parts that no refusal has touched first and by
  /// position, then suspects, the largest first: a part that passes early shows that dividing helps.
  [[nodiscard]] Piece takeReady();
  /// The repeat that is due first.
  [[nodiscard]] Piece takeRepeat();
  [[nodiscard]] Piece takeFreeRepeat();
  /// All of one chunk that is neither ready nor, as `inFlight` says, under way.
  [[nodiscard]] std::optional<Piece> takeOutcome(const std::function<bool(std::size_t chunk)>& inFlight);
  /// Removes the pieces that `wanted` holds for, and returns them by position.
  [[nodiscard]] std::vector<Piece> takeIf(const std::function<bool(const Piece&)>& wanted);

 private:
  struct Order {
    std::size_t chunk, suspects, first;
    auto operator<=>(const Order&) const noexcept = default;
  };
  [[nodiscard]] static Order orderOf(const Piece& piece) noexcept;
  [[nodiscard]] bool hasReadyOf(std::size_t chunk) const noexcept;
  [[nodiscard]] Piece takeFirstRepeat(std::multimap<TimePoint, Piece>& pieces);

  std::map<Order, Piece> ready_;
  std::multimap<TimePoint, Piece> repeats_, free_;
  std::size_t followed_ = 0;               // of these two, those that are only followed
  std::map<std::size_t, Piece> outcomes_;  // by chunk
};

}  // namespace qbatch::batch
