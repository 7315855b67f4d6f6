#include "embed/text_features.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "embed/common_words.hpp"
#include "embed/feature_hash.hpp"
#include "embed/tokenizer.hpp"

namespace qbatch::embed {
namespace {

// All numbers here are part of the vectors: a change is a new version in the embedder's identity. docs/adr/0004 says how they were found.
struct Weights {
  std::uint32_t word, commonWord, shortWord, identifier, earlyGram, lateGram, symbols;
  std::array<std::uint32_t, 3> pair;  // by how many of the two words are common
};
constexpr Weights weights{
    .word = 16, .commonWord = 10, .shortWord = 12, .identifier = 16, .earlyGram = 8, .lateGram = 2, .symbols = 2, .pair = {6, 3, 2}};

// Factors for the first 16 words, the next 16, the next 32 and so on, doubling.
constexpr std::array<std::uint32_t, 6> positionFactors{16, 11, 7, 5, 4, 3};

constexpr std::size_t longestShortWord = 2;
constexpr std::size_t shortestWithGrams = 4;
constexpr std::size_t longestWithGrams = 64;
constexpr std::array<std::size_t, 2> gramLengths{3, 4};
// Endings change with grammar, so n-grams that begin behind the third character of a word say less.
constexpr std::size_t lastEarlyGram = 3;
// Not in any word, as they are blank.
constexpr char32_t wordBegin = 2, wordEnd = 3;

[[nodiscard]] std::uint32_t positionFactor(std::size_t words) noexcept {
  const auto level = static_cast<std::size_t>(std::bit_width(words / 16));
  return positionFactors[std::min(level, positionFactors.size() - 1)];
}

class Collector {
 public:
  explicit Collector(FeatureVector& features) : features_(features) {}

  void add(const Token& token) {
    factor_ = positionFactor(words_);
    switch (token.kind) {
      case Token::Kind::word:
        addWord(token.text);
        ++words_;
        break;
      case Token::Kind::identifier:
        addFeature(hashFeature(FeatureKind::word, token.text), weights.identifier);
        break;
      case Token::Kind::symbols:
        addFeature(hashFeature(FeatureKind::symbols, token.text), weights.symbols);
        break;
    }
  }

 private:
  void addFeature(std::uint64_t hash, std::uint32_t weight) { features_.add(hash, weight * factor_); }

  void addWord(std::u32string_view word) {
    const std::uint64_t hash = hashFeature(FeatureKind::word, word);
    const bool common = isCommonWord(word);
    addFeature(hash, common ? weights.commonWord : word.size() <= longestShortWord ? weights.shortWord : weights.word);
    if (words_ > 0) addFeature(hashPair(previous_, hash), weights.pair[(common ? 1U : 0U) + (previousCommon_ ? 1U : 0U)]);
    if (!common && word.size() >= shortestWithGrams) addGrams(word);
    previous_ = hash;
    previousCommon_ = common;
  }

  void addGrams(std::u32string_view word) {
    marked_.assign(1, wordBegin);
    marked_.append(word.substr(0, longestWithGrams));
    marked_.push_back(wordEnd);
    const std::u32string_view marked = marked_;
    for (const std::size_t length : gramLengths) {
      for (std::size_t begin = 0; begin + length <= marked.size(); ++begin) {
        const std::uint32_t weight = begin <= lastEarlyGram ? weights.earlyGram : weights.lateGram;
        addFeature(hashFeature(FeatureKind::gram, marked.substr(begin, length)), weight);
      }
    }
  }

  FeatureVector& features_;
  std::size_t words_{};
  std::uint32_t factor_{};
  std::uint64_t previous_{};
  bool previousCommon_ = false;
  std::u32string marked_{};
};

}  // namespace

void addTextFeatures(std::string_view text, FeatureVector& features) {
  Tokenizer tokenizer(text);
  Collector collector(features);
  Token token;
  for (std::size_t count = 0; count < mostTokens && tokenizer.next(token); ++count) collector.add(token);
}

}  // namespace qbatch::embed
