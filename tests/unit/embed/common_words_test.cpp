#include "embed/common_words.hpp"

#include "support/catch.hpp"

using qbatch::embed::isCommonWord;

TEST_CASE("articles and keywords are common words", "[embed]") {
  for (const auto* word : {U"a", U"the", U"of", U"return", U"self", U"def", U"namespace", U"yield", U"your"}) CHECK(isCommonWord(word));
}

TEST_CASE("what a text is about is no common word", "[embed]") {
  for (const auto* word : {U"", U"server", U"authentication", U"string", U"function", U"thes", U"retur", U"zebra", U"The", U"\u00FCber"})
    CHECK_FALSE(isCommonWord(word));
}
