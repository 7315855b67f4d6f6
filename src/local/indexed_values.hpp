#pragma once
#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "local/payload_path.hpp"

namespace qbatch::local {

/// What a payload index looks at: the values that the path leads to, and of an array among them its elements.
[[nodiscard]] std::vector<simdjson::dom::element> indexedValues(simdjson::dom::object payload, const PayloadPath& path);

/// The number that an index of whole numbers keeps of a value: floats without a fraction count, too. nullopt for anything else.
[[nodiscard]] std::optional<std::int64_t> indexedInteger(simdjson::dom::element value);

}  // namespace qbatch::local
