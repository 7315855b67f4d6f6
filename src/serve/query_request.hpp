#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "local/catalog.hpp"
#include "local/filter_tree.hpp"
#include "local/order_value.hpp"
#include "serve/selection.hpp"

namespace qbatch::serve {

/// One query, read and checked as far as it can be without the collection.
struct QueryRequest {
  /// A vector, or the point whose vector it is.
  using Example = std::variant<std::vector<float>, PointId>;
  /// What is searched near: the mean of the positive ones, moved away from the mean of the negative ones.
  struct Examples {
    std::vector<Example> positive{}, negative{};
  };
  /// Nothing: points by id.
  std::variant<std::monostate, Examples, local::OrderBy> target{};
  std::string vectorName{};
  local::FilterTree filter{};
  std::optional<float> minScore{};
  std::size_t limit = 10, offset = 0;
  Selection selection{};
};

// Both throw RequestError: what is wrong, or not supported. `place` is how the server names the query.

/// As of /points/query.
[[nodiscard]] QueryRequest readQuery(Element body, const local::FilterTree::Context& context, const std::string& place);
/// As of the older /points/recommend.
[[nodiscard]] QueryRequest readRecommend(Element body, const local::FilterTree::Context& context, const std::string& place);
/// As of the older /points/search.
[[nodiscard]] QueryRequest readSearch(Element body, const local::FilterTree::Context& context, const std::string& place);

}  // namespace qbatch::serve
