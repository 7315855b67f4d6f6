#include "codec/json_check.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "codec/json_object.hpp"
#include "qbatch/error.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using codec::checkJson;

namespace {

struct Refusal {
  std::string message{};
  std::size_t offset{};
};

std::optional<Refusal> refusal(std::string_view text) {
  try {
    (void)checkJson(text);
  } catch (const ParseError& error) {
    return Refusal{error.what(), error.offset()};
  }
  return std::nullopt;
}

std::string nested(std::size_t levels, bool objects) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += objects ? "{\"a\":" : "[";
  text += "1";
  for (std::size_t i = 0; i < levels; ++i) text += objects ? "}" : "]";
  return text;
}

struct BadText {
  std::string text;
  std::size_t offset;
  const char* says;
};

}  // namespace

TEST_CASE("valid JSON comes back without white space between tokens") {
  CHECK(checkJson(" { \"a b\" : [ 1 , -2.5E+3 , true ,false, null ] ,\r\n\t\"c\":{ } } ") ==
        R"({"a b":[1,-2.5E+3,true,false,null],"c":{}})");
  CHECK(checkJson("\" a\\n\\u00e9 \"") == "\" a\\n\\u00e9 \"");
  CHECK(checkJson("[[],{},\"\"]") == "[[],{},\"\"]");
  for (const char* text : {"0", "-0", "0.5", "1e5", "1E-5", "18446744073709551615", "-9223372036854775808", "1e308", "1e-400", "true",
                           "\"\\ud83c\\udf0d\"", "\"\x7f\"", "\"ü🌍\""}) {
    CAPTURE(text);
    CHECK(checkJson(text) == text);
  }
}

TEST_CASE("the last of the members of one name is kept, at any depth") {
  CHECK(checkJson(R"({"a":1,"b":2,"a":3})") == R"({"b":2,"a":3})");
  CHECK(checkJson(R"({"a":1,"a":2,"a":{"x":1,"x":2}})") == R"({"a":{"x":2}})");
  CHECK(checkJson(R"([{"k":[1],"\u006b":[2,{"y":0,"y":1}]},7])") == R"([{"\u006b":[2,{"y":1}]},7])");
  CHECK(checkJson(R"({"":1,"":2})") == R"({"":2})");
  CHECK(checkJson(R"({"a":{"b":1},"b":{"a":1}})") == R"({"a":{"b":1},"b":{"a":1}})");
}

TEST_CASE("what is not JSON is refused at its byte") {
  const std::vector<BadText> cases = {
      {"", 0, "empty"},
      {" \n", 2, "empty"},
      {"{\"a\":1} x", 8, "text follows"},
      {"1 2", 2, "text follows"},
      {"{", 1, "the text ends"},
      {"{\"a\"", 4, "colon"},
      {"{\"a\":", 5, "expected a value, but the text ends"},
      {"{\"a\" 1}", 5, "colon"},
      {"{\"a\":1,}", 7, "name in double quotes, found '}'"},
      {"{a:1}", 1, "name in double quotes"},
      {"{\"a\":1 \"b\":2}", 7, "comma or '}'"},
      {"{1:2}", 1, "name in double quotes"},
      {"[1,]", 3, "expected a value, found ']'"},
      {"[1 2]", 3, "comma or ']'"},
      {"[,1]", 1, "expected a value"},
      {"[1}", 2, "comma or ']'"},
      {"[\"abc]", 1, "not closed"},
      {"\"a\\", 2, "unknown escape"},
      {"\"a\\x\"", 2, "unknown escape"},
      {"\"a\\u12g4\"", 2, "four hexadecimal digits"},
      {"\"a\\u-123\"", 2, "four hexadecimal digits"},
      {"\"a\\u12", 2, "four hexadecimal digits"},
      {"\"a\nb\"", 2, "write \\u000a"},
      {std::string("\"a\0b\"", 5), 2, "0x00"},
      {std::string("\0", 1), 0, "byte 0x00"},
      {"\"\\ud800\"", 1, "surrogate"},
      {"\"\\ud800x\"", 1, "surrogate"},
      {"\"\\ud800\\n\"", 1, "surrogate"},
      {"\"\\ud800\\u0041\"", 1, "surrogate"},
      {"\"\\ud800\\ud800\"", 1, "surrogate"},
      {"\"\\udc00\"", 1, "surrogate"},
      {"\"ab\xFF\"", 3, "UTF-8"},
      {"\xEF\xBB\xBF{}", 0, "byte order mark"},
      {"NaN", 0, "NaN is not a JSON number"},
      {"[nan]", 1, "nan is not a JSON number"},
      {"[1,Infinity]", 3, "Infinity is not a JSON number"},
      {"-Infinity", 1, "Infinity is not a JSON number"},
      {"-true", 1, "digit"},
      {"-", 1, "digit"},
      {"+1", 0, "expected a value"},
      {".5", 0, "expected a value"},
      {"01", 0, "zero"},
      {"-012", 0, "zero"},
      {"1.", 2, "decimal point"},
      {"1.e5", 2, "decimal point"},
      {"1e", 2, "exponent"},
      {"1e+", 3, "exponent"},
      {"0x10", 1, "text follows"},
      {"[1e400]", 1, "beyond the range of a double"},
      {"[-1e400]", 1, "beyond the range of a double"},
      {"18446744073709551616", 0, "does not fit 64 bits"},
      {"-9223372036854775809", 0, "does not fit 64 bits"},
      {"True", 0, "'True' is not a JSON value"},
      {"nul", 0, "'nul' is not a JSON value"},
      {"nulll", 0, "'nulll' is not a JSON value"},
      {"'a'", 0, "expected a value"},
      {"// c\n1", 0, "expected a value"},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.text, bad.says);
    const auto found = refusal(bad.text);
    REQUIRE(found);
    CAPTURE(found->message);
    CHECK(found->offset == bad.offset);
    CHECK(found->message.find(bad.says) != std::string::npos);
  }
}

TEST_CASE("127 levels are accepted and 128 refused") {
  for (const bool objects : {false, true}) {
    CHECK(checkJson(nested(127, objects)) == nested(127, objects));
    const auto deep = refusal(nested(128, objects));
    REQUIRE(deep);
    CHECK(deep->offset == 127u * (objects ? 5u : 1u));
    CHECK(deep->message.find("127 levels") != std::string::npos);
  }
  CHECK(refusal(std::string(5'000'000, '['))->offset == 127);
  CHECK(checkJson("[1]", 1) == "[1]");
  CHECK_THROWS_AS(checkJson("[[1]]", 1), ParseError);
  CHECK(checkJson("1", 0) == "1");
}

TEST_CASE("a wide object with many repeated names is no burden") {
  std::string text = "{";
  for (int i = 0; i < 50'000; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i % 1000) + "\":" + std::to_string(i);
  const auto object = codec::JsonObject::parse(text + "}");
  CHECK(object.members().size() == 1000);
  CHECK(*object.find("k0") == "49000");
  CHECK(*object.find("k999") == "49999");
}

namespace {

using Random = std::mt19937_64;

void appendRandomValue(std::string& out, Random& random, int depth) {
  static const std::vector<std::string> scalars = {"0",
                                                   "-0",
                                                   "1",
                                                   "-17",
                                                   "3.25",
                                                   "1e10",
                                                   "-2.5E-3",
                                                   "18446744073709551615",
                                                   "true",
                                                   "false",
                                                   "null",
                                                   "\"\"",
                                                   "\"a\"",
                                                   "\"ü🌍\"",
                                                   R"("\n\"\\\/\u00e9\ud83c\udf0d")",
                                                   "1e308",
                                                   "123456789012345678901234567890e-20"};
  static const std::vector<std::string> spaces = {"", "", "", " ", "\n\t"};
  const auto space = [&] { out += spaces[random() % spaces.size()]; };
  space();
  const auto kind = depth > 6 ? 2 : random() % 4;
  if (kind >= 2) {
    out += scalars[random() % scalars.size()];
  } else {
    out += kind == 0 ? '{' : '[';
    for (std::uint64_t i = 0, count = random() % 5; i < count; ++i) {
      if (i > 0) out += ',';
      space();
      if (kind == 0) out += "\"k" + std::to_string(random() % 4) + "\"", space(), out += ':';
      appendRandomValue(out, random, depth + 1);
    }
    out += kind == 0 ? '}' : ']';
  }
  space();
}

void spoil(std::string& text, Random& random) {
  static const std::vector<std::string> pieces = {",",
                                                  ":",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  "\"",
                                                  "\\",
                                                  "\\u",
                                                  "d800",
                                                  "\\udc00",
                                                  "0",
                                                  "-",
                                                  "e",
                                                  ".",
                                                  "1e999",
                                                  " ",
                                                  "x",
                                                  "true",
                                                  "\xFF",
                                                  "\xC3",
                                                  std::string(1, '\0'),
                                                  "\n",
                                                  "\x01",
                                                  "9999999999999999999999"};
  for (std::uint64_t i = 0, count = 1 + random() % 3; i < count; ++i) {
    const std::size_t at = random() % (text.size() + 1);
    const std::string& piece = pieces[random() % pieces.size()];
    switch (random() % 3) {
      case 0:
        text.insert(at, piece);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      default:
        text.replace(at, 1, piece);
    }
  }
}

using Element = simdjson::dom::element;

bool same(Element text, Element compact);

/// True where `compact` has each name of `text` once, with the value that stands last.
bool sameObject(simdjson::dom::object text, simdjson::dom::object compact) {
  std::map<std::string, Element> last;
  for (const auto member : text) last.insert_or_assign(std::string(member.key), member.value);
  if (last.size() != compact.size()) return false;
  for (const auto member : compact) {
    const auto found = last.find(std::string(member.key));
    if (found == last.end() || !same(found->second, member.value)) return false;
  }
  return true;
}

bool same(Element text, Element compact) {
  if (text.type() != compact.type()) return false;
  if (text.is_object()) return sameObject(text.get_object().value_unsafe(), compact.get_object().value_unsafe());
  if (!text.is_array()) return simdjson::minify(text) == simdjson::minify(compact);
  const simdjson::dom::array left = text.get_array().value_unsafe(), right = compact.get_array().value_unsafe();
  if (left.size() != right.size()) return false;
  return std::equal(left.begin(), left.end(), right.begin(), same);
}

}  // namespace

TEST_CASE("accepts and refuses the same texts as simdjson") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  Random random(seed);
  simdjson::dom::parser parser, otherParser;
  std::size_t accepted = 0, refused = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string text;
    appendRandomValue(text, random, 0);
    if (round % 4 != 0) spoil(text, random);
    simdjson::dom::element element;
    const bool valid = parser.parse(text).get(element) == simdjson::SUCCESS;
    const auto found = refusal(text);
    CAPTURE(round, text, valid, found ? found->message : "");
    REQUIRE(valid == !found);
    if (found) {
      REQUIRE(found->offset <= text.size());
      ++refused;
      continue;
    }
    ++accepted;
    const std::string compact = checkJson(text);
    REQUIRE(checkJson(compact) == compact);
    simdjson::dom::element again;
    REQUIRE(otherParser.parse(compact).get(again) == simdjson::SUCCESS);
    REQUIRE(same(element, again));
  }
  // Both kinds must have been met often, or the comparison has shown nothing.
  CHECK(accepted > 7000);
  CHECK(refused > 7000);
}

TEST_CASE("members are told with their places in the compact text, of one name only the last") {
  const std::string text = R"( {"a":1, "b\n" : "x" ,"a": [2, {"c":3}] } )";
  const auto checked = codec::checkJsonMembers(text);
  CHECK(checked.text() == R"({"b\n":"x","a":[2,{"c":3}]})");
  REQUIRE(checked.members.size() == 2);
  CHECK(checked.members[0].name == "b\n");
  CHECK(checked.valueOf(checked.members[0]) == "\"x\"");
  CHECK(checked.members[1].name == "a");
  CHECK(checked.valueOf(checked.members[1]) == R"([2,{"c":3}])");
  const std::string compact = R"({"one":true,"two":""})";
  CHECK(codec::checkJsonMembers(compact).text().data() == compact.data());  // nothing to copy
  CHECK(codec::checkJsonMembers("[{\"a\":1}]").members.empty());
}

TEST_CASE("in long strings each byte is looked at") {
  for (std::size_t size = 1000; size < 1060; ++size) {
    for (const std::string bad : {"\n", "\\x", "\\u12g4", "\\\n", "\\ud800!"}) {
      for (const std::string before : {"", "\\\\", "\\\"", "\\u0041"}) {
        const std::string begin = "[\"" + std::string(size, 'x') + before;
        CAPTURE(size, bad, before);
        CHECK(checkJson(begin + "\", 1]") == begin + "\",1]");
        const auto found = refusal(begin + bad + "\",1]");
        REQUIRE(found);
        CHECK(found->offset == begin.size());
        CHECK(refusal(begin + "\\")->offset == begin.size());
        CHECK(refusal(begin)->offset == 1);
      }
    }
  }
}
