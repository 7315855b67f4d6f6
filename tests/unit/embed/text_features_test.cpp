#include "embed/text_features.hpp"

#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch::embed;

namespace {

constexpr std::size_t dimension = 4096;

std::vector<float> vectorOf(std::string_view text) {
  FeatureVector features(dimension);
  addTextFeatures(text, features);
  std::vector<float> row(dimension);
  REQUIRE(features.write(row));
  return row;
}

float likeness(std::string_view a, std::string_view b) {
  const auto left = vectorOf(a), right = vectorOf(b);
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0F);
}

/// `count` words that occur nowhere else: fillera, fillerb, ..., fillerba, ...
std::string filler(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += " ";
    for (std::size_t rest = i + 26; rest > 0; rest /= 26) text.push_back(static_cast<char>('a' + rest % 26));
  }
  return text;
}

/// One word of `count` letters; another word for each seed.
std::string letters(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < count) text.push_back(static_cast<char>('a' + random() % 26));
  return text;
}

}  // namespace

TEST_CASE("texts that share words are alike, others are not", "[embed]") {
  CHECK(likeness("open a database connection", "close the database connection") > 0.4F);
  CHECK(likeness("open a database connection", "sort numbers quickly") < 0.15F);
}

TEST_CASE("words find identifiers, in every spelling", "[embed]") {
  for (const auto* code : {"class HTTPServer", "class http_server", "class HttpServer", "class httpServer"}) {
    CAPTURE(code);
    CHECK(likeness("http server", code) > 0.4F);
    CHECK(likeness("httpserver", code) > 0.3F);
  }
  CHECK(likeness("http server", "class FTPClient") < 0.15F);
}

TEST_CASE("words with another ending are alike", "[embed]") {
  CHECK(likeness("authenticate", "authentication") > 0.4F);
  CHECK(likeness("configure", "configuration") > 0.4F);
  CHECK(likeness("testing", "being") < 0.25F);
}

TEST_CASE("the order of words says something", "[embed]") {
  CHECK(likeness("value list", "value list") > likeness("value list", "list value") + 0.01F);
}

TEST_CASE("repetition says nothing", "[embed]") { CHECK(vectorOf("retry retry retry") == vectorOf("retry retry")); }

TEST_CASE("what comes first counts more", "[embed]") {
  const auto rest = filler(100);
  const auto early = likeness("banana", "banana" + rest), late = likeness("banana", rest + " banana");
  CHECK(late > 0.02F);
  CHECK(early > 2 * late);
}

TEST_CASE("common words count less than others", "[embed]") {
  CHECK(likeness("the parser", "the") < likeness("the parser", "parser"));
  CHECK(likeness("return which they will use", "return which they will move") > 0.5F);
}

TEST_CASE("signs count little beside words, and stand for themselves alone", "[embed]") {
  CHECK(likeness("value", "(value);") > 0.9F);
  CHECK(likeness("<=>", "<=>") == Approx(1.0F));
  CHECK(likeness("<=>", "+=") < 0.5F);
}

TEST_CASE("what comes after the first 16,384 tokens adds nothing", "[embed]") {
  const auto most = filler(mostTokens - 1);
  CHECK(vectorOf(most + " tail end") == vectorOf(most + " tail"));
  CHECK(vectorOf(most + " tail") != vectorOf(most));
}

TEST_CASE("only the first 64 characters of a word have n-grams", "[embed]") {
  const auto word = letters(64, 1);
  // Two long words with another end share all their n-grams, and differ as words; with another begin they share none.
  CHECK(likeness(word + letters(500, 2), word + letters(500, 3)) > 0.7F);
  CHECK(likeness(letters(500, 2) + word, letters(500, 3) + word) < 0.3F);
}

TEST_CASE("a blank text has no features", "[embed]") {
  FeatureVector features(dimension);
  addTextFeatures(" \t\n\xC2\xA0", features);
  std::vector<float> row(dimension);
  CHECK_FALSE(features.write(row));
}
