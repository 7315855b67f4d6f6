#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/error.hpp"

namespace cli {

/// The text on one line for a terminal: control characters become spaces, so that no stored text can steer it.
[[nodiscard]] std::string printable(std::string_view text);

/// What the library says of its options in the words of the command line's.
[[nodiscard]] std::string inOptions(std::string text);

/// What the library says of where to listen, in the words of options; `key` is the option that sets the server's key.
[[nodiscard]] std::vector<std::string> inListenOptions(std::vector<std::string> problems, const std::string& key);

/// The error's sentence, or the name of its kind where it has none.
[[nodiscard]] std::string wordsOf(const qbatch::Error& error);

/// From now on complaints are written by `write`, as of somebody who has a line on the terminal that must make room for them; empty: as
/// before.
void complainThrough(std::function<void(std::string_view lines)> write);

/// The program's name in complaints, a literal; "qbatch" before.
void complainAs(const char* program) noexcept;

/// Writes `PROGRAM: TEXT` to stderr, one line for each of the text's.
void complain(std::string_view text);

}  // namespace cli
