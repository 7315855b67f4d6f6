#pragma once
#include <span>

#include "codec/json_check.hpp"

namespace qbatch::codec {

/// Sets `repeated` of each member of an object behind which another one of the same name follows. False where there is none.
[[nodiscard]] bool markRepeated(std::span<CheckedJson::Member> members);

}  // namespace qbatch::codec
