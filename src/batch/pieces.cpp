#include "batch/pieces.hpp"

#include <algorithm>
#include <limits>

namespace qbatch::batch {
namespace {

template <class Map>
void moveIf(Map& from, const std::function<bool(const Piece&)>& wanted, std::vector<Piece>& to) {
  for (auto entry = from.begin(); entry != from.end();) {
    if (wanted(entry->second)) {
      to.push_back(std::move(entry->second));
      entry = from.erase(entry);
    } else {
      ++entry;
    }
  }
}

TimePoint firstOf(const std::multimap<TimePoint, Piece>& pieces) noexcept {
  return pieces.empty() ? TimePoint::max() : pieces.begin()->first;
}

template <class Map>
Piece takeFirst(Map& pieces) {
  return std::move(pieces.extract(pieces.begin()).mapped());
}

}  // namespace

std::pair<Piece, Piece> Piece::halves() const {
  auto [first, second] = positions.halves();
  return {with(std::move(first)), with(std::move(second))};
}

Piece Piece::with(Positions some) const {
  Piece piece = *this;
  piece.positions = std::move(some);
  return piece;
}

Pieces::Order Pieces::orderOf(const Piece& piece) noexcept {
  const auto suspects = piece.refusal ? std::numeric_limits<std::size_t>::max() - piece.positions.size() : 0;
  return {piece.chunk, suspects, piece.positions.front()};
}

void Pieces::addReady(Piece piece) {
  const auto order = orderOf(piece);
  ready_.emplace(order, std::move(piece));
}

void Pieces::addRepeat(Piece piece, TimePoint due) {
  followed_ += piece.look == Look::following ? 1 : 0;
  (piece.free ? free_ : repeats_).emplace(due, std::move(piece));
}

void Pieces::addOutcome(Piece piece) {
  const auto [entry, isNew] = outcomes_.try_emplace(piece.chunk, piece);
  if (isNew) return;
  auto& other = entry->second;
  other.positions = Positions::merged(other.positions, piece.positions);
  other.attempts = std::max(other.attempts, piece.attempts);
  other.rounds = std::max(other.rounds, piece.rounds);
  other.copiesAlive = other.copiesAlive || piece.copiesAlive;
}

TimePoint Pieces::firstDue() const noexcept { return firstOf(repeats_); }

TimePoint Pieces::firstFreeDue() const noexcept { return firstOf(free_); }

Piece Pieces::takeReady() { return takeFirst(ready_); }

Piece Pieces::takeFirstRepeat(std::multimap<TimePoint, Piece>& pieces) {
  auto piece = takeFirst(pieces);
  followed_ -= piece.look == Look::following ? 1 : 0;
  return piece;
}

Piece Pieces::takeRepeat() { return takeFirstRepeat(repeats_); }

Piece Pieces::takeFreeRepeat() { return takeFirstRepeat(free_); }

bool Pieces::hasReadyOf(std::size_t chunk) const noexcept {
  const auto next = ready_.lower_bound(Order{chunk, 0, 0});
  return next != ready_.end() && next->first.chunk == chunk;
}

std::optional<Piece> Pieces::takeOutcome(const std::function<bool(std::size_t chunk)>& inFlight) {
  const auto found = std::find_if(outcomes_.begin(), outcomes_.end(),
                                  [&](const auto& entry) { return !hasReadyOf(entry.first) && !inFlight(entry.first); });
  if (found == outcomes_.end()) return std::nullopt;
  return std::move(outcomes_.extract(found).mapped());
}

std::vector<Piece> Pieces::takeIf(const std::function<bool(const Piece&)>& wanted) {
  std::vector<Piece> taken;
  moveIf(ready_, wanted, taken);
  const auto before = taken.size();
  moveIf(repeats_, wanted, taken);
  moveIf(free_, wanted, taken);
  for (auto i = before; i < taken.size(); ++i) followed_ -= taken[i].look == Look::following ? 1 : 0;
  moveIf(outcomes_, wanted, taken);
  std::sort(taken.begin(), taken.end(), [](const Piece& a, const Piece& b) { return a.positions.front() < b.positions.front(); });
  return taken;
}

}  // namespace qbatch::batch
