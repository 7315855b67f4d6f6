#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "qbatch/payload.hpp"
#include "qbatch/point_id.hpp"

namespace qbatch {

/// One code pattern to store. All texts are UTF-8 without NUL.
struct Pattern {
  std::string description{}, code{}, language{};
  /// Further payload members, stored beside the texts at top level. `success_rate` and `last_used` in it give the usage metrics
  /// their first values; `description`, `code`, `language`, `usage_count` and names that begin with `_qbatch` are refused.
  Payload metadata{};
  /// Without one, the point's id is derived from the texts: PointId::forContent.
  std::optional<PointId> id{};
  /// A ready vector of the collection's dimension is stored as it is; without one, description and code are embedded.
  std::vector<float> vector{};
};

/// One search: a text to embed, or a ready vector (which is not embedded).
struct Query {
  std::string text{};
  std::vector<float> vector{};
};

/// One point that was found or read, without qbatch's own keys.
struct Hit {
  PointId id{0};
  /// As Qdrant scores: larger is nearer for Cosine and Dot, smaller is nearer for Euclid and Manhattan. 0 where nothing was searched.
  float score{};
  std::string description{}, code{}, language{};
  /// Everything else in the payload.
  Payload metadata{};
  std::optional<std::int64_t> usageCount{};
  std::optional<double> successRate{};
  /// RFC 3339, as stored.
  std::optional<std::string> lastUsed{};
  /// Of a search in several collections: the one that it is from. Empty otherwise.
  std::string collection{};
};

/// What to change in one point's usage metrics. The point must exist: none is ever created.
struct MetricUpdate {
  PointId id{0};
  /// Added to `usage_count`; may be negative.
  std::int64_t incrementUsage{};
  std::optional<double> successRate{};
  /// RFC 3339, for example 2025-01-15T12:00:00Z. A stored later time is kept.
  std::optional<std::string> lastUsed{};
  /// Further integer counters by name ([A-Za-z0-9_]{1,48}) and what to add to each.
  std::vector<std::pair<std::string, std::int64_t>> increments{};
  /// Top-level payload members to set.
  Payload set{};
};

}  // namespace qbatch
