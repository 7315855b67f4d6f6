#pragma once
#include <memory>

#include "local/group_commit.hpp"
#include "serve/api_call.hpp"

namespace qbatch::serve {

/// The job for a request that changes something, which will answer by `respond`; null where it is none. Throws RequestError for what is
/// wrong with the request itself.
[[nodiscard]] std::unique_ptr<local::WriteJob> writeJob(const ApiCall& call, const std::shared_ptr<const Body>& body,
                                                        const local::Names& names, const AnswerClock& clock, const Respond& respond);

}  // namespace qbatch::serve
