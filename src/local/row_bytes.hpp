#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "qbatch/point_id.hpp"

// How a point's parts are written in the store file.
namespace qbatch::local {

/// 0 and eight bytes big-endian in sixteen for a number, 1 and the UUID's sixteen bytes: the bytes' order is the ids' order.
using IdBytes = std::array<std::byte, 17>;
[[nodiscard]] IdBytes idBytes(const PointId& id) noexcept;
/// nullopt where the bytes are no id.
[[nodiscard]] std::optional<PointId> idFromBytes(std::span<const std::byte> bytes) noexcept;

/// The vector as little-endian 32-bit floats. `scratch` is only used on machines of another byte order.
[[nodiscard]] std::span<const std::byte> vectorBytes(std::span<const float> vector, std::vector<float>& scratch);
/// The other way round; false where the bytes are no whole number of floats.
[[nodiscard]] bool vectorFromBytes(std::span<const std::byte> bytes, std::vector<float>& vector);

/// Notices bytes that changed on the disk. Not meant against anyone who changes them on purpose.
[[nodiscard]] std::int64_t checksum(const IdBytes& id, std::span<const std::byte> vector, std::string_view payload) noexcept;

}  // namespace qbatch::local
