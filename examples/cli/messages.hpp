#pragma once
#include <string>
#include <string_view>

namespace cli {

/// The text on one line for a terminal: control characters become spaces, so that no stored text can steer it.
[[nodiscard]] std::string printable(std::string_view text);

/// What the library says of its options in the words of the command line's.
[[nodiscard]] std::string inOptions(std::string text);

/// Writes `qbatch: TEXT` to stderr, one line for each of the text's.
void complain(std::string_view text);

}  // namespace cli
