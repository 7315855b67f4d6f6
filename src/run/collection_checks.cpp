#include "run/collection_checks.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace qbatch::run {

void requireFittingEmbedder(const ClientCore& core, std::size_t embedderDimension, const CollectionInfo& collection) {
  std::vector<std::string> problems;
  if (embedderDimension != collection.dimension)
    problems.push_back(
        fmt::format("embedder: it makes vectors of {} floats, but collection `{}` holds vectors of {}; use the embedder that filled "
                    "it, or another collection",
                    embedderDimension, collection.name, collection.dimension));
  const auto identity = core.embedder()->traits().identity;
  if (!core.options().allowOtherEmbedder && !identity.empty() && !collection.embedder.empty() && identity != collection.embedder)
    problems.push_back(
        fmt::format("embedder: collection `{}` was filled by `{}`, and vectors of `{}` cannot be compared with those; use that "
                    "embedder, or set allowOtherEmbedder",
                    collection.name, collection.embedder, identity));
  if (!problems.empty()) throw ConfigError(std::move(problems));
}

Error collectionMissing(std::string_view collection) {
  auto said = fmt::format("Collection `{}` doesn't exist", collection);
  return Error(Errc::collectionNotFound, Origin::server, said + "; store something first, or check the name", 404, said);
}

}  // namespace qbatch::run
