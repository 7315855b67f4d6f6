#include "metrics/seen_points.hpp"

#include <algorithm>
#include <utility>

#include "codec/json_object.hpp"

namespace qbatch::metrics {

SeenPoints::SeenPoints(std::span<const MetricChange> changes, const Flush& flush, std::vector<KnownPoint> known)
    : changes_(changes), points_(changes.size()), keys_(keysToRead(changes, flush)) {
  for (std::size_t position = 0; position < known.size(); ++position) points_.at(position).known = std::move(known[position]);
}

WritePlan::Operations SeenPoints::fromMemory(const Flush& flush, FlushLedger& ledger) {
  WritePlan::Operations operations;
  for (std::size_t position = 0; position < changes_.size(); ++position) {
    const auto& known = points_[position].known;
    const auto stored = codec::JsonObject::ofPayload(known.payload);
    ledger.recall(position, stored);
    if (!known.trusted || operations.size() < position) continue;
    const auto keys = keysToRead(changes_.subspan(position, 1), flush);
    if (std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return stored.find(key) == nullptr; })) continue;
    try {
      auto operation = guardedOperation(changes_[position], stored, flush);
      if (!operation.rungs.empty()) operations.emplace_back(position, std::move(operation));
    } catch (const RequestError&) {
      // It may hold something else by now: that is to be read before anything is said of it.
    }
  }
  if (operations.size() < changes_.size()) operations.clear();
  return operations;
}

void SeenPoints::compare(std::size_t position, const codec::JsonObject& stored, const FlushLedger& ledger) {
  auto& point = points_[position];
  if (point.known.payload.empty() || point.foreseen || ledger.sent(position)) return;
  const auto known = codec::JsonObject::parse(point.known.payload);
  point.foreseen = std::all_of(keys_.begin(), keys_.end(), [&](const auto& key) {
    if (key == stampKey) return true;  // who wrote last does not matter, where nothing came of it
    const auto* before = known.find(key);
    const auto* now = stored.find(key);
    return before == nullptr || *before == (now != nullptr ? *now : "null");
  });
}

void SeenPoints::settled(std::size_t position, const codec::JsonObject& stored) {
  auto members = stored;
  for (const auto& key : keys_) {
    if (members.find(key) == nullptr) members.set(key, "null");  // known not to be there
  }
  points_[position].payload = members.text();
}

unsigned SeenPoints::rungs(std::size_t position, bool lost, unsigned most) {
  auto& rungs = points_[position].known.rungs;
  rungs = std::clamp(lost ? rungs * 2 : rungs, 1u, most);
  return rungs;
}

void SeenPoints::passed(std::size_t position, const GuardedOperation& operation) {
  for (const auto& rung : operation.rungs) points_[position].guards.push_back(rung.must);
}

bool SeenPoints::skipped(std::size_t position, const GuardedOperation& next) {
  const auto guards = std::exchange(points_[position].guards, {});
  return !next.rungs.empty() && std::find(guards.begin(), guards.end(), next.rungs.front().must) != guards.end();
}

std::vector<FlushedPoint> SeenPoints::learnt(const Flush& flush, const FlushLedger& ledger) {
  std::vector<FlushedPoint> learnt;
  for (std::size_t position = 0; position < changes_.size(); ++position) {
    auto& seen = points_[position];
    FlushedPoint point;
    point.id = changes_[position].id;
    point.payload = std::move(seen.payload);
    point.lost = ledger.lost(position);
    const bool writtenUnread = !seen.known.payload.empty() && ledger.sent(position) && !seen.foreseen;
    point.foreseen = writtenUnread ? std::optional(point.lost == 0) : seen.foreseen;
    point.marked = ledger.marked(position) && ledger.sent(position) && !flush.indexedOnly;
    point.open = ledger.open(position);
    point.gone = seen.gone;
    learnt.push_back(std::move(point));
  }
  return learnt;
}

}  // namespace qbatch::metrics
