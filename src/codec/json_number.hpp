#pragma once
#include <string_view>

namespace qbatch::codec {

/// The nearest double of a number in JSON's grammar: infinity where it is beyond double range, 0 where it is too small for one. The
/// locale plays no part.
[[nodiscard]] double doubleFromText(std::string_view number) noexcept;

}  // namespace qbatch::codec
