#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "qbatch/export.hpp"

namespace qbatch {

/// A point's id as Qdrant knows it: an unsigned 64-bit number or a UUID. 17 bytes; numbers order before UUIDs.
class QBATCH_EXPORT PointId {
 public:
  PointId(std::uint64_t number) noexcept;  // NOLINT(google-explicit-constructor): ids are written as plain numbers
  /// A decimal number, or a UUID with or without hyphens, in braces or as urn:uuid. Throws ParseError.
  [[nodiscard]] static PointId parse(std::string_view text);
  /// From a UUID's 16 bytes, in the order in which they are written.
  [[nodiscard]] static PointId fromUuid(const std::array<std::uint8_t, 16>& bytes) noexcept;
  /// The id of a pattern that has none: a UUIDv5 over the length-prefixed texts, the same in every process and version
  /// (docs/adr/0002).
  [[nodiscard]] static PointId forContent(std::string_view description, std::string_view code, std::string_view language);

  [[nodiscard]] bool isNumber() const noexcept { return !uuid_; }
  /// The number; 0 for a UUID.
  [[nodiscard]] std::uint64_t number() const noexcept;
  /// A UUID's bytes; for a number its eight bytes, big-endian, after eight zeros.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  /// The number in decimal, or the UUID in lower case with hyphens.
  [[nodiscard]] std::string toString() const;

  std::strong_ordering operator<=>(const PointId&) const noexcept = default;
  bool operator==(const PointId&) const noexcept = default;

 private:
  bool uuid_ = false;
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace qbatch

template <>
struct std::hash<qbatch::PointId> {
  std::size_t operator()(const qbatch::PointId& id) const noexcept {
    std::uint64_t h = id.isNumber() ? 0x9E3779B97F4A7C15u : 0xD1B54A32D192ED03u;
    for (const auto byte : id.bytes()) h = (h ^ byte) * 0x100000001B3u;
    return static_cast<std::size_t>(h ^ (h >> 29));
  }
};
