#pragma once
#include <string_view>

namespace qbatch::codec {

/// True where two JSON values mean the same: members in any order, a null member like an absent one, numbers equal within a few last places
/// (servers read and write doubles inexactly), whole numbers exactly. Texts that are not JSON are equal to themselves alone.
[[nodiscard]] bool jsonEqual(std::string_view a, std::string_view b);

}  // namespace qbatch::codec
