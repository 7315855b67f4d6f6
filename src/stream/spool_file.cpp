#include "stream/spool_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace qbatch::stream {
namespace {

constexpr std::string_view magic = "qbatchVE";
constexpr std::uint32_t format = 1;
constexpr std::size_t formatAt = 8, checksumAt = 12, coveredFrom = 16, rowsAt = 20, identitySizeAt = 24, headSize = 28, keySize = 17;

void append32(std::string& out, std::size_t number) {
  for (unsigned i = 0; i < 4; ++i) out += static_cast<char>(static_cast<unsigned char>(number >> (8 * i) & 0xFF));
}

std::uint32_t read32(std::string_view bytes, std::size_t at) noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i > 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return number;
}

constexpr std::uint32_t turned(std::uint32_t bits) noexcept {
  return bits >> 24 | (bits >> 8 & 0xFF00) | (bits << 8 & 0xFF0000) | bits << 24;
}

void appendKey(std::string& out, const PointId& key) {
  out += key.isNumber() ? '\1' : '\0';
  for (const std::uint8_t byte : key.bytes()) out += static_cast<char>(byte);
}

PointId keyAt(const char* bytes) noexcept {
  std::array<std::uint8_t, 16> uuid{};
  std::transform(bytes + 1, bytes + keySize, uuid.begin(), [](char byte) { return static_cast<std::uint8_t>(byte); });
  const PointId id = PointId::fromUuid(uuid);
  if (*bytes == 0) return id;
  std::uint64_t number = 0;
  for (std::size_t i = 8; i < 16; ++i) number = number << 8 | uuid[i];
  return PointId(number);
}

std::uint32_t checksum(std::uint32_t before, std::string_view bytes) noexcept {
  return static_cast<std::uint32_t>(crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// The floats as they stand in files; `room` holds them where they stand otherwise in memory.
std::string_view bytesOf(std::span<const float> values, std::vector<std::uint32_t>& room) {
  if (std::endian::native != std::endian::little) {
    room.clear();
    for (const float value : values) room.push_back(turned(std::bit_cast<std::uint32_t>(value)));
    return {reinterpret_cast<const char*>(room.data()), values.size_bytes()};
  }
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

int writePart(const std::string& path, std::string_view head, std::string_view floats) noexcept {
  Descriptor file = openFile(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return errno;
  if (const int error = writeWhole(file, head); error != 0) return error;
  if (const int error = writeWhole(file, floats); error != 0) return error;
  return file.close();
}

}  // namespace

void writeSpoolFile(const StorageName& name, const std::string& path, std::string_view identity, std::span<const PointId> keys,
                    MatrixView rows) {
  std::vector<std::uint32_t> room;
  const std::string_view floats = bytesOf({rows.data, rows.rows * rows.columns}, room);
  std::string covered;
  covered.reserve(headSize + identity.size() + keys.size() * keySize);
  append32(covered, rows.columns);
  append32(covered, keys.size());
  append32(covered, identity.size());
  covered += identity;
  for (const PointId& key : keys) appendKey(covered, key);
  std::string head(magic);
  append32(head, format);
  append32(head, checksum(checksum(0, covered), floats));
  head += covered;

  const std::string part = path + ".part";
  int error = writePart(part, head, floats);
  if (error == 0 && std::rename(part.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return;
  unlink(part.c_str());
  failStorage(name, "written", error);
}

SpoolFile::SpoolFile(const std::string& path, std::string_view identity, std::size_t dimension)
    : file_(openFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)), dimension_(dimension), kind_(kindOf(identity, dimension)) {}

SpoolFile::Kind SpoolFile::kindOf(std::string_view identity, std::size_t dimension) {
  struct stat facts {};
  if (!file_ || fstat(file_.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return Kind::damaged;
  std::string head(headSize, '\0');
  if (readAt(file_, 0, head.data(), headSize) != static_cast<std::ptrdiff_t>(headSize) || !head.starts_with(magic)) return Kind::damaged;
  if (read32(head, formatAt) != format || read32(head, coveredFrom) != dimension) return Kind::others;
  if (read32(head, identitySizeAt) != identity.size()) return Kind::others;
  std::string stored(identity.size(), '\0');
  const auto got = readAt(file_, headSize, stored.data(), stored.size());
  if (got != static_cast<std::ptrdiff_t>(stored.size())) return Kind::damaged;
  if (stored != identity) return Kind::others;
  keysAt_ = headSize + identity.size();
  const std::size_t rows = read32(head, rowsAt);
  // Compared by division: a product of damaged numbers might not fit.
  const std::size_t size = static_cast<std::size_t>(facts.st_size) - keysAt_, rowSize = keySize + dimension * sizeof(float);
  if (size % rowSize != 0 || size / rowSize != rows) return Kind::damaged;
  rows_ = rows;
  return Kind::ours;
}

std::vector<PointId> SpoolFile::keys() const {
  std::string bytes(rows_ * keySize, '\0');
  const auto got = std::max<std::ptrdiff_t>(0, readAt(file_, keysAt_, bytes.data(), bytes.size()));
  std::vector<PointId> keys;
  keys.reserve(rows_);
  for (std::size_t at = 0; at + keySize <= static_cast<std::size_t>(got); at += keySize) keys.push_back(keyAt(bytes.data() + at));
  return keys;
}

bool SpoolFile::isWhole() const {
  std::string block(std::size_t{1} << 18, '\0');
  if (readAt(file_, 0, block.data(), headSize) != static_cast<std::ptrdiff_t>(headSize)) return false;
  const std::uint32_t expected = read32(block, checksumAt);
  std::uint32_t sum = 0;
  for (std::size_t at = coveredFrom;;) {
    const auto got = readAt(file_, at, block.data(), block.size());
    if (got < 0) return false;
    if (got == 0) return sum == expected;
    sum = checksum(sum, std::string_view(block).substr(0, static_cast<std::size_t>(got)));
    at += static_cast<std::size_t>(got);
  }
}

bool SpoolFile::read(std::size_t row, std::span<float> vector) const noexcept {
  const std::size_t size = dimension_ * sizeof(float);
  if (kind_ != Kind::ours || row >= rows_ || vector.size() != dimension_) return false;
  const auto got = readAt(file_, keysAt_ + rows_ * keySize + row * size, reinterpret_cast<char*>(vector.data()), size);
  if (got != static_cast<std::ptrdiff_t>(size)) return false;
  if constexpr (std::endian::native != std::endian::little) {
    for (float& value : vector) value = std::bit_cast<float>(turned(std::bit_cast<std::uint32_t>(value)));
  }
  return true;
}

}  // namespace qbatch::stream
