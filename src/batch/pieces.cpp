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

}  // namespace

std::pair<Piece, Piece> Piece::halves() const {
  std::pair<Piece, Piece> both{*this, *this};
  both.first.range.last = both.second.range.first = range.first + range.size() / 2;
  return both;
}

Pieces::Order Pieces::orderOf(const Piece& piece) noexcept {
  const auto suspects = piece.refusal ? std::numeric_limits<std::size_t>::max() - piece.range.size() : 0;
  return {piece.chunk, suspects, piece.range.first};
}

void Pieces::addReady(Piece piece) {
  const auto order = orderOf(piece);
  ready_.emplace(order, std::move(piece));
}

void Pieces::addRepeat(Piece piece, TimePoint due) { repeats_.emplace(due, std::move(piece)); }

TimePoint Pieces::firstDue() const noexcept { return repeats_.empty() ? TimePoint::max() : repeats_.begin()->first; }

Piece Pieces::takeReady() { return std::move(ready_.extract(ready_.begin()).mapped()); }

Piece Pieces::takeRepeat() { return std::move(repeats_.extract(repeats_.begin()).mapped()); }

std::vector<Piece> Pieces::takeIf(const std::function<bool(const Piece&)>& wanted) {
  std::vector<Piece> taken;
  moveIf(ready_, wanted, taken);
  moveIf(repeats_, wanted, taken);
  std::sort(taken.begin(), taken.end(), [](const Piece& a, const Piece& b) { return a.range.first < b.range.first; });
  return taken;
}

}  // namespace qbatch::batch
