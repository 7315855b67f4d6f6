#pragma once
#include <simdjson.h>

#include <optional>
#include <string>

#include "local/filter_tree.hpp"
#include "qbatch/error.hpp"

namespace qbatch::local {

/// Reads a condition that has a `key`; `match.text` and its like look for the text itself. nullopt where it asks for nothing, and `problem`
/// then says so. Throws RequestError, see FilterTree::parse.
[[nodiscard]] std::optional<FieldCondition> parseField(simdjson::dom::object condition, std::string& problem);

/// Throws RequestError where the value is no string or no path.
[[nodiscard]] PayloadPath parsePathOf(simdjson::dom::element value);

/// The refusal of a filter: `problem` is for people, `words` are the server's. Without words they are the same.
[[nodiscard]] RequestError filterRefusal(std::string_view problem, std::string_view words = {});

}  // namespace qbatch::local
