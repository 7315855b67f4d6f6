#pragma once
#include <string_view>

#include "codec/json_object.hpp"
#include "qbatch/options.hpp"

namespace qbatch::codec {

/// True for the members of a stored payload that storing the point again keeps, and that others may change without changing its content:
/// metrics, qbatch's own members, and the counters that those name.
[[nodiscard]] bool isKept(std::string_view name, const JsonObject& stored, const FieldNames& fields);

}  // namespace qbatch::codec
