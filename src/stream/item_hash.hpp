#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "qbatch/pattern.hpp"

namespace qbatch::stream {

/// Of all that a pattern holds. The same in every build and on every machine, because checkpoints keep sums of it.
[[nodiscard]] std::uint64_t contentHash(const Pattern& pattern) noexcept;
/// Of an item that is no pattern.
[[nodiscard]] std::uint64_t contentHash(std::string_view text) noexcept;

/// An item at its place in the input. The digest of a range of items is the sum of theirs, so that ranges can be joined.
[[nodiscard]] std::uint64_t itemDigest(std::size_t index, std::uint64_t contentHash) noexcept;

}  // namespace qbatch::stream
