#include "codec/code_point.hpp"

#include <algorithm>
#include <array>

namespace qbatch::codec {
namespace {

struct Range {
  char32_t first, last;
};

[[nodiscard]] constexpr bool within(char32_t value, Range range) noexcept { return value >= range.first && value <= range.last; }

template <std::size_t count>
[[nodiscard]] bool withinAny(char32_t value, const std::array<Range, count>& ranges) noexcept {
  return std::any_of(ranges.begin(), ranges.end(), [value](Range range) { return within(value, range); });
}

// Beyond ASCII: C1 controls and no-break space, soft hyphen, Ogham space, spaces and invisible marks, separators, ideographic space, BOM.
constexpr std::array<Range, 9> blankRanges{{{0x80, 0xA0},
                                            {0xAD, 0xAD},
                                            {0x1680, 0x1680},
                                            {0x2000, 0x200F},
                                            {0x2028, 0x202F},
                                            {0x205F, 0x206F},
                                            {0x3000, 0x3000},
                                            {0xFE00, 0xFE0F},
                                            {0xFEFF, 0xFEFF}}};

// Beyond ASCII: Latin-1 signs (without ordinals and micro), multiplication and division sign, general punctuation up to the misc symbols
// and arrows (without letterlike symbols), supplemental punctuation, CJK punctuation, private use, full-width ASCII signs, replacement
// character, pictographs.
constexpr std::array<Range, 18> symbolRanges{{{0xA1, 0xA9},
                                              {0xAB, 0xAC},
                                              {0xAE, 0xB4},
                                              {0xB6, 0xB9},
                                              {0xBB, 0xBF},
                                              {0xD7, 0xD7},
                                              {0xF7, 0xF7},
                                              {0x2010, 0x2027},
                                              {0x2030, 0x205E},
                                              {0x20A0, 0x20CF},
                                              {0x2190, 0x2BFF},
                                              {0x2E00, 0x2E7F},
                                              {0x3001, 0x3004},
                                              {0x3008, 0x3020},
                                              {0xE000, 0xF8FF},
                                              {0xFF01, 0xFF0F},
                                              {0xFFF0, 0xFFFD},
                                              {0x1F000, 0x1FAFF}}};

// Kana, the CJK ideographs and Hangul syllables; Thai, Lao and Khmer.
constexpr std::array<Range, 7> ideographRanges{
    {{0x0E01, 0x0EDF}, {0x1780, 0x17FF}, {0x3041, 0x31FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0x20000, 0x3FFFF}}};

[[nodiscard]] CodePointKind kindOfAscii(char32_t value) noexcept {
  if (value <= 0x20 || value == 0x7F) return CodePointKind::blank;
  if (within(value, {U'a', U'z'}) || within(value, {U'A', U'Z'})) return CodePointKind::letter;
  if (within(value, {U'0', U'9'})) return CodePointKind::digit;
  return CodePointKind::symbol;
}

// In Latin Extended-A capitals and small letters take turns, but which of the two is even changes twice.
[[nodiscard]] char32_t lowerExtendedA(char32_t value) noexcept {
  if (value == 0x130) return U'i';
  if (value == 0x178) return 0xFF;
  if (value == 0x138 || value == 0x149 || value == 0x17F) return value;
  const bool capitalIsOdd = within(value, {0x139, 0x148}) || within(value, {0x179, 0x17E});
  return (value % 2 == 1) == capitalIsOdd ? value + 1 : value;
}

}  // namespace

char32_t readCodePoint(std::string_view text, std::size_t& offset) noexcept {
  const auto byteAt = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char lead = byteAt(offset++);
  if (lead < 0x80) return lead;
  const std::size_t following = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - offset < following) return replacementCharacter;
  char32_t value = lead & (0x3FU >> following);
  for (std::size_t i = 0; i < following; ++i) {
    const unsigned char byte = byteAt(offset + i);
    if ((byte & 0xC0U) != 0x80U) return replacementCharacter;
    value = value << 6U | (byte & 0x3FU);
  }
  const bool overlong = (following == 2 && value < 0x800) || (following == 3 && value < 0x10000);
  if (overlong || within(value, {0xD800, 0xDFFF}) || value > 0x10FFFF) return replacementCharacter;
  offset += following;
  return value;
}

CodePointKind kindOf(char32_t codePoint) noexcept {
  if (codePoint < 0x80) return kindOfAscii(codePoint);
  if (withinAny(codePoint, blankRanges)) return CodePointKind::blank;
  if (withinAny(codePoint, symbolRanges)) return CodePointKind::symbol;
  if (withinAny(codePoint, ideographRanges)) return CodePointKind::ideograph;
  return CodePointKind::letter;
}

char32_t toLower(char32_t codePoint) noexcept {
  if (codePoint < 0x80) return within(codePoint, {U'A', U'Z'}) ? codePoint + 0x20 : codePoint;
  if (within(codePoint, {0xC0, 0xDE}) && codePoint != 0xD7) return codePoint + 0x20;
  if (within(codePoint, {0x100, 0x17F})) return lowerExtendedA(codePoint);
  if (within(codePoint, {0x391, 0x3A9}) && codePoint != 0x3A2) return codePoint + 0x20;
  if (within(codePoint, {0x400, 0x40F})) return codePoint + 0x50;
  if (within(codePoint, {0x410, 0x42F})) return codePoint + 0x20;
  return codePoint;
}

}  // namespace qbatch::codec
