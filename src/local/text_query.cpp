#include "local/text_query.hpp"

#include <algorithm>
#include <cstddef>
#include <set>

#include "codec/code_point.hpp"

namespace qbatch::local {
namespace {

using codec::CodePointKind;

void appendCodePoint(std::string& out, char32_t value) {
  const auto byte = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (value < 0x80) return byte(value);
  if (value < 0x800) {
    byte(0xC0U | value >> 6U);
  } else {
    if (value < 0x10000) {
      byte(0xE0U | value >> 12U);
    } else {
      byte(0xF0U | value >> 18U);
      byte(0x80U | (value >> 12U & 0x3FU));
    }
    byte(0x80U | (value >> 6U & 0x3FU));
  }
  byte(0x80U | (value & 0x3FU));
}

/// Splits at code points of which `separates` is true; `shown` is what the others become.
template <class Separates, class Shown>
std::vector<std::string> split(std::string_view text, const Separates& separates, const Shown& shown) {
  std::vector<std::string> pieces;
  std::string piece;
  const auto end = [&] {
    if (!piece.empty()) pieces.push_back(std::move(piece));
    piece.clear();
  };
  for (std::size_t offset = 0; offset < text.size();) {
    const char32_t codePoint = codec::readCodePoint(text, offset);
    if (separates(codec::kindOf(codePoint))) {
      end();
    } else {
      appendCodePoint(piece, shown(codePoint));
    }
  }
  end();
  return pieces;
}

bool holdsPhrase(const std::vector<std::string>& words, const std::vector<std::string>& phrase) {
  return std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end();
}

}  // namespace

std::vector<std::string> wordsOf(std::string_view text, WordRule rule) {
  const auto separates = [](CodePointKind kind) { return kind == CodePointKind::blank || kind == CodePointKind::symbol; };
  auto words = split(text, separates, codec::toLower);
  std::erase_if(words, [&](const std::string& word) {
    const auto length = static_cast<std::size_t>(
        std::count_if(word.begin(), word.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
    return length < rule.shortest || length > rule.longest;
  });
  return words;
}

TextQuery::TextQuery(Kind kind, std::string text)
    : kind_(kind),
      text_(std::move(text)),
      words_(split(
          text_, [](CodePointKind one) { return one == CodePointKind::blank; }, [](char32_t codePoint) { return codePoint; })) {}

void TextQuery::useWords(WordRule rule) {
  usesWords_ = true;
  rule_ = rule;
  words_ = wordsOf(text_, rule);
}

bool TextQuery::foundIn(const std::vector<std::string_view>& values) const {
  if (usesWords_) return wordsIn(values);
  return std::any_of(values.begin(), values.end(), [this](std::string_view value) { return partOf(value); });
}

bool TextQuery::partOf(std::string_view value) const {
  if (kind_ != Kind::any) return value.find(text_) != std::string_view::npos;
  return std::any_of(words_.begin(), words_.end(), [&](const std::string& piece) { return value.find(piece) != std::string_view::npos; });
}

bool TextQuery::wordsIn(const std::vector<std::string_view>& values) const {
  if (words_.empty()) return false;
  if (kind_ == Kind::phrase) {
    return std::any_of(values.begin(), values.end(), [this](std::string_view value) { return holdsPhrase(wordsOf(value, rule_), words_); });
  }
  std::set<std::string, std::less<>> present;
  for (const std::string_view value : values) {
    for (std::string& word : wordsOf(value, rule_)) present.insert(std::move(word));
  }
  const auto there = [&](const std::string& word) { return present.contains(word); };
  return kind_ == Kind::all ? std::all_of(words_.begin(), words_.end(), there) : std::any_of(words_.begin(), words_.end(), there);
}

}  // namespace qbatch::local
