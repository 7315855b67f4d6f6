#include "run/collection_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "batch/item_checks.hpp"

namespace qbatch::run {

std::vector<std::string> embedderMisfits(const ClientCore& core, std::size_t embedderDimension, const CollectionInfo& collection) {
  std::vector<std::string> problems;
  if (core.options().localChecks && embedderDimension != collection.dimension)
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
  if (!core.options().localChecks || name == collection.vectorName) return std::nullopt;
  const auto called = [](const std::string& vector) {
    return vector.empty() ? std::string("without a name") : fmt::format("`{}`", vector);
  };
  return Error(Errc::collectionMismatch, Origin::caller,
               fmt::format("collection `{}` has no vector {}, but one {}; set vectorName to it", collection.name, called(name),
                           called(collection.vectorName)));
}

std::optional<Error> vectorProblem(const ClientCore& core, std::span<const float> vector, std::size_t dimension) {
  return core.options().localChecks ? batch::checkVector(vector, dimension) : std::nullopt;
}

std::optional<Error> searchForbidden(const ClientCore& core, const CollectionInfo& collection, std::size_t limit, bool exact) {
  if (!core.options().localChecks) return std::nullopt;
  const auto refusal = [](std::string message) { return Error(Errc::refused, Origin::caller, std::move(message)); };
  const auto& limits = collection.limits;
  if (limits.searchLimit != 0 && limit > limits.searchLimit)
    return refusal(
        fmt::format("limit: {} is more than the strict mode of collection `{}` allows, {} (max_query_limit); ask for fewer hits, "
                    "or have it raised",
                    limit, collection.name, limits.searchLimit));
  if (!limits.exactSearch && exact)
    return refusal(
        fmt::format("exact: the strict mode of collection `{}` allows no exact search (search_allow_exact); leave exact unset, or "
                    "have it allowed",
                    collection.name));
  return std::nullopt;
}

std::size_t mostItems(const ClientCore& core, std::size_t wanted, std::size_t allowed) {
  return core.options().localChecks && allowed != 0 ? std::min(wanted, allowed) : wanted;
}

Error collectionMissing(std::string_view collection) {
  auto said = fmt::format("Collection `{}` doesn't exist", collection);
  return Error(Errc::collectionNotFound, Origin::server, said + "; store something first, or check the name", 404, said);
}

}  // namespace qbatch::run
