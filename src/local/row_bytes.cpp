#include "local/row_bytes.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace qbatch::local {
namespace {

void append32(std::vector<std::byte>& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>(value >> shift));
}

/// Numbers of 32 bits, as they are in memory where that is little-endian.
template <typename Number>
void appendAll(std::vector<std::byte>& out, std::span<const Number> numbers) {
  static_assert(sizeof(Number) == 4);
  if constexpr (std::endian::native == std::endian::little) {
    const auto bytes = std::as_bytes(numbers);
    out.insert(out.end(), bytes.begin(), bytes.end());
  } else {
    for (const Number number : numbers) append32(out, std::bit_cast<std::uint32_t>(number));
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

/// Takes numbers of 32 bits from the front; behind the end they are zeros, and good() says so.
class RecordReader {
 public:
  explicit RecordReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool atEnd() const noexcept { return bytes_.empty(); }
  std::uint32_t take32() {
    if (bytes_.size() < 4) good_ = false;
    const auto part = bytes_.first(good_ ? 4 : 0);
    bytes_ = bytes_.subspan(part.size());
    return static_cast<std::uint32_t>(wordAt(part.data(), part.size()));
  }
  template <typename Number>
  void takeAll(std::vector<Number>& numbers, std::size_t count) {
    if (bytes_.size() / 4 < count) good_ = false;
    if (!good_) return;
    numbers.resize(count);
    if constexpr (std::endian::native == std::endian::little) {
      if (count > 0) std::memcpy(numbers.data(), bytes_.data(), 4 * count);
      bytes_ = bytes_.subspan(4 * count);
    } else {
      for (Number& number : numbers) number = std::bit_cast<Number>(take32());
    }
  }

 private:
  std::span<const std::byte> bytes_;
  bool good_ = true;
};

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

void appendRecord(std::vector<std::byte>& out, std::uint64_t version, const VectorsView& vectors) {
  append32(out, static_cast<std::uint32_t>(version));
  append32(out, static_cast<std::uint32_t>(version >> 32));
  const VectorLayout& layout = vectors.layout();
  for (std::size_t column = 0; column < layout.dense.size(); ++column) {
    const auto values = vectors.dense(column);
    if (values.empty()) continue;
    append32(out, static_cast<std::uint32_t>(2 * column));
    append32(out, static_cast<std::uint32_t>(values.size()));
    appendAll(out, values);
  }
  for (std::size_t column = 0; column < layout.sparse.size(); ++column) {
    const SparseVector* vector = vectors.sparse(column);
    if (vector == nullptr) continue;
    append32(out, static_cast<std::uint32_t>(2 * column + 1));
    append32(out, static_cast<std::uint32_t>(vector->indices.size()));
    appendAll(out, std::span<const std::uint32_t>(vector->indices));
    appendAll(out, std::span<const float>(vector->values));
  }
}

std::optional<Record> recordFromBytes(std::span<const std::byte> bytes, const VectorLayout& layout) {
  RecordReader reader(bytes);
  Record record;
  const std::uint64_t low = reader.take32();
  record.version = low | std::uint64_t{reader.take32()} << 32;
  record.vectors.dense.resize(layout.dense.size());
  record.vectors.sparse.resize(layout.sparse.size());
  while (reader.good() && !reader.atEnd()) {
    const std::uint32_t tag = reader.take32(), size = reader.take32(), column = tag / 2;
    if (tag % 2 == 1) {
      if (column >= layout.sparse.size()) return std::nullopt;
      SparseVector& vector = record.vectors.sparse[column].emplace();
      reader.takeAll(vector.indices, size);
      reader.takeAll(vector.values, size);
    } else {
      if (column >= layout.dense.size() || size != layout.dense[column].dimension) return std::nullopt;
      reader.takeAll(record.vectors.dense[column], size);
    }
  }
  if (!reader.good()) return std::nullopt;
  return record;
}

std::int64_t checksum(const IdBytes& id, std::span<const std::byte> record, std::string_view payload) noexcept {
  std::uint64_t sum = mixed(0x71626174636821U, id);
  sum = mixed(sum, record);
  sum = mixed(sum, std::as_bytes(std::span(payload)));
  return static_cast<std::int64_t>(sum ^ (sum >> 32));
}

}  // namespace qbatch::local
