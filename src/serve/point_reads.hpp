#pragma once
#include <string>

#include "local/catalog.hpp"
#include "local/filter_tree.hpp"
#include "serve/body.hpp"

// The requests that show points by id and by filter. Each takes the names as they are and answers the member `result` as JSON; all throw
// RequestError and Refusal.
namespace qbatch::serve {

[[nodiscard]] std::string retrievePoints(const local::Names& names, const std::string& collection, Element body);
[[nodiscard]] std::string retrievePoint(const local::Names& names, const std::string& collection, const std::string& id);
[[nodiscard]] std::string scrollPoints(const local::Names& names, const std::string& collection, Element body);
[[nodiscard]] std::string countPoints(const local::Names& names, const std::string& collection, Element body);
[[nodiscard]] std::string facetPoints(const local::Names& names, const std::string& collection, Element body);

/// What a collection's filters have to know; empty where there is no such collection.
[[nodiscard]] local::FilterTree::Context filterContext(const local::Names& names, const std::string& collection, std::string place);
/// The member `filter`; every point where there is none.
[[nodiscard]] local::FilterTree filterOf(Object body, local::FilterTree::Context context);

}  // namespace qbatch::serve
