#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qbatch::embed {

/// A piece of a text, in small letters.
struct Token {
  /// A word stands alone or is a part of an identifier; an identifier is the parts that came just before it, joined without separators;
  /// symbols are a run of signs.
  enum class Kind { word, identifier, symbols };
  Kind kind{};
  std::u32string_view text{};  ///< valid until the next call of Tokenizer::next()
};

/// Splits a text into tokens, one at a time. Identifiers are split at underscores, between a small letter and a capital, before the last
/// capital of an acronym that begins a word (HTTPServer: http, server) and between letters and digits; where that makes more than one
/// part, the identifier follows as a token of its own, so that http_server, HttpServer and httpserver meet in one. Each ideograph is a
/// word. Bytes that are not UTF-8 are symbols. The text must outlive the tokenizer.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) noexcept : text_(text) {}
  /// False at the end of the text; `token` is then left as it was.
  [[nodiscard]] bool next(Token& token);

 private:
  struct Part {
    std::size_t begin, length;
  };
  [[nodiscard]] bool nextPart(Token& token);
  void readWord();
  void readSymbols();
  void endPart(std::size_t end);

  std::string_view text_;
  std::size_t offset_{};        // of the first byte that has not been read
  std::u32string run_{};        // the present run of letters and digits, or of symbols, in small letters
  std::vector<Part> parts_{};   // of the run
  std::size_t nextPart_{};      // the first part that has not been handed out
  std::size_t partBegin_{};     // of the part that is being read
  bool identifierDue_ = false;  // the run as a whole is still to be handed out
};

}  // namespace qbatch::embed
