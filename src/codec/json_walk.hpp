#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/special_bytes.hpp"

namespace qbatch::codec {

/// Goes through the members of an object, or the elements of an array, in JSON text that is known to be valid; nothing is checked
/// again. White space between tokens is allowed. Views into the text, which must outlive them.
class JsonWalk {
 public:
  struct Entry {
    std::string_view name{};   ///< a member's name between its quotes, escapes not yet resolved; empty in arrays
    std::string_view value{};  ///< raw JSON
    std::size_t begin{};       ///< the offset in the text at which the member or element begins
    std::size_t end{};         ///< the offset behind its value
  };

  /// `container` is a whole object or array; what follows behind it is not looked at.
  explicit JsonWalk(std::string_view container) noexcept;
  /// nullopt behind the last one.
  [[nodiscard]] std::optional<Entry> next() noexcept;

 private:
  /// The offset behind the string whose opening quote is at `at`, and so on.
  [[nodiscard]] std::size_t endOfString(std::size_t at) noexcept;
  [[nodiscard]] std::size_t endOfContainer(std::size_t at) noexcept;
  [[nodiscard]] std::size_t endOfValue(std::size_t at) noexcept;

  std::string_view text_;
  StopCursor stops_;
  std::size_t at_ = 0;
  bool object_ = false;
};

/// A string's text from what stands between its quotes, which must be valid JSON.
[[nodiscard]] std::string unescape(std::string_view body);

/// True where a name as JsonWalk gives it means `key`.
[[nodiscard]] bool nameIs(std::string_view name, std::string_view key);

}  // namespace qbatch::codec
