#include "serve/facet.hpp"

#include <fmt/core.h>

#include "local/facet_value.hpp"
#include "local/scan.hpp"

namespace qbatch::serve {
namespace {

/// Throws RequestError where there is none.
const local::FieldIndex& indexOf(const local::CollectionEntry& entry, const local::PayloadPath& key) {
  const local::FieldIndex* index = entry.shelf->points.index(key.text());
  if (index == nullptr || !local::countsValues(index->kind())) throw local::noFacetIndex(key);
  return *index;
}

}  // namespace

std::string facetCounts(const local::CollectionEntry& entry, const local::PayloadPath& key, const local::FilterTree& filter,
                        std::size_t limit) {
  const local::FieldIndex& index = indexOf(entry, key);
  local::FacetCounts counts;
  local::scan(entry.shelf->points, filter, std::nullopt, local::Interrupt(), [&](std::size_t row) {
    counts.add(index.valuesOf(row));
    return true;
  });
  std::string list;
  for (const local::FacetHit& hit : counts.top(limit))
    list += fmt::format(R"({}{{"value":{},"count":{}}})", list.empty() ? "" : ",", local::textOf(hit.value), hit.count);
  return "{\"hits\":[" + list + "]}";
}

}  // namespace qbatch::serve
