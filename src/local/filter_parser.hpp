#pragma once
#include <simdjson.h>

#include <string_view>

#include "local/filter_tree.hpp"

namespace qbatch::local {

/// Reads a filter. Throws RequestError, see FilterTree::parse.
[[nodiscard]] Conditions parseFilter(simdjson::dom::element json, const FilterContext& context = {});

/// A filter's text as JSON, which holds as long as the parser is not used again. Throws RequestError where it is none.
[[nodiscard]] simdjson::dom::element parsedFilterText(simdjson::dom::parser& parser, std::string_view json);

}  // namespace qbatch::local
