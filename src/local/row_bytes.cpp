#include "local/row_bytes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace qbatch::local {
namespace {

/// Swaps the bytes of every float on big-endian machines.
void toOtherOrder(std::span<float> values) noexcept {
  for (float& value : values) {
    auto bytes = std::bit_cast<std::array<std::byte, sizeof(float)>>(value);
    std::reverse(bytes.begin(), bytes.end());
    value = std::bit_cast<float>(bytes);
  }
}

/// Eight bytes as a little-endian number, the missing ones as zeros.
std::uint64_t wordAt(const std::byte* bytes, std::size_t count) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, count);
    return word;
  }
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return word;
}

std::uint64_t mixed(std::uint64_t sum, std::span<const std::byte> bytes) noexcept {
  const auto stir = [&](std::uint64_t word) { sum = (std::rotl(sum, 23) ^ word) * 0x9E3779B97F4A7C15U; };
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) stir(wordAt(bytes.data() + i, 8));
  if (i < bytes.size()) stir(wordAt(bytes.data() + i, bytes.size() - i));
  stir(bytes.size());
  return sum;
}

}  // namespace

IdBytes idBytes(const PointId& id) noexcept {
  IdBytes result{};
  result[0] = id.isNumber() ? std::byte{0} : std::byte{1};
  std::memcpy(result.data() + 1, id.bytes().data(), id.bytes().size());
  return result;
}

std::optional<PointId> idFromBytes(std::span<const std::byte> bytes) noexcept {
  if (bytes.size() != std::tuple_size_v<IdBytes>) return std::nullopt;
  std::array<std::uint8_t, 16> rest{};
  std::memcpy(rest.data(), bytes.data() + 1, rest.size());
  if (bytes[0] == std::byte{1}) return PointId::fromUuid(rest);
  if (bytes[0] != std::byte{0} || !std::all_of(rest.begin(), rest.begin() + 8, [](std::uint8_t byte) { return byte == 0; })) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (std::size_t i = 8; i < rest.size(); ++i) number = number << 8 | rest[i];
  return PointId(number);
}

std::span<const std::byte> vectorBytes(std::span<const float> vector, std::vector<float>& scratch) {
  if constexpr (std::endian::native == std::endian::little) return std::as_bytes(vector);
  scratch.assign(vector.begin(), vector.end());
  toOtherOrder(scratch);
  return std::as_bytes(std::span<const float>(scratch));
}

bool vectorFromBytes(std::span<const std::byte> bytes, std::vector<float>& vector) {
  if (bytes.size() % sizeof(float) != 0) return false;
  vector.resize(bytes.size() / sizeof(float));
  if (!bytes.empty()) std::memcpy(vector.data(), bytes.data(), bytes.size());
  if constexpr (std::endian::native != std::endian::little) toOtherOrder(vector);
  return true;
}

std::int64_t checksum(const IdBytes& id, std::span<const std::byte> vector, std::string_view payload) noexcept {
  std::uint64_t sum = mixed(0x71626174636821U, id);
  sum = mixed(sum, vector);
  sum = mixed(sum, std::as_bytes(std::span(payload)));
  return static_cast<std::int64_t>(sum ^ (sum >> 32));
}

}  // namespace qbatch::local
