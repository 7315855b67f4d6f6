#pragma once
#include <memory>

#include "rest/operation.hpp"

namespace qbatch::rest {

/// UpdateMetrics by guarded compare-and-set (metrics/guarded_update.hpp): one flush, whose points no other flush of this backend touches
/// meanwhile. Waits out lost answers and passing faults until the limits' deadline. The request must outlive the operation.
[[nodiscard]] std::shared_ptr<Operation> makeUpdateOperation(std::shared_ptr<Stage> stage, const UpdateMetrics& request, CallLimits limits,
                                                             Completion completion);

}  // namespace qbatch::rest
