#include "codec/json_line.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::codec;
using qbatch::test::contains;

namespace {

constexpr std::string_view names[] = {"a", "b", "c"};

/// Reads the member "a" of `line` by `take`, and passes over the others.
template <class Take>
void readA(const std::string& line, const Take& take) {
  JsonLines json;
  std::string copy = line;
  json.read(
      copy,
      [&](Member& member) {
        if (member.name() == "a") take(member);
        return true;
      },
      "a thing", names);
  CHECK(copy == line);
}

/// What is said of the member "a" with this value, read by `take`; "accepted" where nothing is.
template <class Take>
std::string saidOf(const std::string& value, const Take& take) {
  try {
    readA("{\"a\":" + value + "}", take);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<float> vectorOf(const std::string& text) {
  std::vector<float> floats;
  readA("{\"a\":" + text + "}", [&](Member& member) { floats = member.vector(); });
  return floats;
}

const auto text = [](Member& member) { (void)member.text(); };
const auto vector = [](Member& member) { (void)member.vector(); };
const auto id = [](Member& member) { (void)member.id(); };
const auto object = [](Member& member) { (void)member.object(); };
const auto whole = [](Member& member) { (void)member.wholeNumberOrBool(); };

}  // namespace

TEST_CASE("members of a line are read as what is wanted") {
  JsonLines json;
  // The parser and the line are used again, whatever came before.
  for (int round = 0; round < 2; ++round) {
    std::string line = R"( {"a": "x\u0041\n", "b": [1, -2.5e0 ,3 ], "\u0063": {"k": [1, 2]} } )";
    std::vector<std::string> seen;
    json.read(
        line,
        [&](Member& member) {
          seen.emplace_back(member.name());
          if (member.name() == "a") CHECK(member.text() == "xA\n");
          if (member.name() == "b") CHECK(member.vector() == std::vector<float>{1, -2.5f, 3});
          if (member.name() == "c") CHECK(member.object().getJson("k") == "[1,2]");
          return true;
        },
        "a thing", names);
    CHECK(seen == std::vector<std::string>{"a", "b", "c"});
    std::string wrong = R"({"a":)";
    CHECK_THROWS_AS(json.read(
                        wrong, [](Member&) { return true; }, "a thing", names),
                    LineError);
  }
}

TEST_CASE("ids, numbers and counts are read in each of their forms") {
  readA(R"({"a":18446744073709551615})", [](Member& member) { CHECK(member.id() == PointId(18446744073709551615u)); });
  readA(R"({"a":"7"})", [](Member& member) { CHECK(member.id() == PointId(7)); });
  readA(R"({"a":"00000000-0000-0000-0000-00000000000f"})", [](Member& member) { CHECK_FALSE(member.id().isNumber()); });
  readA(R"({"a":-0.25})", [](Member& member) { CHECK(member.number() == -0.25); });
  readA(R"({"a":true})", [](Member& member) { CHECK(member.wholeNumberOrBool() == 1); });
  readA(R"({"a":false})", [](Member& member) { CHECK(member.wholeNumberOrBool() == 0); });
  readA(R"({"a":-9223372036854775808})",
        [](Member& member) { CHECK(member.wholeNumberOrBool() == std::numeric_limits<std::int64_t>::min()); });
  readA(R"({"a":null})", [](Member& member) { CHECK(member.isNull()); });
  readA(R"({"a":0})", [](Member& member) { CHECK_FALSE(member.isNull()); });
}

TEST_CASE("an inner object hands out its members") {
  const auto inner = [](Member& member) {
    member.members([](Member& one) { return one.name() == "b" && one.text() == "x"; }, "an inner thing", names);
  };
  CHECK(saidOf(R"({"b":"x"},"c":[{}])", inner) == "accepted");
  CHECK(saidOf(R"({"d":1})", inner) == "unknown member \"d\"; an inner thing has a, b and c");
  CHECK(saidOf(R"({"b":"x","b":"x"})", inner) == "\"b\" stands twice");
  CHECK(saidOf("[1]", inner) == "\"a\" must be an object, and is an array");
}

TEST_CASE("floats are rounded to float32 once, from the double") {
  constexpr float largest = std::numeric_limits<float>::max();
  CHECK(vectorOf("[3.4028234663852886e38,-3.4028235e38,3.40282356e38]") == std::vector<float>{largest, -largest, largest});
  CHECK(vectorOf("[0.1,1,-1e-3, 16777217,1e-46]") == std::vector<float>{0.1f, 1, -1e-3f, 16777216, 0});
  CHECK(std::signbit(vectorOf("[-0.0]")[0]));
  CHECK(vectorOf("[1e-400]")[0] == 0);
  // Just above 1 + 2^-24; read as a float at once it would be the next one up, and the double is the tie, which goes to the even one.
  CHECK(vectorOf("[1.00000005960464477539062500000001]")[0] == 1);
}

TEST_CASE("an element of a vector that is no float is named with its place") {
  CHECK(saidOf("[1,null]", vector) == "\"a[1]\" must be a number, and is null");
  CHECK(saidOf("[\"1\"]", vector) == "\"a[0]\" must be a number, and is a string");
  CHECK(saidOf("[[1]]", vector) == "\"a[0]\" must be a number, and is an array");
  CHECK(saidOf("[{}]", vector) == "\"a[0]\" must be a number, and is an object");
  CHECK(saidOf("[1,2,true]", vector) == "\"a[2]\" must be a number, and is true or false");
  CHECK(saidOf("[1, 1e39 ]", vector) == "\"a[1]\" is 1e39, outside float32 (at most 3.4028235e38)");
  CHECK(saidOf("[-3.4028236e38]", vector) == "\"a[0]\" is -3.4028236e38, outside float32 (at most 3.4028235e38)");
  CHECK(saidOf("[ 1e400\t]", vector) == "\"a[0]\" is 1e400, which is not a number or outside float32");
  CHECK(saidOf("[01]", vector) == "\"a[0]\" is 01, which is not a number or outside float32");
  CHECK(saidOf("[1.]", vector) == "\"a[0]\" is 1., which is not a number or outside float32");
  CHECK(saidOf("[-]", vector) == "\"a[0]\" is -, which is not a number or outside float32");
  CHECK(saidOf("[]", vector) == "\"a\" is empty; leave it out, and the text is embedded");
  CHECK(saidOf("\"x\"", vector) == "\"a\" must be an array of numbers, and is a string");
  CHECK_THAT(saidOf("[1,NaN]", vector), contains("at byte 8"));
  CHECK_THAT(saidOf("[1 2]", vector), contains("at byte 8"));
  CHECK_THAT(saidOf("[1,]", vector), contains("at byte 8"));
}

TEST_CASE("a member of another kind is named with what it is") {
  CHECK(saidOf("3", text) == "\"a\" must be a string, and is a number");
  CHECK(saidOf("-1", id) == "\"a\" must be a whole number from 0 to 18446744073709551615 or a UUID, and is -1");
  CHECK(saidOf("[1]", id) == "\"a\" must be a whole number or a string with a UUID, and is an array");
  CHECK_THAT(saidOf("\"nope\"", id), contains("\"a\": ") && contains("nope"));
  CHECK(saidOf("[1]", object) == "\"a\" must be an object, and is an array");
  CHECK_THAT(saidOf(R"({"k":01})", object), contains("\"a\" (bytes counted from its brace): ") && contains("at byte 5"));
  CHECK(saidOf("1.5", whole) == "\"a\" must be true, false or a whole number of 64 bits");
  CHECK(saidOf("\"1\"", whole) == "\"a\" must be true, false or a whole number, and is a string");
  CHECK(saidOf("null", [](Member& member) { (void)member.number(); }) == "\"a\" must be a number, and is null");
}

TEST_CASE("a line that is no object, or has a member twice or one that nobody knows, is refused") {
  const auto said = [](std::string line) -> std::string {
    JsonLines json;
    try {
      json.read(
          line, [](Member& member) { return member.name() == "a" && !member.text().empty(); }, "a thing", names);
    } catch (const LineError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(said(R"({"a":"x"})") == "accepted");
  CHECK(said("{}") == "accepted");
  CHECK(said("[1]") == "must be a JSON object with a, b and c");
  CHECK(said(R"("a")") == "must be a JSON object with a, b and c");
  CHECK(said(R"({"z":1})") == "unknown member \"z\"; a thing has a, b and c");
  CHECK(said(R"({"a":"x","\u0061":"y"})") == "\"a\" stands twice");
  CHECK_THAT(said(R"({"a":"x"} {})"), contains("at byte 10"));
  CHECK_THAT(said(R"({"a":"x"}})"), contains("at byte 9"));
  CHECK_THAT(said("{\"a\":\"\xFF\"}"), contains("at byte 6"));
  CHECK_THAT(said(""), contains("JSON"));
}

TEST_CASE("a copy of a line has the room that reading wants") {
  const std::string_view line = R"({"a":"x"})";
  std::string copy = JsonLines::copyOf(line);
  const char* before = copy.data();
  JsonLines json;
  json.read(
      copy, [](Member& member) { return member.text() == "x"; }, "a thing", names);
  CHECK(copy == line);
  CHECK(copy.data() == before);
}
