#include "run/collection_checks.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace qbatch::run {

std::vector<std::string> embedderMisfits(const ClientCore& core, std::size_t embedderDimension, const CollectionInfo& collection) {
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
  return problems;
}

EmbeddingNeed::EmbeddingNeed(const ClientCore& core, std::size_t items, std::size_t without) : items_(items), without_(without) {
  if (without_ > 0 && !core.embedder())
    refuse({"embedder: the client has none, and this item brings no vector; set an embedder, or give every item a vector"});
}

void EmbeddingNeed::compare(const ClientCore& core, std::size_t embedderDimension, const CollectionInfo& collection) {
  if (embeds()) refuse(embedderMisfits(core, embedderDimension, collection));
}

void EmbeddingNeed::refuse(std::vector<std::string> problems) {
  if (problems.empty()) return;
  if (without_ == items_) throw ConfigError(std::move(problems));
  refusal_ = fmt::format("{}", fmt::join(problems, "; "));
}

Error collectionNotCreated(std::string_view collection) {
  auto said = fmt::format("Collection `{}` doesn't exist", collection);
  return Error(Errc::collectionNotFound, Origin::server, said + "; create it, or set createCollection", 404, said);
}

std::optional<Error> vectorMissing(const ClientCore& core, const CollectionInfo& collection) {
  const auto& name = core.options().vectorName;
  if (name == collection.vectorName) return std::nullopt;
  const auto called = [](const std::string& vector) {
    return vector.empty() ? std::string("without a name") : fmt::format("`{}`", vector);
  };
  return Error(Errc::collectionMismatch, Origin::caller,
               fmt::format("collection `{}` has no vector {}, but one {}; set vectorName to it", collection.name, called(name),
                           called(collection.vectorName)));
}

Error collectionMissing(std::string_view collection) {
  auto said = fmt::format("Collection `{}` doesn't exist", collection);
  return Error(Errc::collectionNotFound, Origin::server, said + "; store something first, or check the name", 404, said);
}

}  // namespace qbatch::run
