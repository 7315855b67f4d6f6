#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Where a text has bytes that a JSON string cannot hold as they are, or that end it: '"', '\\' and what is below 0x20.
namespace qbatch::codec {

[[nodiscard]] constexpr bool isSpecialByte(unsigned char byte) noexcept { return byte < 0x20 || byte == '"' || byte == '\\'; }

/// The places of special bytes in one piece of a text, in order.
struct SpecialPlaces {
  static constexpr std::size_t longestPiece = 1024;
  std::size_t count{};
  std::array<std::uint16_t, longestPiece + 8> at;  ///< not initialised from `count` on; finders may write eight more than they find
};

/// Fills `found` with the places of `piece`, which is at most SpecialPlaces::longestPiece long. Reads nothing beyond it.
using SpecialFinder = void (*)(std::string_view piece, SpecialPlaces& found) noexcept;

/// Byte by byte.
void findSpecialsPlainly(std::string_view piece, SpecialPlaces& found) noexcept;

/// The fastest finder for this processor: AVX2 or NEON where there is one of them, else findSpecialsPlainly. Chosen once.
[[nodiscard]] SpecialFinder specialFinder() noexcept;

/// Where reading a JSON string has to stop: at a quote that no backslash escapes, at a control byte, and at what follows a backslash
/// without being one of the eight named escapes (`u`, or an error). `escaped`: a backslash stands before the piece and escapes its first
/// byte; afterwards the same of what follows it.
using StopFinder = void (*)(std::string_view piece, bool& escaped, SpecialPlaces& found) noexcept;
void findStopsPlainly(std::string_view piece, bool& escaped, SpecialPlaces& found) noexcept;
[[nodiscard]] StopFinder stopFinder() noexcept;

[[nodiscard]] constexpr bool isNamedEscape(char c) noexcept {
  return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
}

/// A move of this many bytes is faster than one whose length is known late.
constexpr std::size_t copyStride = 64;

/// Copies `size` bytes of a text that has `left` ones from there on. What is copied beyond them is to be written over: `out` has room for
/// `left` bytes or for copyStride more than `size`.
[[gnu::always_inline]] inline char* copyByStrides(char* out, const char* from, std::size_t size, std::size_t left) noexcept {
  if (size <= copyStride && left >= copyStride) {
    std::memcpy(out, from, copyStride);
  } else {
    std::memcpy(out, from, size);
  }
  return out + size;
}

/// Goes from one stop of a text to the next; looks for many of them at once, and only where it is asked.
class StopCursor {
 public:
  explicit StopCursor(std::string_view text) noexcept : text_(text) {}

  /// The place of the first one that is not before `from`, which is no less than in the call before; the text's size where none follows.
  [[nodiscard]] std::size_t next(std::size_t from) noexcept {
    for (;;) {
      if (from >= end_ && !fill(from)) return text_.size();
      const std::size_t offset = from - begin_;
      std::size_t index = index_;
      while (found_.at[index] < offset) ++index;
      index_ = index;
      if (found_.at[index] != noPlace) return begin_ + found_.at[index];
      from = end_;
    }
  }

 private:
  static constexpr std::uint16_t noPlace = 0xFFFF;
  bool fill(std::size_t from) noexcept;

  std::string_view text_;
  bool escaped_ = false;             // what is at end_
  std::size_t begin_ = 0, end_ = 0;  // what has been looked at last
  std::size_t index_ = 0;
  SpecialPlaces found_;  // in text_ from begin_ on, with noPlace behind them
};

}  // namespace qbatch::codec
