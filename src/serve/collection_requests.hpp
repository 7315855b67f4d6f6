#pragma once
#include <string>

#include "local/staged_writes.hpp"
#include "serve/body.hpp"

// The requests about collections and aliases, each answering the member `result` as JSON; all throw RequestError, writes before anything
// was staged.
namespace qbatch::serve {

/// Throws RequestError for a name that is too long for any collection's.
void checkNameLength(const std::string& name);
/// Throws RequestError for a name that cannot be a new collection's.
void checkCollectionName(const std::string& name);

/// Reads and validates the body of the request that creates a collection.
[[nodiscard]] local::CollectionConfig readNewCollection(const std::string& name, Element body);
[[nodiscard]] std::string createCollection(local::StagedWrites& staged, local::CollectionConfig config);
[[nodiscard]] std::string updateCollection(local::StagedWrites& staged, const std::string& name, Element body);
[[nodiscard]] std::string dropCollection(local::StagedWrites& staged, const std::string& name);
[[nodiscard]] std::string changeAliases(local::StagedWrites& staged, Element body);

[[nodiscard]] std::string listCollections(const local::Names& names);
[[nodiscard]] std::string describeCollection(const local::Names& names, const std::string& name);
[[nodiscard]] std::string collectionExists(const local::Names& names, const std::string& name);
/// Of one collection, or of all where its name is empty.
[[nodiscard]] std::string listAliases(const local::Names& names, const std::string& collection);

}  // namespace qbatch::serve
