#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace qbatch::codec {

/// An instant: seconds since 1970-01-01T00:00:00Z and nanoseconds within the second.
struct Timestamp {
  std::int64_t seconds{};
  std::uint32_t nanoseconds{};
  auto operator<=>(const Timestamp&) const noexcept = default;
};

/// Reads RFC 3339 (`2025-01-15T12:00:00Z`, with fraction or offset; a space or lower-case t instead of T, as the RFC allows). Every field
/// is range-checked, leap seconds included. nullopt for anything else.
[[nodiscard]] std::optional<Timestamp> parseTimestamp(std::string_view text) noexcept;

}  // namespace qbatch::codec
