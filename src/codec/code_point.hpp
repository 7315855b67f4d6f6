#pragma once
#include <cstddef>
#include <string_view>

namespace qbatch::codec {

/// What a code point is for splitting texts into words. An ideograph is a letter of a script that is written without spaces between words.
enum class CodePointKind { blank, symbol, letter, digit, ideograph };

/// Stands for a byte that is not part of valid UTF-8.
inline constexpr char32_t replacementCharacter = U'\uFFFD';

/// Reads the code point that begins at `offset`, which must be less than the size of `text`, and moves `offset` behind it. A byte that is
/// not part of valid UTF-8 is one replacementCharacter.
[[nodiscard]] char32_t readCodePoint(std::string_view text, std::size_t& offset) noexcept;

/// Control characters count as blank, U+FFFD as a symbol. Above ASCII the known blocks of spaces, punctuation and signs are told apart;
/// everything else is a letter. Depends on no locale and on no version of Unicode.
[[nodiscard]] CodePointKind kindOf(char32_t codePoint) noexcept;

/// The small letter of a capital of ASCII, Latin-1, Latin Extended-A, Greek or Cyrillic; every other code point as it is.
[[nodiscard]] char32_t toLower(char32_t codePoint) noexcept;

}  // namespace qbatch::codec
