#include "local/text_query.hpp"

#include "support/catch.hpp"

using namespace qbatch::local;
using Kind = TextQuery::Kind;

namespace {
bool found(Kind kind, const char* text, const std::vector<std::string_view>& values, bool words) {
  TextQuery query(kind, text);
  if (words) query.useWords();
  return query.foundIn(values);
}
bool text(Kind kind, const char* looked, const std::vector<std::string_view>& values) { return found(kind, looked, values, false); }
bool words(Kind kind, const char* looked, const std::vector<std::string_view>& values) { return found(kind, looked, values, true); }
}  // namespace

TEST_CASE("words are letters and digits in small letters") {
  CHECK(wordsOf("Hello, world! 2nd half-breed a_b") == std::vector<std::string>{"hello", "world", "2nd", "half", "breed", "a", "b"});
  CHECK(wordsOf("Привет, МИР! Pâté Ärger") == std::vector<std::string>{"привет", "мир", "pâté", "ärger"});
  CHECK(wordsOf("日本 语\xF0\x9F\x98\x80x") == std::vector<std::string>{"日本", "语", "x"});
  CHECK(wordsOf("").empty());
  CHECK(wordsOf(" .,- \xFF").empty());
}

TEST_CASE("without an index the text itself is looked for") {
  for (const Kind kind : {Kind::all, Kind::phrase}) {
    CHECK(text(kind, "b c", {"a b c"}));
    CHECK_FALSE(text(kind, "c b", {"a b c"}));
    CHECK_FALSE(text(kind, "B", {"a b c"}));
    CHECK(text(kind, "x", {"a", "xy"}));
    CHECK(text(kind, "", {"a"}));
    CHECK_FALSE(text(kind, "", {}));
  }
  CHECK(text(Kind::any, "zz  wor", {"hello world"}));
  CHECK_FALSE(text(Kind::any, "zz yy", {"hello world"}));
  CHECK_FALSE(text(Kind::any, " ", {"hello world"}));
}

TEST_CASE("with an index words are compared") {
  CHECK(words(Kind::all, "WORLD hello", {"Hello, world"}));
  CHECK_FALSE(words(Kind::all, "wor", {"Hello, world"}));
  CHECK(words(Kind::all, "red blue", {"red", "blue"}));
  CHECK(words(Kind::any, "zz world", {"Hello, world"}));
  CHECK_FALSE(words(Kind::any, "good", {"goodness"}));
  for (const Kind kind : {Kind::all, Kind::any, Kind::phrase}) {
    CHECK_FALSE(words(kind, "", {"a"}));
    CHECK_FALSE(words(kind, "a", {}));
  }
}

TEST_CASE("a phrase is words side by side in one value") {
  CHECK(words(Kind::phrase, "quick brown", {"the quick, brown fox"}));
  CHECK_FALSE(words(Kind::phrase, "brown quick", {"the quick brown fox"}));
  CHECK_FALSE(words(Kind::phrase, "quick fox", {"the quick brown fox"}));
  CHECK_FALSE(words(Kind::phrase, "quick brown", {"the quick", "brown fox"}));
  CHECK(words(Kind::phrase, "very very", {"very very very"}));
  CHECK_FALSE(words(Kind::phrase, "very very very very", {"very very very"}));
}

TEST_CASE("words that the index leaves out for their length are neither looked for nor found") {
  CHECK(wordsOf("a bé see überlang", {2, 4}) == std::vector<std::string>{"bé", "see"});
  TextQuery query(TextQuery::Kind::all, "a see");
  query.useWords({2, 4});
  CHECK(query.foundIn({"To SEE it"}));
  TextQuery none(TextQuery::Kind::all, "a");
  none.useWords({2, 4});
  CHECK_FALSE(none.foundIn({"a"}));
}
