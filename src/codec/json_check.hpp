#pragma once
#include <cstddef>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

namespace qbatch::codec {

/// How deep objects and arrays may be nested.
constexpr std::size_t maxJsonLevels = 127;

/// Checks that `text` is exactly one JSON value by the grammar of RFC 8259, and returns it without white space between tokens. Where a
/// name stands twice in an object, at any depth, only the last such member is kept.
///
/// Throws ParseError with the offset for anything else: invalid UTF-8, a byte order mark, escapes of single surrogates, integers
/// outside [-2^63, 2^64), numbers beyond double range (a number too small for a double is taken as 0), more than `levels` levels.
[[nodiscard]] std::string checkJson(std::string_view text, std::size_t levels = maxJsonLevels);

/// A text that has been checked, which must outlive this, and where the members stand in it if it is an object.
struct CheckedJson {
  struct Member {
    std::string_view name{};              ///< with its escapes resolved
    std::size_t begin{}, value{}, end{};  ///< where the name's opening quote is, where the value begins, and behind it
    bool repeated = false;                ///< only while the text is checked: a later member has the same name
  };
  std::string_view given{};                    ///< the text, where it had no white space between tokens and no name twice
  std::string changed{};                       ///< else what was made of it
  std::vector<Member> members{};               ///< in the text's order; no name stands twice
  std::forward_list<std::string> unescaped{};  ///< what members' names are views of

  [[nodiscard]] std::string_view text() const noexcept { return changed.empty() ? given : std::string_view(changed); }
  [[nodiscard]] std::string_view valueOf(const Member& member) const noexcept {
    return text().substr(member.value, member.end - member.value);
  }
};
/// As checkJson, for those who go through the members next.
[[nodiscard]] CheckedJson checkJsonMembers(std::string_view text);

}  // namespace qbatch::codec
