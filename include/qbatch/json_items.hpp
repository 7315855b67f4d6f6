#pragma once
#include <string_view>

#include "qbatch/export.hpp"
#include "qbatch/pattern.hpp"

// Items as JSON objects, as they stand in the lines of an NDJSON file. Each function throws std::invalid_argument with a sentence that
// says what is wrong, where, and what to do: no JSON, an unknown member, one that stands twice, a wrong kind, a float outside float32.
namespace qbatch {

/// {"description": …, "code": …, "language": …, "metadata": {…}, "id": …, "vector": […]}, each of which may be missing.
[[nodiscard]] QBATCH_EXPORT Pattern parsePattern(std::string_view json);
/// {"id": …, "increment_usage": true or a whole number, "success_rate": …, "last_used": …, "set": {…}}; `id` must be there.
[[nodiscard]] QBATCH_EXPORT MetricUpdate parseMetricUpdate(std::string_view json);
/// {"text": …} or {"vector": […]}.
[[nodiscard]] QBATCH_EXPORT Query parseQuery(std::string_view json);

}  // namespace qbatch
