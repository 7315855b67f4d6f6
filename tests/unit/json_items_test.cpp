#include "qbatch/json_items.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;

TEST_CASE("items are read from any view of a text, also one that ends where its memory does") {
  for (const std::string padding : {"", "}", "]]]]"}) {
    const std::string text = R"({"description":"d","vector":[1,2]})";
    const std::vector<char> exact(text.begin(), text.end());
    const std::string longer = text + padding;
    CHECK(parsePattern(std::string_view(exact.data(), exact.size())).vector == std::vector<float>{1, 2});
    CHECK(parsePattern(std::string_view(longer).substr(0, text.size())).description == "d");
  }
  CHECK(parseMetricUpdate(R"({"id":7,"increment_usage":3})").incrementUsage == 3);
  CHECK(parseQuery(R"({"text":"x"})").text == "x");
}

TEST_CASE("what is no item is an invalid_argument with a sentence") {
  CHECK_THROWS_AS(parsePattern("{"), std::invalid_argument);
  CHECK_THROWS_AS(parsePattern(""), std::invalid_argument);
  CHECK_THROWS_AS(parsePattern(std::string_view()), std::invalid_argument);
  CHECK_THROWS_AS(parseMetricUpdate("{}"), std::invalid_argument);
  CHECK_THROWS_WITH(parseQuery(R"({"vector":[1e39]})"), test::contains("\"vector[0]\" is 1e39, outside float32"));
}
