#pragma once
#include "local/staged_writes.hpp"
#include "qbatch/backend.hpp"

namespace qbatch::local {

/// True for the requests that change something.
[[nodiscard]] bool isWrite(const Request& request) noexcept;

/// Carries out one write within a transaction. Throws Refusal before anything was staged; anything else that is thrown (SqliteFault, lack
/// of memory) leaves the transaction half done, to be rolled back.
[[nodiscard]] Reply carryOut(const Request& request, StagedWrites& staged);

}  // namespace qbatch::local
