#pragma once
#include <string_view>

namespace qbatch::codec {

/// The nearest double of a number in JSON's grammar: infinity where it is beyond double range, 0 where it is too small for one. The
/// locale plays no part.
[[nodiscard]] double doubleFromText(std::string_view number) noexcept;

/// True where a whole number in JSON's grammar is one of those that a signed or an unsigned 64-bit integer holds.
[[nodiscard]] bool fits64Bits(std::string_view number) noexcept;

}  // namespace qbatch::codec
