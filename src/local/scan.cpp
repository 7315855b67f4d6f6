#include "local/scan.hpp"

#include <algorithm>

#include "local/candidates.hpp"
#include "local/held_vectors.hpp"

namespace qbatch::local {
namespace {
constexpr std::size_t rowsBetweenChecks = 1024;
}

bool passesAt(const Collection& points, std::size_t row, const FilterTree& filter, PayloadReader& reader) {
  const VectorsView vectors(points, row);
  const HeldVectorsOf held(vectors);
  return filter.passes({points.id(row), points.payload(row), &held}, reader);
}

void scan(const Collection& points, const FilterTree& filter, const std::optional<PointId>& from, const Interrupt& interrupt,
          const std::function<bool(std::size_t row)>& visit) {
  PayloadReader reader;
  if (auto candidates = candidateRows(points, filter)) {
    std::sort(candidates->begin(), candidates->end(), [&](std::size_t a, std::size_t b) { return points.id(a) < points.id(b); });
    for (const std::size_t row : *candidates) {
      if ((from && points.id(row) < *from) || !passesAt(points, row, filter, reader)) continue;
      if (!visit(row)) return;
    }
    return;
  }
  std::size_t seen = 0;
  const auto& rows = points.rowById();
  for (auto place = from ? rows.lower_bound(*from) : rows.begin(); place != rows.end(); ++place) {
    if (++seen % rowsBetweenChecks == 0) interrupt.check();
    if (passesAt(points, place->second, filter, reader) && !visit(place->second)) return;
  }
}

}  // namespace qbatch::local
