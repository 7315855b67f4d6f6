#pragma once
#include <memory>

#include "rest/operation.hpp"

namespace qbatch::rest {

/// Requests about collections: DescribeCollection, CreateCollection, DropCollection, ListCollections, SetAlias. The request must outlive
/// the operation.
template <class Kind>
[[nodiscard]] std::shared_ptr<Operation> makeCollectionOperation(std::shared_ptr<Stage> stage, const Kind& request, CallLimits limits,
                                                                 Completion completion);

}  // namespace qbatch::rest
