#pragma once
#include <memory>

#include "rest/operation.hpp"

namespace qbatch::rest {

/// UpsertPoints. `replace` is one call. `keepMetrics` looks the ids up, then writes new points only where they are still absent, and known
/// ones only where they are still as they were read, with their metrics carried over; which of those took it is read back. `skip` writes
/// only absent ones. What an older server lacks for that is done by more calls, with a gap between them in which others can interfere. The
/// request must outlive the operation.
[[nodiscard]] std::shared_ptr<Operation> makeStoreOperation(std::shared_ptr<Stage> stage, const UpsertPoints& request, CallLimits limits,
                                                            Completion completion);

}  // namespace qbatch::rest
