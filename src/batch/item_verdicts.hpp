#pragma once
#include <span>
#include <vector>

#include "batch/chunk_plan.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::batch {

/// Some items of an answered request that went the same way.
struct Part {
  Range range;
  Outcome outcome{};
  Error error{};
};

/// Cuts `whole` into parts by the exceptions that the backend named (positions relative to the request, in any order); what none names went
/// the way `rest`. Where a position is beyond the request or stands twice, nothing can be believed: the whole is `unknown`, Errc::internal.
[[nodiscard]] std::vector<Part> partsOf(std::span<const ItemVerdict> exceptions, Range whole, Outcome rest);

}  // namespace qbatch::batch
