#pragma once
#include <string_view>

namespace qbatch::embed {

/// True for English words and keywords of programming languages that say little about what a text is about. `word` is in small letters.
[[nodiscard]] bool isCommonWord(std::u32string_view word) noexcept;

}  // namespace qbatch::embed
