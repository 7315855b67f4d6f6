#pragma once
#include <cstddef>
#include <string>

#include "local/catalog.hpp"
#include "local/filter_tree.hpp"

namespace qbatch::serve {

/// The answer to a facet request: the `limit` values of an indexed payload field that most of the points that pass have, each with their
/// number; of equal numbers the smaller value first. The collection is locked for reading. Throws RequestError where there is no index.
[[nodiscard]] std::string facetCounts(const local::CollectionEntry& entry, const local::PayloadPath& key, const local::FilterTree& filter,
                                      std::size_t limit);

}  // namespace qbatch::serve
