#include "local/payload_path.hpp"

#include "local/payload_reader.hpp"
#include "support/catch.hpp"

using namespace qbatch::local;

namespace {
std::vector<std::string> at(std::string_view path, std::string_view payload) {
  const auto parsed = PayloadPath::parse(path);
  REQUIRE(parsed);
  PayloadReader reader;
  const auto object = reader.read(payload);
  REQUIRE(object);
  std::vector<simdjson::dom::element> values;
  parsed->collect(*object, values);
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(simdjson::minify(value));
  return texts;
}
using Texts = std::vector<std::string>;
}  // namespace

TEST_CASE("paths lead through objects and arrays") {
  constexpr std::string_view payload = R"({"a":{"b":1},"list":[{"k":1},{"k":2},{"other":3},4],"deep":[[1,2],[3]],"x y":{"a.b":5}})";
  CHECK(at("a", payload) == Texts{R"({"b":1})"});
  CHECK(at("a.b", payload) == Texts{"1"});
  CHECK(at("list[].k", payload) == Texts{"1", "2"});
  CHECK(at("list[1].k", payload) == Texts{"2"});
  CHECK(at("list[9].k", payload).empty());
  CHECK(at("list.k", payload).empty());
  CHECK(at("a[].b", payload).empty());
  CHECK(at("deep[][]", payload) == Texts{"1", "2", "3"});
  CHECK(at("deep[0][1]", payload) == Texts{"2"});
  CHECK(at(R"("x y"."a.b")", payload) == Texts{"5"});
  CHECK(at("none.such", payload).empty());
}

TEST_CASE("where a key stands twice, the last one counts") { CHECK(at("a", R"({"a":1,"a":2})") == Texts{"2"}); }

TEST_CASE("other texts are no paths") {
  for (const auto* text :
       {"", ".", "a.", ".a", "a..b", "a b", "a[", "a[x]", "a[-1]", "a[1", "a]b", "\"a", "a[99999999999999999999]", "[0]", "a\"b\""}) {
    CAPTURE(text);
    CHECK_FALSE(PayloadPath::parse(text));
  }
  CHECK(PayloadPath::parse("_-9"));
  CHECK(PayloadPath::parse("größe.naïve"));
}

TEST_CASE("a path can be written down again") {
  for (const auto* text : {"a", "a.b[].c[3]", "\"a b\".c", "a.\"x.y\"[]", "\"\"", "größe"}) CHECK(PayloadPath::parse(text)->text() == text);
  CHECK(PayloadPath::parse("\"a\".\"b\"")->text() == "a.b");
  CHECK(*PayloadPath::parse("\"a\"") == *PayloadPath::parse("a"));
  CHECK(PayloadPath::parse("a.b")->elements().text() == "a.b[]");
  CHECK(PayloadPath::parse("a.b[]")->elements().text() == "a.b[]");
  CHECK(PayloadPath::parse("a[0]")->elements().text() == "a[0][]");
}

TEST_CASE("a path has an end") {
  std::string text = "a";
  for (std::size_t i = 1; i < PayloadPath::mostSteps; ++i) text += "[]";
  CHECK(PayloadPath::parse(text));
  CHECK_FALSE(PayloadPath::parse(text + ".b"));
}
