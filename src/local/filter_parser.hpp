#pragma once
#include <string_view>

#include "local/filter_tree.hpp"

namespace qbatch::local {

/// Reads a filter. Throws RequestError, see FilterTree::parse.
[[nodiscard]] Conditions parseFilter(std::string_view json);

}  // namespace qbatch::local
