#include "local/json_tree.hpp"

#include <array>
#include <cmath>
#include <cstring>

#include "qbatch/error.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

PayloadPath path(std::string_view text) { return PayloadPath::parse(text).value(); }

std::vector<PayloadPath> paths(std::initializer_list<std::string_view> texts) {
  std::vector<PayloadPath> result;
  for (const auto text : texts) result.push_back(path(text));
  return result;
}

std::string merged(std::string_view root, std::string_view at, std::string_view members) {
  JsonTree tree = JsonTree::parse(root);
  mergeAt(tree, at.empty() ? std::nullopt : PayloadPath::parse(at), *JsonTree::parse(members).asObject());
  return tree.text();
}

std::string removed(std::string_view root, std::string_view at) {
  JsonTree tree = JsonTree::parse(root);
  removeAt(tree, path(at));
  return tree.text();
}

std::string only(std::string_view root, std::initializer_list<std::string_view> texts) {
  return onlyPaths(JsonTree::parse(root), paths(texts)).text();
}

std::string without(std::string_view root, std::initializer_list<std::string_view> texts) {
  return withoutPaths(JsonTree::parse(root), paths(texts)).text();
}

/// Any value; names come from a short list, so that paths meet them.
class Trees {
 public:
  explicit Trees(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_.below(bound)); }
  JsonTree any(int depth) {
    switch (below(depth == 0 ? 6 : 8)) {
      case 0:
        return {};
      case 1:
        return {below(2) == 0};
      case 2:
        return {static_cast<std::int64_t>(bits()) >> below(64)};
      case 3:
        return {bits() | 0x8000000000000000U};
      case 4:
        return {number()};
      case 5:
        return {text()};
      case 6:
        return {array(depth - 1)};
      default:
        return {object(depth - 1)};
    }
  }
  JsonTree::Object object(int depth) {
    JsonTree::Object members;
    for (const char* name : {"a", "b", "c d", "\"", "\xC3\xA4"}) {
      if (below(2) == 0) members.emplace_back(name, any(depth));
    }
    return members;
  }

 private:
  std::uint64_t bits() { return random_.below(1ULL << 32) << 32 | random_.below(1ULL << 32); }
  JsonTree::Array array(int depth) {
    JsonTree::Array items;
    for (std::size_t i = below(4); i > 0; --i) items.push_back(any(depth));
    return items;
  }
  double number() {
    for (;;) {
      const std::uint64_t pattern = bits();
      double value = 0;
      static_assert(sizeof value == sizeof pattern);
      std::memcpy(&value, &pattern, sizeof value);
      if (std::isfinite(value)) return value;
    }
  }
  std::string text() {
    std::string result;
    for (std::size_t i = below(5); i > 0; --i) result += std::string_view("a\"\\\n\x01\x7F/b").substr(below(8), 1);
    return result;
  }

  test::Random random_;
};

}  // namespace

TEST_CASE("a tree prints what it was read from") {
  for (const auto* text : {"null", "true", "-9223372036854775808", "9223372036854775807", "18446744073709551615", "0.1", "1.0", "-0.0",
                           "5e-324", "1.7976931348623157e+308", R"("a\"\\\n\u0001ä")", "[]", "{}", R"({"b":[1,{"a":null}],"a":2})"}) {
    CAPTURE(text);
    CHECK(JsonTree::parse(text).text() == text);
  }
  CHECK_THROWS_AS(JsonTree::parse("{"), ParseError);
  CHECK_THROWS_AS(JsonTree::parse(std::string(3000, '[')), ParseError);
  CHECK(JsonTree::parse(std::string(1000, '[') + std::string(1000, ']')).text().size() == 2000);
}

TEST_CASE("of equal names the last value counts, in the first place") {
  CHECK(JsonTree::parse(R"({"a":1,"b":2,"a":3,"c":{"x":1,"x":2},"a":4})").text() == R"({"a":4,"b":2,"c":{"x":2}})");
}

TEST_CASE("trees round-trip, and wide ones are read at once") {
  const auto seed = test::seed();
  INFO("seed " << seed);
  Trees trees(seed);
  for (std::size_t round = 0; round < test::campaignSize(300); ++round) {
    const JsonTree tree = trees.any(4);
    const JsonTree again = JsonTree::parse(tree.text());
    CHECK(again == tree);
    CHECK(again.text() == tree.text());
  }
  std::string wide = "{";
  for (int i = 0; i < 100'000; ++i) wide += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":" + std::to_string(i);
  wide += "}";
  JsonTree tree = JsonTree::parse(wide);
  CHECK(tree.text() == wide);
  mergeAt(tree, std::nullopt, JsonTree::Object(*tree.asObject()));
  CHECK(tree.text() == wide);
}

TEST_CASE("setting members merges at the top") {
  CHECK(merged(R"({"a":1,"b":{"c":1}})", "", R"({"b":{"d":2},"e":3})") == R"({"a":1,"b":{"d":2},"e":3})");
  CHECK(merged(R"({"a":1,"b":2})", "", R"({"a":null,"x":null,"b":[null]})") == R"({"b":[null]})");
  CHECK(merged("{}", "", "{}") == "{}");
}

TEST_CASE("setting members below a key") {
  CHECK(merged(R"({"a":{"b":{"x":1}}})", "a.b", R"({"y":2})") == R"({"a":{"b":{"x":1,"y":2}}})");
  CHECK(merged(R"({"a":{"x":1,"y":2}})", "a", R"({"x":null})") == R"({"a":{"y":2}})");
  CHECK(merged("{}", "a.b", R"({"y":2,"z":null})") == R"({"a":{"b":{"y":2}}})");
  CHECK(merged("{}", "a", R"({"z":null})") == R"({"a":{}})");
  CHECK(merged(R"({"a":7})", "a", R"({"y":2})") == R"({"a":{"y":2}})");
  CHECK(merged(R"({"a":[1]})", "a.b", R"({"y":2})") == R"({"a":{"b":{"y":2}}})");
}

TEST_CASE("setting members in elements of arrays") {
  CHECK(merged(R"({"a":[{"b":1},7]})", "a[]", R"({"y":2})") == R"({"a":[{"b":1,"y":2},{"y":2}]})");
  CHECK(merged(R"({"a":[{"b":{"c":1}},{}]})", "a[].b", R"({"y":2})") == R"({"a":[{"b":{"c":1,"y":2}},{"b":{"y":2}}]})");
  CHECK(merged(R"({"a":[{},{}]})", "a[1]", R"({"y":2})") == R"({"a":[{},{"y":2}]})");
  CHECK(merged(R"({"a":[{}]})", "a[1]", R"({"y":2})") == R"({"a":[{}]})");
  CHECK(merged(R"({"a":{"b":1}})", "a[0]", R"({"y":2})") == R"({"a":[]})");
  CHECK(merged(R"({"a":5})", "a[]", R"({"y":2})") == R"({"a":[]})");
  CHECK(merged("{}", "a[].b", R"({"y":2})") == R"({"a":[]})");
}

TEST_CASE("removing") {
  constexpr std::string_view root = R"({"a":{"b":1,"c":2},"l":[{"b":1,"c":[1,2]},{"b":2},3]})";
  CHECK(removed(root, "a") == R"({"l":[{"b":1,"c":[1,2]},{"b":2},3]})");
  CHECK(removed(root, "a.b") == R"({"a":{"c":2},"l":[{"b":1,"c":[1,2]},{"b":2},3]})");
  CHECK(removed(root, "l[].b") == R"({"a":{"b":1,"c":2},"l":[{"c":[1,2]},{},3]})");
  CHECK(removed(root, "l[0].b") == R"({"a":{"b":1,"c":2},"l":[{"c":[1,2]},{"b":2},3]})");
  CHECK(removed(root, "l[]") == R"({"a":{"b":1,"c":2},"l":[]})");
  CHECK(removed(root, "l[].c[]") == R"({"a":{"b":1,"c":2},"l":[{"b":1,"c":[]},{"b":2},3]})");
  for (const auto* nothing : {"x", "a.x", "a.b.c", "l.b", "a[].b", "l[0]", "l[9].b"}) CHECK(removed(root, nothing) == root);
}

TEST_CASE("include keeps paths and what leads to them") {
  constexpr std::string_view root = R"({"a":{"b":1,"c":2},"l":[{"b":1,"c":2},3],"s":5})";
  CHECK(only(root, {}) == "{}");
  CHECK(only(root, {"a"}) == R"({"a":{"b":1,"c":2}})");
  CHECK(only(root, {"a.b", "s"}) == R"({"a":{"b":1},"s":5})");
  CHECK(only(root, {"a.b", "a"}) == R"({"a":{"b":1,"c":2}})");
  CHECK(only(root, {"l[].b"}) == R"({"l":[{"b":1},3]})");
  CHECK(only(root, {"l"}) == R"({"l":[{"b":1,"c":2},3]})");
  CHECK(only(root, {"l.b"}) == R"({"l":[]})");
  CHECK(only(root, {"l[0].b"}) == R"({"l":[]})");
  CHECK(only(root, {"a[].b"}) == R"({"a":{}})");
  CHECK(only(root, {"a.x"}) == R"({"a":{}})");
  CHECK(only(root, {"s.x"}) == R"({"s":5})");
}

TEST_CASE("exclude takes paths away") {
  constexpr std::string_view root = R"({"a":{"b":1,"c":2},"l":[{"b":1,"c":2},3],"s":5})";
  CHECK(without(root, {}) == root);
  CHECK(without(root, {"a", "s"}) == R"({"l":[{"b":1,"c":2},3]})");
  CHECK(without(root, {"a.b"}) == R"({"a":{"c":2},"l":[{"b":1,"c":2},3],"s":5})");
  CHECK(without(root, {"l[].b"}) == R"({"a":{"b":1,"c":2},"l":[{"c":2},3],"s":5})");
  CHECK(without(root, {"l[]"}) == R"({"a":{"b":1,"c":2},"l":[],"s":5})");
  for (const auto* nothing : {"x", "a.x", "s.x", "l.b", "a[].b", "l[0]", "l[0].b"}) CHECK(without(root, {nothing}) == root);
}

TEST_CASE("what a selector takes away and what it keeps make up the payload") {
  const auto seed = test::seed();
  INFO("seed " << seed);
  Trees trees(seed);
  const std::array<const char*, 8> all{"a", "b", "a.b", "a.a", "a[].a", "a[]", "b[].b", "\"c d\".a"};
  for (std::size_t round = 0; round < test::campaignSize(300); ++round) {
    const JsonTree tree{trees.object(4)};
    const std::vector<PayloadPath> one{path(all[trees.below(all.size())])};
    CAPTURE(tree.text(), one[0].text());
    JsonTree byRemoval = tree;
    removeAt(byRemoval, one[0]);
    CHECK(withoutPaths(tree, one) == byRemoval);
    CHECK(onlyPaths(onlyPaths(tree, one), one) == onlyPaths(tree, one));
  }
}
