#include "metrics/point_memory.hpp"

#include <algorithm>
#include <utility>

namespace qbatch::metrics {
namespace {

constexpr std::size_t worthARequest = 256;  // points
constexpr unsigned agreementsToTrustAgain = 2;
// A write upon something that is not so any more costs two requests, one upon what is saves one.
constexpr double worthTheTry = 0.7, pointsToJudgeBy = 10;

}  // namespace

KnownPoint PointMemory::take(const std::string& collection, const PointId& id) {
  const auto found = entries_.find({collection, id});
  if (found == entries_.end()) return {};
  auto& entry = *found->second;
  entry.taken = true;
  KnownPoint known;
  known.rungs = entry.rungs;
  // A mark that goes meanwhile would look as if somebody had replaced the payload.
  if (entry.leaving) return known;
  known.payload = entry.payload;
  // A point of which nothing is known yet is taken for one like the others.
  const bool proven = entry.agreed >= agreementsToTrustAgain, likely = !entry.disagreed && agreement_ >= worthTheTry;
  known.trusted = !entry.payload.empty() && (proven || likely);
  return known;
}

void PointMemory::giveBack(const std::string& collection, FlushedPoint point, std::uint64_t sequence, TimePoint now) {
  const auto place = entryOf(collection, point.id);
  auto& entry = *place;
  entry.taken = false;
  entry.used = now;
  entry.payload = std::move(point.payload);
  if (point.marked) {
    entry.sequence = sequence;
    entry.leaving = false;  // what was asked to go is older
  }
  entry.marked = (entry.marked && !point.gone) || point.marked;
  if (point.foreseen) {
    agreement_ += ((*point.foreseen ? 1 : 0) - agreement_) / pointsToJudgeBy;
    entry.agreed = *point.foreseen ? entry.agreed + 1 : 0;
    entry.disagreed = !*point.foreseen || (entry.disagreed && entry.agreed < agreementsToTrustAgain);
  }
  entry.rungs = point.lost > 0 ? std::min(entry.rungs * 2, mostRungs) : std::max(entry.rungs / 2, 1u);
  entry.unresolved = entry.unresolved || point.open;
  if (entry.unresolved) {
    unresolved_.splice(unresolved_.end(), settled_, place);
  } else if (entry.marked || !entry.payload.empty()) {
    settled_.splice(settled_.end(), settled_, place);
    shrink();
  } else {
    forget(place);
  }
}

void PointMemory::replaced(const std::string& collection, const PointId& id) {
  const auto found = entries_.find({collection, id});
  if (found != entries_.end()) found->second->payload.clear();
}

std::optional<PointMemory::Removal> PointMemory::due(TimePoint now) {
  if (settled_.empty()) return std::nullopt;
  const auto idleSince = now - limits_.idle;
  const auto tooMany = settled_.size() > limits_.points ? settled_.size() - limits_.points : 0;
  std::vector<Entries::iterator> chosen;
  std::size_t place = 0;
  for (auto entry = settled_.begin(); entry != settled_.end() && chosen.size() < limits_.removal; ++place) {
    const auto each = entry++;
    if (each->used > idleSince && place >= tooMany) break;
    if (each->taken) continue;
    if (!each->marked) {
      forget(each);
    } else if (chosen.empty() || chosen.front()->key.collection == each->key.collection) {
      chosen.push_back(each);
    }
  }
  if (chosen.empty()) return std::nullopt;
  const bool late = chosen.front()->used + 2 * limits_.idle <= now;
  if (chosen.size() < std::min(worthARequest, limits_.removal) && !late) return std::nullopt;
  Removal removal;
  removal.collection = chosen.front()->key.collection;
  for (const auto entry : chosen) {
    entry->leaving = true;
    entry->used = now;  // asked again after as long
    settled_.splice(settled_.end(), settled_, entry);
    removal.ids.push_back(entry->key.id);
    removal.upTo = std::max(removal.upTo, entry->sequence);
  }
  return removal;
}

void PointMemory::removed(const Removal& removal, bool carriedOut) {
  for (const auto& id : removal.ids) {
    const auto found = entries_.find({removal.collection, id});
    if (found == entries_.end() || !found->second->leaving) continue;  // it has a new mark
    if (carriedOut && !found->second->unresolved) forget(found->second);
  }
}

std::optional<PointMemory::Removal> PointMemory::last() {
  Removal removal;
  for (auto entry = settled_.begin(); entry != settled_.end() && removal.ids.size() < limits_.removal;) {
    const auto each = entry++;
    if (each->marked && !each->taken) {
      if (!removal.ids.empty() && removal.collection != each->key.collection) continue;
      removal.collection = each->key.collection;
      removal.ids.push_back(each->key.id);
      removal.upTo = std::max(removal.upTo, each->sequence);
    }
    forget(each);
  }
  if (removal.ids.empty()) return std::nullopt;
  return removal;
}

PointMemory::Entries::iterator PointMemory::entryOf(const std::string& collection, const PointId& id) {
  const Key key{collection, id};
  if (const auto found = entries_.find(key); found != entries_.end()) {
    // To the place that its state at the end of this flush decides.
    if (found->second->unresolved) settled_.splice(settled_.end(), unresolved_, found->second);
    return found->second;
  }
  const auto entry = settled_.insert(settled_.end(), Entry{});
  entry->key = key;
  entries_.emplace(key, entry);
  return entry;
}

void PointMemory::forget(Entries::iterator entry) {
  entries_.erase(entry->key);
  settled_.erase(entry);
}

void PointMemory::shrink() {
  for (auto entry = settled_.begin(); settled_.size() > limits_.points && entry != settled_.end();) {
    const auto each = entry++;
    const bool markStays = each->marked && settled_.size() <= 2 * limits_.points;
    if (!each->taken && !markStays)
      forget(each);
    else if (markStays)
      break;  // the next due() asks for it
  }
}

}  // namespace qbatch::metrics
