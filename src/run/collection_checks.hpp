#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/backend.hpp"
#include "run/client_core.hpp"

namespace qbatch::run {

// What ClientOptions::localChecks switches off is decided here.

/// Why the client's embedder cannot serve a collection (another dimension, another embedder filled it); empty where it can. The dimension
/// is a local check.
[[nodiscard]] std::vector<std::string> embedderMisfits(const ClientCore& core, std::size_t embedderDimension,
                                                       const CollectionInfo& collection);

/// What becomes of the items of a call that bring no vector. Where some items bring one, the others are rejected by themselves and do not
/// block those; where none does, it is misuse, and a ConfigError.
class EmbeddingNeed {
 public:
  /// `without` of `items` items bring no vector. Throws ConfigError where none brings one and there is no embedder.
  EmbeddingNeed(const ClientCore& core, std::size_t items, std::size_t without);

  /// True where the embedder is to be used.
  [[nodiscard]] bool embeds() const noexcept { return without_ > 0 && refusal_.empty(); }
  /// Compares the embedder with the collection. Throws ConfigError where it does not fit and no item brings a vector.
  void compare(const ClientCore& core, std::size_t embedderDimension, const CollectionInfo& collection);
  /// They cannot be taken for these reasons. Throws ConfigError where no item brings a vector.
  void refuse(std::vector<std::string> problems);
  /// Why items without a vector cannot be taken; empty where they can.
  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }

 private:
  std::size_t items_, without_;
  std::string refusal_;
};

/// What a store ends with where the client may not create the collection.
[[nodiscard]] Error collectionNotCreated(std::string_view collection);

/// Where a collection does not have the vector that the client's `vectorName` names. A local check.
[[nodiscard]] std::optional<Error> vectorMissing(const ClientCore& core, const CollectionInfo& collection);

/// What is wrong with an item's own vector; a `dimension` of 0 is not known. A local check.
[[nodiscard]] std::optional<Error> vectorProblem(const ClientCore& core, std::span<const float> vector, std::size_t dimension);

/// Where the collection's strict mode forbids what every query of a search asks for. A local check.
[[nodiscard]] std::optional<Error> searchForbidden(const ClientCore& core, const CollectionInfo& collection, std::size_t limit, bool exact);

/// The most items of one request where the collection allows so many (0: any number). A local check.
[[nodiscard]] std::size_t mostItems(const ClientCore& core, std::size_t wanted, std::size_t allowed);

/// What a search, update or delete in an absent collection ends with.
[[nodiscard]] Error collectionMissing(std::string_view collection);

}  // namespace qbatch::run
