#pragma once
#include <memory>

#include "rest/operation.hpp"

namespace qbatch::rest {

/// Requests about points that are one call: RetrievePoints, QueryPoints, ScrollPoints, CountPoints, DeletePoints. The request must outlive
/// the operation.
template <class Kind>
[[nodiscard]] std::shared_ptr<Operation> makePointOperation(std::shared_ptr<Stage> stage, const Kind& request, CallLimits limits,
                                                            Completion completion);

}  // namespace qbatch::rest
