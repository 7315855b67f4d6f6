#pragma once
#include <string>

#include "support/fake_qdrant_store.hpp"

// What a FakeQdrant answers to questions about points: the JSON of `result`. All throw Failure.
namespace qbatch::test::fake {

/// POST /points
[[nodiscard]] std::string retrievePoints(const Collection& collection, Element body);
/// GET /points/{id}; `id` as it stands in the path.
[[nodiscard]] std::string retrievePoint(const Collection& collection, const std::string& id);
[[nodiscard]] std::string scrollPoints(const Collection& collection, Element body);
[[nodiscard]] std::string countPoints(const Collection& collection, Element body);
[[nodiscard]] std::string queryPoints(const Collection& collection, Element body);
[[nodiscard]] std::string queryPointsBatch(const Collection& collection, Element body);

}  // namespace qbatch::test::fake
