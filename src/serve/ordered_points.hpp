#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "local/catalog.hpp"
#include "local/filter_tree.hpp"
#include "local/order_value.hpp"

namespace qbatch::serve {

struct OrderedPoint {
  std::size_t row{};
  std::string valueText{};  ///< what it was ordered by, as JSON
};

/// `limit` points that pass, in the order asked for, without the first `offset`; equal values by id. A point with several values stands
/// there several times. The collection is locked for reading. Throws RequestError where the payload has no index to order by.
[[nodiscard]] std::vector<OrderedPoint> orderedPoints(const local::CollectionEntry& entry, const local::OrderBy& order,
                                                      const local::FilterTree& filter, std::size_t offset, std::size_t limit);

}  // namespace qbatch::serve
