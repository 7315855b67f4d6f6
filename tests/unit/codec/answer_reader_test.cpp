#include "codec/answer_reader.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::codec;
using qbatch::test::contains;

namespace {

/// The members `a` of the answer, which must be numbers; others are passed over.
std::vector<std::uint64_t> readNumbers(std::string text) {
  const std::string before = text;
  std::vector<std::uint64_t> numbers;
  Answer answer(text);
  answer.members([&](std::string_view name, JsonValue value) {
    if (name != "a") return false;
    numbers.push_back(unsignedOf(value, "a"));
    return true;
  });
  CHECK(text == before);
  return numbers;
}

std::string nested(std::size_t levels) {
  std::string text = "{\"x\":" + std::string(levels, '[');
  return text + std::string(levels, ']') + ",\"a\":1}";
}

}  // namespace

TEST_CASE("members are read in any order and unknown ones passed over") {
  CHECK(readNumbers("{}").empty());
  CHECK(readNumbers(" {\n\"a\" : 1 } \n") == std::vector<std::uint64_t>{1});
  CHECK(readNumbers(R"({"x":[{"a":2},[],null,true,-1.5e3,"]}\"\u00e9"],"a":1,"y":{"a":{}}})") == std::vector<std::uint64_t>{1});
  CHECK(readNumbers(R"({"\u0061":18446744073709551615,"a":0})") == std::vector<std::uint64_t>{18446744073709551615u, 0});
}

TEST_CASE("what is passed over must be JSON too") {
  for (const char* value :
       {"",     "tru",   "truefalse", "nul",      "nulll",      "01", "1.", "-",  "+1",  ".5",  "\"\\x\"",  "\"\\ud800\"", "[1,]", "[1 2]",
        "[,1]", "{1:2}", "{\"b\"}",   "{\"b\":}", "{\"b\":1,}", "]",  "[}", "{]", "'b'", "NaN", "\"\x01\"", "\"\xFF\"",    "1]",   "1}"}) {
    CAPTURE(value);
    CHECK_THROWS_AS(readNumbers(std::string("{\"x\":") + value + "}"), DecodeError);
    if (*value != 0) CHECK_THROWS_AS(readNumbers(std::string("{\"a\":1,\"x\":[") + value + "]}"), DecodeError);
  }
}

TEST_CASE("only one whole object is an answer") {
  for (const char* text : {"",
                           " ",
                           "null",
                           "1",
                           "\"a\"",
                           "[]",
                           "[{}]",
                           "{",
                           "}",
                           "{}}",
                           "{} {}",
                           "{}x",
                           "{},",
                           "{\"a\":1",
                           "{\"a\":1}}",
                           "<html></html>",
                           "\xEF\xBB\xBF{}",
                           "{\"a\":1}\"",
                           "{\"a\":1}]",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{a:1}",
                           "{\"a\":1 \"b\":2}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(readNumbers(text), DecodeError);
  }
  CHECK_THROWS_AS(readNumbers(std::string("{\"a\":1}\0", 8)), DecodeError);
  CHECK_THROWS_AS(readNumbers(std::string("\0", 1)), DecodeError);
}

TEST_CASE("a member of another kind is named") {
  CHECK_THROWS_WITH(readNumbers(R"({"a":"1"})"), contains("`a` is not an unsigned whole number"));
  CHECK_THROWS_WITH(readNumbers(R"({"a":-1})"), contains("`a` is not an unsigned whole number"));
  CHECK_THROWS_WITH(readNumbers(R"({"a":1.5})"), contains("`a` is not an unsigned whole number"));
  CHECK_THROWS_AS(readNumbers(R"({"a":18446744073709551616})"), DecodeError);
  CHECK_THROWS_AS(readNumbers(R"({"a":null})"), DecodeError);
  CHECK_THROWS_AS(readNumbers(R"({"a":[1]})"), DecodeError);
}

TEST_CASE("deep nesting is refused, not followed") {
  CHECK(readNumbers(nested(maxUnknownLevels - 1)) == std::vector<std::uint64_t>{1});
  CHECK_THROWS_WITH(readNumbers(nested(maxUnknownLevels + 1)), contains("nested too deep"));
  CHECK_THROWS_WITH(readNumbers(nested(2'000'000)), contains("nested too deep"));
}

TEST_CASE("the result must be there") {
  const auto result = [](std::string text) {
    bool value = false;
    Answer(text).result([&](JsonValue found) { value = boolOf(found, "result"); });
    return value;
  };
  CHECK(result(R"({"time":0.1,"result":true,"status":"ok"})"));
  CHECK_THROWS_WITH(result(R"({"status":"ok"})"), contains("`result` is missing"));
  CHECK_THROWS_WITH(result(R"({"result":null})"), contains("`result` is null"));
  CHECK_THROWS_WITH(result(R"({"result":"true"})"), contains("`result` is not true or false"));
}

TEST_CASE("a large answer and then a small one") {
  std::string large = "{\"x\":[";
  for (int i = 0; i < 1'500'000; ++i) large += "1234,";
  large.back() = ']';
  CHECK(readNumbers(large + ",\"a\":7}") == std::vector<std::uint64_t>{7});
  CHECK(readNumbers("{\"a\":8}") == std::vector<std::uint64_t>{8});
}
