#pragma once
#include <string>
#include <string_view>

#include "codec/json_line.hpp"
#include "qbatch/pattern.hpp"

namespace qbatch::stream {

/// The pattern in one line of a file of dead letters (dead_letters.hpp), or in a line that was put there by hand and is a pattern by
/// itself. What a letter has instead of a pattern is read once more, since it may have been mended, and stands in `line` then. A vector is
/// left out where another embedder than `embedder` computed it. Members that a letter does not have are passed over. Throws LineError.
[[nodiscard]] Pattern readLetter(codec::JsonLines& json, std::string& line, std::string_view embedder);

}  // namespace qbatch::stream
