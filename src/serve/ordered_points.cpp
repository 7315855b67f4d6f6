#include "serve/ordered_points.hpp"

#include <algorithm>
#include <utility>

#include "local/scan.hpp"

namespace qbatch::serve {

std::vector<OrderedPoint> orderedPoints(const local::CollectionEntry& entry, const local::OrderBy& order, const local::FilterTree& filter,
                                        std::size_t offset, std::size_t limit) {
  const local::Collection& points = entry.shelf->points;
  const local::FieldIndex* index = points.index(order.key);
  if (index == nullptr || !local::ordersPoints(index->kind())) throw local::noRangeIndex(order);
  std::vector<std::pair<local::OrderKey, std::size_t>> found;  // by ascending id
  local::PayloadReader reader;
  local::scan(points, filter, std::nullopt, local::Interrupt(), [&](std::size_t row) {
    if (const auto payload = reader.read(points.payload(row))) {
      for (const local::OrderKey& key : local::orderKeys(*payload, order, index->kind())) found.emplace_back(key, row);
    }
    return true;
  });
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return order.before(a.first, b.first); });
  // A value that stands twice in a point's payload is one place in the order.
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<OrderedPoint> ordered;
  for (std::size_t i = offset; i < found.size() && ordered.size() < limit; ++i) ordered.push_back({found[i].second, found[i].first.text()});
  return ordered;
}

}  // namespace qbatch::serve
