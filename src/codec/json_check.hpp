#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace qbatch::codec {

/// How deep objects and arrays may be nested.
constexpr std::size_t maxJsonLevels = 127;

/// Checks that `text` is exactly one JSON value by the grammar of RFC 8259, and returns it without white space between tokens. Where a
/// name stands twice in an object, at any depth, only the last such member is kept.
///
/// Throws ParseError with the offset for anything else: invalid UTF-8, a byte order mark, escapes of single surrogates, integers
/// outside [-2^63, 2^64), numbers beyond double range (a number too small for a double is taken as 0), more than `levels` levels.
[[nodiscard]] std::string checkJson(std::string_view text, std::size_t levels = maxJsonLevels);

}  // namespace qbatch::codec
