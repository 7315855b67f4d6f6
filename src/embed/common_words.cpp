#include "embed/common_words.hpp"

#include <algorithm>
#include <array>

namespace qbatch::embed {
namespace {

// In order of code points. The list is part of the vectors: a change of it is a new version in the embedder's identity.
constexpr std::array<std::u32string_view, 145> commonWords{
    U"a",       U"an",      U"and",        U"any",      U"are",      U"args",     U"as",      U"assert",  U"at",        U"auto",
    U"await",   U"be",      U"been",       U"bool",     U"break",    U"but",      U"by",      U"can",     U"case",      U"catch",
    U"char",    U"class",   U"cls",        U"const",    U"continue", U"could",    U"def",     U"del",     U"did",       U"do",
    U"does",    U"each",    U"elif",       U"else",     U"enum",     U"except",   U"extends", U"extern",  U"false",     U"final",
    U"finally", U"fn",      U"for",        U"from",     U"func",     U"global",   U"had",     U"has",     U"have",      U"how",
    U"if",      U"impl",    U"implements", U"in",       U"include",  U"int",      U"into",    U"is",      U"it",        U"its",
    U"kwargs",  U"lambda",  U"let",        U"long",     U"may",      U"more",     U"must",    U"mut",     U"namespace", U"new",
    U"nil",     U"no",      U"none",       U"nonlocal", U"not",      U"null",     U"of",      U"on",      U"one",       U"only",
    U"or",      U"other",   U"our",        U"out",      U"over",     U"override", U"pass",    U"private", U"protected", U"pub",
    U"public",  U"raise",   U"return",     U"returns",  U"self",     U"should",   U"so",      U"some",    U"static",    U"std",
    U"str",     U"struct",  U"such",       U"super",    U"switch",   U"than",     U"that",    U"the",     U"their",     U"them",
    U"then",    U"there",   U"these",      U"they",     U"this",     U"those",    U"throw",   U"throws",  U"to",        U"true",
    U"try",     U"typedef", U"undefined",  U"unsigned", U"use",      U"used",     U"using",   U"var",     U"virtual",   U"void",
    U"was",     U"we",      U"were",       U"what",     U"when",     U"where",    U"which",   U"while",   U"who",       U"will",
    U"with",    U"would",   U"yield",      U"you",      U"your"};
static_assert(std::is_sorted(commonWords.begin(), commonWords.end()));
constexpr std::size_t longestCommonWord = 10;

}  // namespace

bool isCommonWord(std::u32string_view word) noexcept {
  return word.size() <= longestCommonWord && std::binary_search(commonWords.begin(), commonWords.end(), word);
}

}  // namespace qbatch::embed
