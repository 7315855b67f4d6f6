#include "stream/item_hash.hpp"

#include <bit>
#include <cstring>
#include <span>

namespace qbatch::stream {
namespace {

// The steps and constants of xxHash's 64 bits, eight bytes a step, in the order of little-endian machines everywhere.
constexpr std::uint64_t prime1 = 0x9E3779B185EBCA87, prime2 = 0xC2B2AE3D27D4EB4F, prime3 = 0x165667B19E3779F9, prime4 = 0x85EBCA77C2B2AE63;

constexpr std::uint64_t avalanche(std::uint64_t bits) noexcept {
  bits = (bits ^ bits >> 33) * prime2;
  bits = (bits ^ bits >> 29) * prime3;
  return bits ^ bits >> 32;
}

std::uint64_t wordAt(const char* bytes, std::size_t count) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  if constexpr (std::endian::native == std::endian::big) {
    std::uint64_t turned = 0;
    for (int i = 0; i < 8; ++i, word >>= 8) turned = turned << 8 | (word & 0xFF);
    word = turned;
  }
  return word;
}

/// Each field begins with its length, so that no byte can pass from one to the next unseen.
class Hasher {
 public:
  explicit Hasher(std::uint64_t kind) noexcept : state_(kind * prime3) {}

  void word(std::uint64_t word) noexcept { state_ = std::rotl(state_ ^ std::rotl(word * prime2, 31) * prime1, 27) * prime1 + prime4; }
  void text(std::string_view text) noexcept {
    word(text.size());
    for (; text.size() >= 8; text.remove_prefix(8)) word(wordAt(text.data(), 8));
    if (!text.empty()) word(wordAt(text.data(), text.size()));
  }
  void floats(std::span<const float> values) noexcept {
    word(values.size());
    const auto bits = [&](std::size_t i) { return static_cast<std::uint64_t>(std::bit_cast<std::uint32_t>(values[i])); };
    std::size_t i = 0;
    for (; i + 1 < values.size(); i += 2) word(bits(i) | bits(i + 1) << 32);
    if (i < values.size()) word(bits(i));
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return avalanche(state_); }

 private:
  std::uint64_t state_;
};

constexpr std::uint64_t patternKind = 1, textKind = 2;

}  // namespace

std::uint64_t contentHash(const Pattern& pattern) noexcept {
  Hasher hasher(patternKind);
  hasher.text(pattern.description);
  hasher.text(pattern.code);
  hasher.text(pattern.language);
  hasher.text(pattern.metadata.json());
  hasher.word(!pattern.id ? 0 : pattern.id->isNumber() ? 1 : 2);
  if (pattern.id) hasher.text({reinterpret_cast<const char*>(pattern.id->bytes().data()), pattern.id->bytes().size()});
  hasher.floats(pattern.vector);
  return hasher.value();
}

std::uint64_t contentHash(std::string_view text) noexcept {
  Hasher hasher(textKind);
  hasher.text(text);
  return hasher.value();
}

std::uint64_t itemDigest(std::size_t index, std::uint64_t contentHash) noexcept {
  // Not their sum or xor before it is mixed: item 1 with hash 2 would be item 2 with hash 1.
  return avalanche(avalanche(static_cast<std::uint64_t>(index) + prime1) ^ contentHash * prime4);
}

}  // namespace qbatch::stream
