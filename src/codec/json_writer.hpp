#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace qbatch::codec {

/// Appends a JSON string with its quotes. `text` must be valid UTF-8. Escapes only what JSON demands.
void appendString(std::string& out, std::string_view text);
/// The same for any bytes: what is not UTF-8 becomes U+FFFD.
void appendAnyString(std::string& out, std::string_view bytes);
void appendInteger(std::string& out, std::int64_t value);
void appendUnsigned(std::string& out, std::uint64_t value);
/// The shortest text that reads back as the same double; a whole number keeps a ".0", so that it stays a float. `value` must be finite.
void appendDouble(std::string& out, double value);
/// The text that writeFloat writes, but -0 as "-0". `value` must be finite.
void appendFloat(std::string& out, float value);

}  // namespace qbatch::codec
