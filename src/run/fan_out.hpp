#pragma once
#include <span>
#include <string>

#include "qbatch/backend.hpp"

namespace qbatch::run {

/// Carries out one search in each of several collections at once, as if it were one request. The answer has the lists of the first
/// collection, then those of the second, and so on. Where a collection's request is not carried out, the verdict is that one, the gravest
/// of several, its message with the collection's name; then nothing is answered. Calls `completion` exactly once, on the thread of the last
/// answer; until then it keeps all that the backend was given. What the query refers to must live as long.
void fanOut(Backend& backend, const QueryPoints& query, std::span<const std::string> collections, const CallLimits& limits,
            Completion completion);

}  // namespace qbatch::run
