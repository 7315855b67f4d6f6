#pragma once
#include <string>
#include <string_view>

namespace qbatch::codec {

/// Appends `text` as it stands between the quotes of a JSON string: '"', '\\' and what is below 0x20 as escapes, all else as it is.
void appendEscaped(std::string& out, std::string_view text);
/// The same byte by byte: what appendEscaped is tested against.
void appendEscapedPlainly(std::string& out, std::string_view text);

}  // namespace qbatch::codec
