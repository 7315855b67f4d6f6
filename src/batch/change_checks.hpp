#pragma once
#include <optional>
#include <string_view>

#include "qbatch/collections.hpp"
#include "qbatch/error.hpp"

// Local checks of what concerns collections, as item_checks.hpp has them for items.
namespace qbatch::batch {

/// What a collection and an alias may be called.
inline constexpr std::string_view nameRule =
    "a collection's name is 1 to 255 bytes of UTF-8 without '/' and control characters, and neither . nor ..";
[[nodiscard]] bool isCollectionName(std::string_view name) noexcept;

/// What is wrong with a change, before anything is sent. Every Error has Errc::invalidItem and Origin::caller.
[[nodiscard]] std::optional<Error> checkChange(const CollectionChange& change);

}  // namespace qbatch::batch
