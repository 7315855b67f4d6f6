#pragma once
#include <string>
#include <string_view>

#include "qbatch/backend.hpp"

// What writes make of one point's payload. Pure: JSON texts in, JSON text out.
namespace qbatch::local {

/// The payload after a point's change. Throws RequestError (invalidItem) where the change does not fit what is stored; all or nothing.
/// A member set to null is removed, as a Qdrant server does.
[[nodiscard]] std::string changedPayload(std::string_view stored, const MetricChange& change, const FieldNames& fields);

}  // namespace qbatch::local
