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

/// Reads what Qdrant takes for a time: RFC 3339, and the same without offset (UTC), seconds or time, with fields of fewer digits, with
/// offsets such as `+0100`, `+01` or `UTC`, and with blanks before the offset. A second 60 may stand anywhere; it counts as the 59th with
/// over 1,000,000,000 nanoseconds.
[[nodiscard]] std::optional<Timestamp> parseLooseTimestamp(std::string_view text) noexcept;
/// Whole microseconds since 1970-01-01T00:00:00Z, as Qdrant's indexes over times keep them.
[[nodiscard]] std::int64_t microsecondsOf(const Timestamp& time) noexcept;

}  // namespace qbatch::codec
