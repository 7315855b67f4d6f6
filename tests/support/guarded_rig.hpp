#pragma once
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "metrics/guarded_update.hpp"
#include "support/catch.hpp"
#include "support/guarded_points.hpp"

// One guarded update, led step by step over points that lie at hand.
namespace qbatch::test {

inline Verdict failure(Verdict::Kind kind, bool maybeApplied, Errc code = Errc::unavailable, int status = 0) {
  Verdict verdict;
  verdict.kind = kind;
  verdict.maybeApplied = maybeApplied;
  verdict.error = Error(code, Origin::server, "the server's words", status);
  return verdict;
}
inline const Verdict lost = failure(Verdict::Kind::unavailable, true);
inline const Verdict refusedBatch = failure(Verdict::Kind::itemAtFault, true, Errc::refused, 400);
inline const Error noTime(Errc::deadlineExceeded, Origin::caller, "no time left");

inline MetricChange counting(std::uint64_t id, std::int64_t by = 1) { return {.id = id, .increments = {{"usage_count", by}}}; }

inline std::vector<PointId> settledMarks(const std::vector<metrics::FlushedPoint>& points) {
  std::vector<PointId> ids;
  for (const auto& point : points) {
    if (point.marked && !point.open) ids.push_back(point.id);
  }
  return ids;
}

/// An update and the points it is about. Each step must be the one that the test expects.
struct GuardedRig {
  explicit GuardedRig(std::vector<MetricChange> wanted, unsigned rounds = 20, std::size_t waitedFor = 64)
      : changes(std::move(wanted)),
        update(changes, {.writer = "W", .sequence = 100, .rounds = rounds, .collection = "patterns", .waitedFor = waitedFor}) {
    for (const auto& change : changes) points.put(change.id, "{}");
  }
  void put(std::uint64_t id, const std::string& payload) { points.put(id, payload); }
  std::vector<PointId> takeRead() {
    const auto action = update.next();
    REQUIRE(std::holds_alternative<metrics::GuardedUpdate::Read>(action));
    keys = std::get<metrics::GuardedUpdate::Read>(action).keys;
    return std::get<metrics::GuardedUpdate::Read>(action).ids;
  }
  void read() {
    const auto ids = takeRead();
    update.read(points.read(ids, keys));
  }
  std::vector<codec::BatchOperation> takeWrite() {
    const auto action = update.next();
    REQUIRE(std::holds_alternative<metrics::GuardedUpdate::Write>(action));
    return std::get<metrics::GuardedUpdate::Write>(action).operations;
  }
  void apply(const std::vector<codec::BatchOperation>& operations) {
    for (const auto& operation : operations) {
      for (const auto& id : GuardedPoints::idsOf(operation)) points.apply(operation, id);
    }
  }
  void write() {
    apply(takeWrite());
    update.written();
  }
  unsigned pause() {
    const auto action = update.next();
    REQUIRE(std::holds_alternative<metrics::GuardedUpdate::Pause>(action));
    outOfStep = std::get<metrics::GuardedUpdate::Pause>(action).outOfStep;
    return std::get<metrics::GuardedUpdate::Pause>(action).attempt;
  }
  const Verdict& finished() {
    REQUIRE(std::holds_alternative<metrics::GuardedUpdate::Finished>(update.next()));
    return update.verdict();
  }
  /// After Finished: the outcome of the change at `position`.
  Outcome outcome(std::size_t position) {
    REQUIRE(finished().kind == Verdict::Kind::completed);
    for (const auto& item : update.verdict().items) {
      if (item.position == position) return item.outcome;
    }
    return Outcome::done;
  }
  /// The points whose mark may go.
  std::vector<PointId> settledMarks() { return test::settledMarks(update.learnt()); }
  std::string count(std::uint64_t id) { return points.member(id, "usage_count"); }

  std::vector<MetricChange> changes;
  GuardedPoints points;
  metrics::GuardedUpdate update;
  std::vector<std::string> keys;
  bool outOfStep = false;  // of the last pause
};

}  // namespace qbatch::test
