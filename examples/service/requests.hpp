#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "qbatch/collections.hpp"
#include "qbatch/filter.hpp"
#include "qbatch/json_items.hpp"
#include "qbatch/options.hpp"

// The JSON edge: from a request's body to what the library takes. Every function throws Refusal: 400 with the place for what is no JSON,
// 400 for members that are missing, unknown or of another kind, 413 for more items than `most`. A body that is not constant may get more
// capacity, and nothing else.
namespace service {

struct StoreRequest {
  qbatch::ParsedItems<qbatch::Pattern> patterns{};
  qbatch::StoreOptions options{};
};
struct SearchRequest {
  qbatch::ParsedItems<qbatch::Query> queries{};
  qbatch::SearchOptions options{};
};
struct UpdateRequest {
  qbatch::ParsedItems<qbatch::MetricUpdate> updates{};
  qbatch::UpdateOptions options{};
};
struct DeleteRequest {
  std::variant<std::vector<qbatch::PointId>, qbatch::Filter> what{};
  qbatch::DeleteOptions options{};
};
struct CollectionsRequest {
  std::vector<qbatch::CollectionChange> changes{};
};

/// {"patterns": […], "collection": …, "existing": "keep" | "replace" | "skip"}
[[nodiscard]] StoreRequest readStore(std::string& body, std::size_t most);
/// {"queries": […], "limit": …, "offset": …, "filter": {…}, "min_score": …, "exact": …, "collection": …, "collections": […]}
[[nodiscard]] SearchRequest readSearch(std::string& body, std::size_t most);
/// {"updates": […], "collection": …}
[[nodiscard]] UpdateRequest readUpdate(std::string& body, std::size_t most);
/// {"ids": […], "collection": …} or {"filter": {…}, "collection": …}
[[nodiscard]] DeleteRequest readDelete(std::string_view body, std::size_t most);
/// {"actions": [{"action": "create", "collection": …, "size": …, "distance": …, "vector_name": …},
///              {"action": "delete", "collection": …}, {"action": "alias", "alias": …, "collection": …}]}
[[nodiscard]] CollectionsRequest readCollections(std::string_view body, std::size_t most);

/// A pattern, and `collection` beside its members. What is no pattern is Refusal 422.
[[nodiscard]] StoreRequest readPattern(std::string_view body);
/// {"query": TEXT} or {"vector": […]}, and what readSearch knows.
[[nodiscard]] SearchRequest readOneSearch(std::string_view body);
/// An update without its `id`, which is in the address, and `collection`.
[[nodiscard]] UpdateRequest readOneUpdate(std::string_view body, const qbatch::PointId& id);

}  // namespace service
