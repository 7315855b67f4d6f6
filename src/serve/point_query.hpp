#pragma once
#include <string>

#include "local/catalog.hpp"
#include "serve/body.hpp"

// The requests that rank points. Each takes the names as they are and answers the member `result` as JSON; all throw RequestError and
// Refusal, a batch before any of its queries is carried out.
namespace qbatch::serve {

/// /points/query and /points/query/batch.
[[nodiscard]] std::string queryPoints(const local::Names& names, const std::string& collection, Element body);
[[nodiscard]] std::string queryPointsBatch(const local::Names& names, const std::string& collection, Element body);
/// The older /points/recommend.
[[nodiscard]] std::string recommendPoints(const local::Names& names, const std::string& collection, Element body);
/// The older /points/search and /points/search/batch.
[[nodiscard]] std::string searchPoints(const local::Names& names, const std::string& collection, Element body);
[[nodiscard]] std::string searchPointsBatch(const local::Names& names, const std::string& collection, Element body);

}  // namespace qbatch::serve
