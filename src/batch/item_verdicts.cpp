#include "batch/item_verdicts.hpp"

#include <algorithm>
#include <string>

namespace qbatch::batch {
namespace {

Part disbelieved(Range whole, std::size_t position) {
  return {whole, Outcome::unknown,
          Error(Errc::internal, Origin::server,
                "the backend's answer names item " + std::to_string(position) + " twice or beyond the request of " +
                    std::to_string(whole.size()) + " items, so that none of it can be believed; report this to the backend's authors")};
}

Part single(std::size_t position, const ItemVerdict& verdict) {
  const Range range{position, position + 1};
  const bool fine = verdict.outcome == Outcome::done || verdict.outcome == Outcome::accepted;
  if (fine) return {range, verdict.outcome, {}};
  if (verdict.error) return {range, verdict.outcome, verdict.error};
  return {range, verdict.outcome, Error(Errc::internal, Origin::server, "the backend gave no reason why this item failed")};
}

}  // namespace

std::vector<Part> partsOf(std::span<const ItemVerdict> exceptions, Range whole, Outcome rest) {
  if (exceptions.empty()) return {{whole, rest, {}}};
  std::vector<const ItemVerdict*> sorted;
  sorted.reserve(exceptions.size());
  for (const auto& exception : exceptions) sorted.push_back(&exception);
  std::sort(sorted.begin(), sorted.end(), [](const ItemVerdict* a, const ItemVerdict* b) { return a->position < b->position; });

  std::vector<Part> parts;
  std::size_t next = whole.first;
  for (const auto* exception : sorted) {
    const auto position = whole.first + exception->position;
    if (exception->position >= whole.size() || position < next) return {disbelieved(whole, exception->position)};
    if (position > next) parts.push_back({{next, position}, rest, {}});
    parts.push_back(single(position, *exception));
    next = position + 1;
  }
  if (next < whole.last) parts.push_back({{next, whole.last}, rest, {}});
  return parts;
}

}  // namespace qbatch::batch
