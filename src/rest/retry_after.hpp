#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace qbatch::rest {

/// The time to wait that a Retry-After header asks for: seconds, or a date in the form that HTTP demands (Sun, 06 Nov 1994 08:49:37 GMT).
/// At most an hour, at least nothing. nullopt where there is no such header or it is neither.
[[nodiscard]] std::optional<std::chrono::milliseconds> retryAfter(std::string_view header, std::chrono::system_clock::time_point now);

}  // namespace qbatch::rest
