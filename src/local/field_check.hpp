#pragma once
#include <simdjson.h>

#include <vector>

#include "local/filter_tree.hpp"

namespace qbatch::local {

/// Whether a field passes whose path leads to these values. `nested`: it belongs to an element of an array, so that a full-text index
/// does not know the values together.
[[nodiscard]] bool passesField(const FieldCondition& field, const std::vector<simdjson::dom::element>& values, bool nested);

/// Null or an empty array.
[[nodiscard]] bool emptyValue(simdjson::dom::element value);

}  // namespace qbatch::local
