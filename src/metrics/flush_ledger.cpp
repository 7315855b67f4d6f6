#include "metrics/flush_ledger.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

namespace qbatch::metrics {
namespace {

constexpr std::string_view notKnown = "; whether it was or will be applied is not known, because a write was never fully answered";

}  // namespace

FlushLedger::FlushLedger(std::span<const MetricChange> changes, const Flush& flush, Limits limits)
    : changes_(changes), flush_(flush), limits_(std::move(limits)), points_(changes.size()) {
  limits_.rounds = std::max(limits_.rounds, 1u);
}

void FlushLedger::wrote(std::span<const std::size_t> positions, Copies copies) {
  for (const auto position : positions) {
    auto& point = points_[position];
    point.sent = point.unread = true;
    point.answered = copies == Copies::answered;
    point.alive = point.alive || copies == Copies::alive;
    if (copies != Copies::partly) ++point.writes;
  }
}

void FlushLedger::refuse(std::span<const std::size_t> positions, Outcome outcome, const Error& error) {
  for (const auto position : positions) points_[position].refusal = ItemVerdict{position, outcome, error};
}

bool FlushLedger::see(std::size_t position, const codec::JsonObject* stored) {
  auto& point = points_[position];
  const auto& id = changes_[position].id;
  if (stored == nullptr) {
    point.unread = false;  // what it may have taken is gone with it
    end(position, Outcome::rejected, noPoint(point, id));
    return false;
  }
  point.there = true;
  const auto mark = markOf(*stored);
  const auto own = static_cast<std::int64_t>(flush_.sequence);
  if (mark == own) {
    point.marked = true;
    done(position);
    return false;
  }
  if (mark && *mark > own) {
    point.unread = point.sent;  // a later flush covers whether this one was applied
    end(position, Outcome::failed, beyond(id, *mark));
    return false;
  }
  // Nobody takes a mark away but its owner, and whoever writes a whole payload.
  if (point.earlier && mark.value_or(-1) < *point.earlier) {
    if (point.sent && countsThere(position, *stored)) {
      point.unread = false;
      end(position, Outcome::unknown, overwritten(id));
      return false;
    }
    ++replaced_;
    point.earlier.reset();
  }
  if (mark || !point.sent) point.earlier = mark;
  if (point.unread && point.answered) ++point.lost;
  point.unread = false;
  if (point.refusal) {
    end(position, point.refusal->outcome, point.refusal->error);
  } else if (point.writes >= limits_.rounds) {
    end(position, Outcome::failed, contended(point, id, *stored));
  }
  return !point.settled;
}

/// Where none is, or 0 as in a pattern stored anew, whoever replaced the payload has not taken them over: then the update comes behind
/// that, applied before or not.
bool FlushLedger::countsThere(std::size_t position, const codec::JsonObject& stored) const {
  const auto& increments = changes_[position].increments;
  return std::any_of(increments.begin(), increments.end(), [&](const auto& increment) {
    const auto* raw = stored.find(increment.first);
    return raw != nullptr && *raw != "null" && *raw != "0";
  });
}

std::optional<std::int64_t> FlushLedger::markOf(const codec::JsonObject& stored) const {
  const auto* raw = stored.find(flush_.markKey());
  return raw != nullptr ? codec::integerValue(*raw) : std::nullopt;
}

void FlushLedger::end(std::size_t position, Outcome outcome, const Error& error) {
  auto& point = points_[position];
  point.settled = true;
  point.outcome = point.alive || point.unread ? Outcome::unknown : outcome;
  point.error = error;
}

void FlushLedger::done(std::size_t position) {
  auto& point = points_[position];
  point.settled = point.done = true;
  point.unread = false;
  point.outcome = Outcome::done;
}

std::vector<std::size_t> FlushLedger::unsettled() const {
  std::vector<std::size_t> positions;
  for (std::size_t position = 0; position < points_.size(); ++position) {
    if (!points_[position].settled) positions.push_back(position);
  }
  return positions;
}

std::size_t FlushLedger::lostRounds() const {
  return std::accumulate(points_.begin(), points_.end(), std::size_t{0},
                         [](std::size_t sum, const Point& point) { return sum + point.lost; });
}

bool FlushLedger::untouched() const {
  return std::none_of(points_.begin(), points_.end(), [](const Point& point) { return point.alive || point.unread || point.marked; });
}

bool FlushLedger::uncertain() const {
  return std::any_of(points_.begin(), points_.end(), [](const Point& point) { return !point.settled && (point.alive || point.unread); });
}

std::vector<ItemVerdict> FlushLedger::items() const {
  std::vector<ItemVerdict> items;
  for (std::size_t position = 0; position < points_.size(); ++position) {
    if (!points_[position].done) items.push_back({position, points_[position].outcome, points_[position].error});
  }
  return items;
}

Error FlushLedger::noPoint(const Point& point, const PointId& id) const {
  auto message = fmt::format("No point with id {} in collection `{}`", id.toString(), limits_.collection);
  if (point.sent && (point.there || point.alive))
    message += point.alive ? std::string(" any more") + std::string(notKnown) : ": it was deleted while it was updated";
  return Error(Errc::pointNotFound, Origin::server, std::move(message), 404,
               fmt::format("Not found: No point with id {} found", id.toString()));
}

Error FlushLedger::beyond(const PointId& id, std::int64_t mark) const {
  return Error(Errc::internal, Origin::server,
               fmt::format("point {}: `{}` holds {}, beyond this update's own {}, so this update can no longer be applied or told apart; a "
                           "writer's name must never be used by two clients at a time",
                           id.toString(), flush_.markKey(), mark, flush_.sequence));
}

Error FlushLedger::overwritten(const PointId& id) const {
  return Error(Errc::unavailable, Origin::server,
               fmt::format("point {}: its payload was replaced while it was updated (the member `{}`, which an earlier update had left, is "
                           "gone), so it cannot be told whether this update is in its counts: look at them, and let who replaces payloads "
                           "keep the members that begin with `_qbatch`, as a store with Existing::keepMetrics does",
                           id.toString(), flush_.markKey()));
}

Error FlushLedger::contended(const Point& point, const PointId& id, const codec::JsonObject& stored) const {
  if (point.alive) {
    return Error(
        Errc::unavailable, Origin::server,
        fmt::format("point {}: none of {} writes of its new counts showed when it was read{}", id.toString(), point.writes, notKnown));
  }
  const auto* raw = stored.find(stampKey);
  const auto stamp = raw != nullptr ? codec::stringValue(*raw) : std::nullopt;
  auto message =
      fmt::format("point {}: it was changed by others each of the {} times that its new counts were written", id.toString(), point.writes);
  if (stamp) message += fmt::format(", last under the stamp `{}`", *stamp);
  message += "; send the update again, with fewer clients updating this point at one time";
  return Error(Errc::unavailable, Origin::server, std::move(message));
}

}  // namespace qbatch::metrics
