#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "codec/encode_requests.hpp"
#include "codec/json_object.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::metrics {

inline constexpr std::string_view markPrefix = "_qbatch_";  ///< of a mark's payload key; a writer's name follows

/// One writer's flush: who adds, and under which number.
struct Flush {
  FieldNames fields{};
  std::string writer{};
  std::uint64_t sequence{};
  /// The collection lets nobody filter by members without an index, as marks are: counts alone guard, so they may only rise.
  bool indexedOnly = false;

  /// The payload key under which a point keeps the number of this writer's last flush.
  [[nodiscard]] std::string markKey() const { return std::string(markPrefix) + writer; }
};

/// The payload key under which a point keeps the stamp of whoever wrote last.
inline constexpr std::string_view stampKey = "_qbatch_last";

/// The payload members that a flush of these changes has to know: counters, the time of the last use where one is brought, mark and stamp.
[[nodiscard]] std::vector<std::string> keysToRead(std::span<const MetricChange> changes, const Flush& flush);

/// What is to be written to one point, and what must still hold there for it: one of several, of which the mark lets one at most through.
struct GuardedOperation {
  struct Rung {
    std::string must{};     ///< conditions of a filter's `must`, each with a comma before it; empty: only the mark guards
    std::string mustNot{};  ///< the same, of its `must_not`
    std::string payload{};  ///< a JSON object
  };
  std::vector<Rung> rungs{};  ///< for counts as they were read, and for each next one; empty: the change brings nothing new to this point
};

/// Makes counters, as they were read, into sums and guards. Members that are set come first, so a counter that is set and counted up in one
/// change is counted from what is set, and needs no guard. A last use earlier than the stored one is left out. `rungs` are wanted; a change
/// of several counters has one, as does a collection without marks as guards. Throws RequestError with what is wrong with the change, or
/// with what the point holds.
[[nodiscard]] GuardedOperation guardedOperation(const MetricChange& change, const codec::JsonObject& stored, const Flush& flush,
                                                unsigned rungs = 1);

/// An operation and whose it is.
struct SharedOperation {
  std::vector<std::size_t> positions{};  ///< in the changes, ascending
  codec::BatchOperation operation{};
};

/// Joins points that have rungs with equal guards and payload into one operation each, in the order of each one's first point.
/// `operations` have their changes' positions, ascending.
[[nodiscard]] std::vector<SharedOperation> sharedOperations(std::span<const std::pair<std::size_t, GuardedOperation>> operations,
                                                            std::span<const MetricChange> changes, const Flush& flush);

/// An operation that changes nothing on any point: when it has been carried out, everything sent before it has been, too.
[[nodiscard]] codec::BatchOperation barrier(const PointId& somePoint);

}  // namespace qbatch::metrics
