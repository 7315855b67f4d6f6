#pragma once
#include <string_view>

#include "qbatch/backend.hpp"
#include "qbatch/options.hpp"
#include "qbatch/pattern.hpp"

namespace qbatch::codec {

/// A stored point as its reader sees it: the payload's members sorted into the hit's fields, the rest in `metadata`, qbatch's own keys left
/// out. A member of an unexpected kind (a description that is no string) stays in `metadata`. Throws ParseError for a payload that is no
/// object.
[[nodiscard]] Hit decodeHit(const StoredPoint& point, const FieldNames& fields);

}  // namespace qbatch::codec
