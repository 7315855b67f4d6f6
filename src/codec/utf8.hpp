#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace qbatch::codec {

/// The offset of the first byte that is not part of valid UTF-8 (overlong forms, surrogates and values above U+10FFFF count as invalid);
/// nullopt where all is valid.
[[nodiscard]] std::optional<std::size_t> findInvalidUtf8(std::string_view text) noexcept;

/// The text with each invalid byte replaced by U+FFFD, for messages and echoes.
[[nodiscard]] std::string toValidUtf8(std::string_view text);

}  // namespace qbatch::codec
