#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "local/vectors_view.hpp"
#include "qbatch/point_id.hpp"

// How a point's parts are written in the store file.
namespace qbatch::local {

/// 0 and eight bytes big-endian in sixteen for a number, 1 and the UUID's sixteen bytes: the bytes' order is the ids' order.
using IdBytes = std::array<std::byte, 17>;
[[nodiscard]] IdBytes idBytes(const PointId& id) noexcept;
/// nullopt where the bytes are no id.
[[nodiscard]] std::optional<PointId> idFromBytes(std::span<const std::byte> bytes) noexcept;

/// A point's vectors and the number of the operation that changed it last, as the file keeps them: eight bytes of the number, then each
/// vector that the point has as its column (doubled, plus one where it is sparse), its length, a sparse one's indices, and the values; all
/// little-endian, 32 bits each.
void appendRecord(std::vector<std::byte>& out, std::uint64_t version, const VectorsView& vectors);
struct Record {
  std::uint64_t version{};
  PointVectors vectors{};
};
/// nullopt where the bytes are no record for points of this layout.
[[nodiscard]] std::optional<Record> recordFromBytes(std::span<const std::byte> bytes, const VectorLayout& layout);

/// Notices bytes that changed on the disk. Not meant against anyone who changes them on purpose.
[[nodiscard]] std::int64_t checksum(const IdBytes& id, std::span<const std::byte> record, std::string_view payload) noexcept;

}  // namespace qbatch::local
