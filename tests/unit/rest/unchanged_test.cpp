#include "rest/unchanged.hpp"

#include <string>
#include <vector>

#include "codec/json_check.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using rest::appendUnchanged;

namespace {

/// The condition for a member, without the comma before it.
std::string condition(std::string_view key, const std::string& raw) {
  std::string out;
  appendUnchanged(out, key, &raw);
  if (out.empty()) return out;
  CHECK(out.front() == ',');
  return out.substr(1);
}

/// The filter for points 1, 2, … of which these stood there; an empty text: none.
std::string filterFor(const std::vector<std::string>& payloads) {
  std::vector<PointId> ids;
  std::vector<PointBefore> before;
  for (const auto& payload : payloads) {
    ids.emplace_back(ids.size() + 1);
    before.push_back({!payload.empty(), payload});
  }
  const auto filter = rest::unchangedFilter(ids, before);
  CHECK(codec::checkJson(filter) == filter);
  return filter;
}
std::string only(const std::string& conditions) { return R"({"should":[{"must":[{"has_id":[1]})" + conditions + "]}]}"; }

const std::string matchesNothing = R"({"must":[{"has_id":[]}]})";

}  // namespace

TEST_CASE("a filter of ids") {
  const std::vector<PointId> ids = {7, PointId::parse("123e4567-e89b-12d3-a456-426614174000")};
  CHECK(rest::idFilter(ids) == R"({"must":[{"has_id":[7,"123e4567-e89b-12d3-a456-426614174000"]}]})");
  CHECK(rest::idFilter({}) == matchesNothing);
}

TEST_CASE("a path means the top-level member of that name") {
  CHECK(rest::pathOf("usage_count-2") == "usage_count-2");
  for (const std::string name : {"a.b", "a b", "list[0]", "größe"}) CHECK(rest::pathOf(name) == '"' + name + '"');
}

TEST_CASE("a member of every kind is as it was read") {
  CHECK(condition("n", "7") == R"({"key":"n","match":{"value":7}})");
  CHECK(condition("n", "-9223372036854775808") == R"({"key":"n","match":{"value":-9223372036854775808}})");
  CHECK(condition("n", "1.5") == R"({"key":"n","range":{"gte":1.5,"lte":1.5}})");
  CHECK(condition("n", "1e3") == R"({"key":"n","range":{"gte":1e3,"lte":1e3}})");
  CHECK(condition("n", "18446744073709551615") == R"({"key":"n","range":{"gte":18446744073709551615,"lte":18446744073709551615}})");
  CHECK(condition("s", R"("a\"b")") == R"({"key":"s","match":{"value":"a\"b"}})");
  CHECK(condition("s", R"("")") == R"({"key":"s","match":{"value":""}})");
  CHECK(condition("b", "true") == R"({"key":"b","match":{"value":true}})");
  CHECK(condition("b", "false") == R"({"key":"b","match":{"value":false}})");
  CHECK(condition("e", "null") == R"({"is_empty":{"key":"e"}})");
  CHECK(condition("e", "[]") == R"({"is_empty":{"key":"e"}})");
  CHECK(condition("a.b", "7") == R"({"key":"\"a.b\"","match":{"value":7}})");
  CHECK(condition("a.b", "null") == R"({"is_empty":{"key":"\"a.b\""}})");
  std::string absent;
  appendUnchanged(absent, "n", nullptr);
  CHECK(absent == R"(,{"is_empty":{"key":"n"}})");
}

TEST_CASE("nothing compares whole arrays and objects") {
  for (const auto* whole : {"[1]", R"(["a"])", R"({"a":1})", "{}"}) CHECK(condition("n", whole).empty());
}

TEST_CASE("a point is as it was in all members that can be compared") {
  CHECK(filterFor({R"({"a":1,"b":"x","c":null,"d":[1],"e":{"f":2},"g":true})"}) ==
        only(R"(,{"key":"a","match":{"value":1}},{"key":"b","match":{"value":"x"}},{"is_empty":{"key":"c"}},)"
             R"({"key":"g","match":{"value":true}})"));
  CHECK(filterFor({"{}"}) == only(""));
  const std::vector<PointId> ids = {1};
  const std::vector<PointBefore> before = {{true, ""}};  // a payload that was not asked for
  CHECK(rest::unchangedFilter(ids, before) == only(""));
}

TEST_CASE("long members, and those with names that no path can say, are left out") {
  const auto text = [](std::size_t size) { return '"' + std::string(size - 2, 'x') + '"'; };
  CHECK(filterFor({R"({"code":)" + text(513) + R"(,"a":1})"}) == only(R"(,{"key":"a","match":{"value":1}})"));
  CHECK(filterFor({R"({"code":)" + text(512) + "}"}) == only(R"(,{"key":"code","match":{"value":)" + text(512) + "}}"));
  CHECK(filterFor({R"({"say \"a\"":1,"":1,"b":2})"}) == only(R"(,{"key":"b","match":{"value":2}})"));
}

TEST_CASE("points that were alike share a condition, and those that did not exist have none") {
  const auto filter = filterFor({R"({"n":1})", "", R"({"n":2})", R"({"n":1})"});
  CHECK(filter == R"({"should":[{"must":[{"has_id":[1,4]},{"key":"n","match":{"value":1}}]},)"
                  R"({"must":[{"has_id":[3]},{"key":"n","match":{"value":2}}]}]})");
}

TEST_CASE("where nothing existed, nothing is let pass") {
  CHECK(filterFor({"", ""}) == matchesNothing);
  CHECK(filterFor({}) == matchesNothing);
}
