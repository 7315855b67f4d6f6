#pragma once
#include <cstddef>
#include <string_view>

#include "qbatch/backend.hpp"
#include "run/client_core.hpp"

namespace qbatch::run {

/// Throws ConfigError where the client's embedder cannot serve a collection: another dimension, or another embedder filled it.
void requireFittingEmbedder(const ClientCore& core, std::size_t embedderDimension, const CollectionInfo& collection);

/// What a search, update or delete in an absent collection ends with.
[[nodiscard]] Error collectionMissing(std::string_view collection);

}  // namespace qbatch::run
