#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/encode_requests.hpp"
#include "qbatch/backend.hpp"

// Marks of updates (guarded_operation.hpp) whose clients are gone, and what removes them.
namespace qbatch::metrics {

/// Why marks of this age must not be swept; nullopt: they may.
[[nodiscard]] std::optional<Error> sweepProblem(const SweepMarks& request);

/// The number below which a flush is older than that, by the time in its number; 0 where none can be.
[[nodiscard]] std::uint64_t flushesBefore(std::chrono::system_clock::time_point now, std::chrono::hours olderThan);

struct Mark {
  std::string key{};
  std::uint64_t sequence{};  ///< of the writer's last flush there
  friend bool operator==(const Mark&, const Mark&) = default;
};
/// The marks in a point's payload whose number is below `before`, in their order. Throws ParseError where the payload is no JSON object.
[[nodiscard]] std::vector<Mark> oldMarks(std::string_view payload, std::uint64_t before);

/// One writer's old marks.
struct MarkRemoval {
  std::string key{};
  std::uint64_t upTo{};  ///< the greatest of them
  std::vector<PointId> ids{};

  /// Removes them from `count` of the points from `first` on, but for marks that were renewed since.
  [[nodiscard]] codec::DeletePayload operation(std::size_t first, std::size_t count) const;
};
/// All old marks of these points: one removal a writer, in the order in which they appear.
[[nodiscard]] std::vector<MarkRemoval> markRemovals(std::span<const StoredPoint> points, std::uint64_t before);

}  // namespace qbatch::metrics
