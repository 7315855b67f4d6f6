#pragma once
#include <string>
#include <string_view>

#include "qbatch/backend.hpp"

// What writes make of one point's payload. Pure: JSON texts in, JSON text out.
namespace qbatch::local {

/// The payload that storing a point again leaves (Existing::keepMetrics): the new one with the stored usage metrics, the stored members
/// whose names begin with `_qbatch`, and the counters that those marks name. A stored metric that is absent or null keeps nothing.
[[nodiscard]] std::string keepMetrics(std::string_view stored, std::string_view fresh, const FieldNames& fields);

/// The payload after a point's change. Throws RequestError (invalidItem) where the change does not fit what is stored; all or nothing.
/// A member set to null is removed, as a Qdrant server does.
[[nodiscard]] std::string changedPayload(std::string_view stored, const MetricChange& change, const FieldNames& fields);

}  // namespace qbatch::local
