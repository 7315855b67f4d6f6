#include "codec/escape.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "codec/special_bytes.hpp"

// A text is taken piece by piece: first the places of all bytes to escape are found, then what lies between is copied. So no branch hangs
// on where the next one is, and where most of the time would go to wrongly foretold branches, it goes to copying.
namespace qbatch::codec {
namespace {

/// What stands for one byte. Eight bytes, so that one move writes it and one read gets it.
struct Escape {
  std::array<char, 7> text{};
  std::uint8_t size{};
};
constexpr std::size_t longestEscape = 6;

constexpr Escape makeEscape(unsigned char byte) noexcept {
  constexpr std::string_view digits = "0123456789abcdef", named = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
  const std::size_t name = named.find(static_cast<char>(byte));
  if (name != std::string_view::npos) return {{'\\', letters[name]}, 2};
  return {{'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15u]}, longestEscape};
}

constexpr auto escapes = [] {
  std::array<Escape, '\\' + 1> all{};
  for (std::size_t byte = 0; byte < all.size(); ++byte) {
    if (isSpecialByte(static_cast<unsigned char>(byte))) all[byte] = makeEscape(static_cast<unsigned char>(byte));
  }
  return all;
}();

const Escape& escapeOf(char byte) noexcept { return escapes[static_cast<unsigned char>(byte)]; }

/// Appends the first `size` bytes of `text`, whose special ones are `found`.
void appendPiece(std::string& out, std::string_view text, std::size_t size, const SpecialPlaces& found) {
  std::array<char, SpecialPlaces::longestPiece * longestEscape + copyStride> room;
  char* end = room.data();
  std::size_t from = 0;
  for (std::size_t i = 0; i < found.count; ++i) {
    const std::size_t place = found.at[i];
    end = copyByStrides(end, text.data() + from, place - from, text.size() - from);
    const Escape& escape = escapeOf(text[place]);
    std::memcpy(end, &escape, sizeof escape);
    end += escape.size;
    from = place + 1;
  }
  end = copyByStrides(end, text.data() + from, size - from, text.size() - from);
  out.append(room.data(), static_cast<std::size_t>(end - room.data()));
}

}  // namespace

void appendEscaped(std::string& out, std::string_view text) {
  const SpecialFinder find = specialFinder();
  SpecialPlaces found;
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), SpecialPlaces::longestPiece);
    find(text.substr(0, size), found);
    if (found.count == 0) {
      out.append(text, 0, size);
    } else {
      appendPiece(out, text, size, found);
    }
    text.remove_prefix(size);
  }
}

void appendEscapedPlainly(std::string& out, std::string_view text) {
  for (const char byte : text) {
    if (isSpecialByte(static_cast<unsigned char>(byte))) {
      out.append(escapeOf(byte).text.data(), escapeOf(byte).size);
    } else {
      out += byte;
    }
  }
}

}  // namespace qbatch::codec
