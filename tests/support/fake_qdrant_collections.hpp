#pragma once
#include <string>

#include "support/fake_qdrant_store.hpp"

// What a FakeQdrant does with collections and aliases: the JSON of `result`. All throw Failure.
namespace qbatch::test::fake {

/// PUT /collections/{name}
[[nodiscard]] std::string createCollection(Store& store, const std::string& name, Element body, const Version& version);
/// GET /collections/{name}
[[nodiscard]] std::string describeCollection(Store& store, const std::string& name);
/// DELETE /collections/{name}
[[nodiscard]] std::string dropCollection(Store& store, const std::string& name);
[[nodiscard]] std::string listCollections(const Store& store);
[[nodiscard]] std::string collectionExists(const Store& store, const std::string& name);
/// GET /aliases, and those of one collection where `collection` is not empty.
[[nodiscard]] std::string listAliases(Store& store, const std::string& collection);
/// POST /collections/aliases: all actions or none.
[[nodiscard]] std::string changeAliases(Store& store, Element body);
/// PUT /collections/{name}/index. Checked and counted; nothing is faster for it.
[[nodiscard]] std::uint64_t createIndex(Collection& collection, Element body);

}  // namespace qbatch::test::fake
