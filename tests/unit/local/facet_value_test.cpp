#include "local/facet_value.hpp"

#include "support/catch.hpp"

using namespace qbatch::local;

namespace {

simdjson::dom::parser parser;

std::vector<FacetValue> values(const std::string& payload, std::string_view path, IndexKind kind) {
  return facetValues(parser.parse(payload).get_object().value(), *PayloadPath::parse(path), kind);
}

std::string shown(const std::vector<FacetValue>& list) {
  std::string text;
  for (const FacetValue& value : list) text += textOf(value) + ' ';
  return text;
}

}  // namespace

TEST_CASE("a point's values count once, if they are of the index's kind") {
  const std::string payload = R"({"a":["y","x","y",7,7.0,-2,7.5,true,false,null,["z"]],"b":[{"c":"q\""},{"c":["r"]}]})";
  CHECK(shown(values(payload, "a", IndexKind::keyword)) == R"("x" "y" )");
  CHECK(shown(values(payload, "a", IndexKind::integer)) == "-2 7 ");
  CHECK(shown(values(payload, "a", IndexKind::boolean)) == "false true ");
  CHECK(shown(values(payload, "b[].c", IndexKind::keyword)) == R"("q\"" "r" )");
  for (const auto kind : {IndexKind::floating, IndexKind::text, IndexKind::datetime, IndexKind::geo, IndexKind::uuid}) {
    CHECK(values(payload, "a", kind).empty());
    CHECK(countsValues(kind) == (kind == IndexKind::uuid));
  }
  CHECK(values(payload, "none", IndexKind::keyword).empty());
}

TEST_CASE("UUIDs in any form are one value") {
  const std::string payload = R"({"u":["a64a8051-3ee7-4881-8bc6-691d25c70d54","A64A80513EE748818BC6691D25C70D54","12","no uuid"]})";
  CHECK(shown(values(payload, "u", IndexKind::uuid)) == R"("a64a8051-3ee7-4881-8bc6-691d25c70d54" )");
}

TEST_CASE("the values of most points come first, equal counts by value") {
  FacetCounts counts;
  for (const auto* payload : {R"({"n":[3,1]})", R"({"n":3})", R"({"n":[2,-10]})", R"({"n":[2,0]})", R"({"n":3})"}) {
    counts.add(values(payload, "n", IndexKind::integer));
  }
  const auto text = [](const std::vector<FacetHit>& hits) {
    std::string result;
    for (const auto& hit : hits) result += textOf(hit.value) + "x" + std::to_string(hit.count) + ' ';
    return result;
  };
  CHECK(text(counts.top(10)) == "3x3 2x2 -10x1 0x1 1x1 ");
  CHECK(text(counts.top(2)) == "3x3 2x2 ");
  CHECK(text(FacetCounts().top(5)).empty());
}

TEST_CASE("without a fitting index the server says so") {
  const auto error = noFacetIndex(*PayloadPath::parse("a.b")).error();
  CHECK(error.serverMessage().find("Wrong input: No appropriate index for faceting: `a.b`. Please create one") == 0);
  CHECK(error.httpStatus() == 400);
}
