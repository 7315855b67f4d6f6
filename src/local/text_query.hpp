#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qbatch::local {

/// Which words a full-text index takes, by their number of characters.
struct WordRule {
  std::size_t shortest = 0, longest = static_cast<std::size_t>(-1);
};

/// What `match.text`, `match.text_any` and `match.phrase` look for. Without a full-text index on the field Qdrant looks for the text
/// itself; with one it compares words: runs of letters and digits in small letters, as the tokenizer "word" makes them.
class TextQuery {
 public:
  /// All of the words, one of them, or all in this order side by side.
  enum class Kind { all, any, phrase };

  TextQuery(Kind kind, std::string text);
  /// From now on words are compared.
  void useWords(WordRule rule = {});
  [[nodiscard]] bool usesWords() const noexcept { return usesWords_; }

  /// True where one value, or with words the values together, hold what is looked for. A phrase never goes across values. Where no word is
  /// looked for, none is found.
  [[nodiscard]] bool foundIn(const std::vector<std::string_view>& values) const;

 private:
  [[nodiscard]] bool partOf(std::string_view value) const;
  [[nodiscard]] bool wordsIn(const std::vector<std::string_view>& values) const;

  Kind kind_;
  std::string text_;
  bool usesWords_ = false;
  WordRule rule_{};
  std::vector<std::string> words_;  // in order; while the text itself is looked for, what stands between blanks
};

/// The words of a text in order.
[[nodiscard]] std::vector<std::string> wordsOf(std::string_view text, WordRule rule = {});

}  // namespace qbatch::local
