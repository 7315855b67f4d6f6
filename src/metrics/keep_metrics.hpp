#pragma once
#include <string>
#include <string_view>

#include "qbatch/options.hpp"

namespace qbatch::metrics {

/// What a point's payload becomes when it is stored again: `fresh`, but with the metrics, the counters that were ever added to and qbatch's
/// own keys as they are in `stored`. Both are JSON objects; throws ParseError where one is not.
[[nodiscard]] std::string keepMetrics(std::string_view stored, std::string_view fresh, const FieldNames& fields);

}  // namespace qbatch::metrics
