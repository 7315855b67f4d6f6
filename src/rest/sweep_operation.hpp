#pragma once
#include <memory>

#include "rest/operation.hpp"

namespace qbatch::rest {

/// SweepMarks: page by page, points are read and their old marks removed. Ends with the first call that fails; its error then says how
/// many marks went before, as the answer does. The request must outlive the operation.
[[nodiscard]] std::shared_ptr<Operation> makeSweepOperation(std::shared_ptr<Stage> stage, const SweepMarks& request, CallLimits limits,
                                                            Completion completion);

}  // namespace qbatch::rest
