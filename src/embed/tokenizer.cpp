#include "embed/tokenizer.hpp"

#include "codec/code_point.hpp"

namespace qbatch::embed {
namespace {

using codec::CodePointKind;
using codec::kindOf;
using codec::readCodePoint;
using codec::toLower;

enum class Shape { none, small, capital, digit };

[[nodiscard]] Shape shapeOf(CodePointKind kind, char32_t codePoint) noexcept {
  if (kind == CodePointKind::digit) return Shape::digit;
  return toLower(codePoint) == codePoint ? Shape::small : Shape::capital;
}

[[nodiscard]] bool isSymbol(CodePointKind kind, char32_t codePoint) noexcept { return kind == CodePointKind::symbol && codePoint != U'_'; }

}  // namespace

bool Tokenizer::next(Token& token) {
  if (nextPart(token)) return true;
  while (offset_ < text_.size()) {
    std::size_t behind = offset_;
    const char32_t codePoint = readCodePoint(text_, behind);
    const CodePointKind kind = kindOf(codePoint);
    if (kind == CodePointKind::blank) {
      offset_ = behind;
      continue;
    }
    run_.clear();
    if (isSymbol(kind, codePoint)) {
      readSymbols();
      token = {Token::Kind::symbols, run_};
      return true;
    }
    if (kind == CodePointKind::ideograph) {
      offset_ = behind;
      run_.push_back(codePoint);
      token = {Token::Kind::word, run_};
      return true;
    }
    readWord();
    if (nextPart(token)) return true;
    run_.push_back(U'_');  // nothing but underscores
    token = {Token::Kind::symbols, run_};
    return true;
  }
  return false;
}

bool Tokenizer::nextPart(Token& token) {
  const std::u32string_view run = run_;
  if (nextPart_ < parts_.size()) {
    const Part part = parts_[nextPart_++];
    token = {Token::Kind::word, run.substr(part.begin, part.length)};
    return true;
  }
  if (!identifierDue_) return false;
  identifierDue_ = false;
  token = {Token::Kind::identifier, run};
  return true;
}

void Tokenizer::readWord() {
  parts_.clear();
  nextPart_ = partBegin_ = 0;
  Shape before = Shape::none;
  while (offset_ < text_.size()) {
    std::size_t behind = offset_;
    const char32_t codePoint = readCodePoint(text_, behind);
    const CodePointKind kind = kindOf(codePoint);
    if (codePoint == U'_') {
      endPart(run_.size());
      before = Shape::none;
    } else if (kind == CodePointKind::letter || kind == CodePointKind::digit) {
      const Shape shape = shapeOf(kind, codePoint);
      const bool letterMeetsDigit = before != Shape::none && (before == Shape::digit) != (shape == Shape::digit);
      if (letterMeetsDigit || (before == Shape::small && shape == Shape::capital)) {
        endPart(run_.size());
      } else if (before == Shape::capital && shape == Shape::small) {
        endPart(run_.size() - 1);  // the capital begins a word; adds nothing where one has just begun
      }
      run_.push_back(toLower(codePoint));
      before = shape;
    } else {
      break;
    }
    offset_ = behind;
  }
  endPart(run_.size());
  identifierDue_ = parts_.size() > 1;
}

void Tokenizer::readSymbols() {
  parts_.clear();
  nextPart_ = 0;
  while (offset_ < text_.size()) {
    std::size_t behind = offset_;
    const char32_t codePoint = readCodePoint(text_, behind);
    if (!isSymbol(kindOf(codePoint), codePoint)) break;
    run_.push_back(codePoint);
    offset_ = behind;
  }
}

void Tokenizer::endPart(std::size_t end) {
  if (end > partBegin_) parts_.push_back({partBegin_, end - partBegin_});
  partBegin_ = end;
}

}  // namespace qbatch::embed
