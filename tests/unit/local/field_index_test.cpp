#include "local/field_index.hpp"

#include <map>
#include <string>

#include "local/payload_reader.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

using Rows = std::set<std::size_t>;
using Values = std::vector<FacetValue>;

struct Indexed {
  FieldIndex index;
  PayloadReader reader{};
  explicit Indexed(IndexKind kind, std::string_view path = "f") : index(PayloadPath::parse(path).value(), kind) {}
  void set(std::size_t row, const std::string& payload) { index.set(row, reader.read(payload).value()); }
};

/// One value of a field with what an index of each kind keeps of it.
struct Kept {
  std::string json;
  IndexKind kind;
  FacetValue value;
};
const std::vector<Kept> someValues{{R"("a")", IndexKind::keyword, "a"},          {R"("b")", IndexKind::keyword, "b"},
                                   {R"("1")", IndexKind::keyword, "1"},          {"1", IndexKind::integer, std::int64_t{1}},
                                   {"-7", IndexKind::integer, std::int64_t{-7}}, {"2.0", IndexKind::integer, std::int64_t{2}},
                                   {"true", IndexKind::boolean, true},           {"false", IndexKind::boolean, false},
                                   {"2.5", IndexKind::floating, false},          {"null", IndexKind::geo, false},
                                   {R"({"f":"a"})", IndexKind::geo, false},      {R"(["a",1,true])", IndexKind::geo, false}};

/// A payload of up to three values, with those among them that an index of the kind keeps.
std::pair<std::string, std::set<FacetValue>> somePayload(qbatch::test::Random& random, IndexKind kind) {
  std::string list;
  std::set<FacetValue> kept;
  for (std::size_t count = random.below(4); count > 0; --count) {
    const Kept& value = someValues[random.below(someValues.size())];
    list += (list.empty() ? "" : ",") + value.json;
    if (value.kind == kind) kept.insert(value.value);
  }
  return {R"({"g":"a","f":[)" + list + "]}", kept};
}

void checkAgainst(const FieldIndex& index, const std::map<std::size_t, std::set<FacetValue>>& model) {
  std::map<FacetValue, Rows> rows;
  std::size_t holding = 0;
  for (const auto& [row, values] : model) {
    REQUIRE(index.valuesOf(row) == Values(values.begin(), values.end()));
    for (const FacetValue& value : values) rows[value].insert(row);
    holding += values.empty() ? 0 : 1;
  }
  REQUIRE(index.size() == holding);
  for (const Kept& value : someValues) {
    if (value.kind == index.kind()) REQUIRE(index.rowsWith(value.value) == rows[value.value]);
  }
}

}  // namespace

TEST_CASE("an index knows rows by value and values by row, each once") {
  Indexed of(IndexKind::keyword);
  of.set(3, R"({"f":["b","a","b",5,null]})");
  of.set(1, R"({"f":"b"})");
  of.set(2, R"({"g":"b"})");
  CHECK(of.index.size() == 2);
  CHECK(of.index.rowsWith("b") == Rows{1, 3});
  CHECK(of.index.rowsWith("a") == Rows{3});
  CHECK(of.index.rowsWith("c").empty());
  CHECK(of.index.rowsWith(std::int64_t{5}).empty());
  CHECK(of.index.valuesOf(3) == Values{"a", "b"});
  CHECK(of.index.valuesOf(2).empty());
}

TEST_CASE("a row that is set again or erased leaves nothing behind in an index") {
  Indexed of(IndexKind::integer);
  of.set(1, R"({"f":[1,2]})");
  of.set(1, R"({"f":[2,3]})");
  CHECK(of.index.rowsWith(std::int64_t{1}).empty());
  CHECK(of.index.rowsWith(std::int64_t{3}) == Rows{1});
  of.set(1, R"({"f":"2"})");
  CHECK(of.index.size() == 0);
  CHECK(of.index.rowsWith(std::int64_t{2}).empty());
  of.index.erase(1);
  of.set(1, R"({"f":2})");
  of.index.erase(1);
  CHECK(of.index.size() == 0);
  CHECK(of.index.valuesOf(1).empty());
}

TEST_CASE("UUIDs are one value however they are written") {
  Indexed of(IndexKind::uuid);
  of.set(1, R"({"f":"550E8400-E29B-41D4-A716-446655440000"})");
  of.set(2, R"({"f":"550e8400e29b41d4a716446655440000"})");
  of.set(3, R"({"f":"7"})");
  CHECK(of.index.rowsWith("550e8400-e29b-41d4-a716-446655440000") == Rows{1, 2});
  CHECK(of.index.size() == 2);
}

TEST_CASE("of the other kinds an index counts the rows that hold any") {
  const auto rowsOf = [](IndexKind kind) {
    Indexed of(kind);
    std::size_t row = 0;
    for (const char* value : {"1", "1.5", R"("word")", R"("2020-01-01T00:00:00Z")", R"(["x","2020-01-01"])", R"({"lon":1,"lat":2.5})",
                              R"({"lon":1})", R"({"lon":"1","lat":2})", "null", "true", "[]"})
      of.set(row++, R"({"f":)" + std::string(value) + "}");
    CHECK(of.index.valuesOf(0).empty());
    return of.index.size();
  };
  CHECK(rowsOf(IndexKind::floating) == 2);
  CHECK(rowsOf(IndexKind::text) == 3);
  CHECK(rowsOf(IndexKind::datetime) == 2);
  CHECK(rowsOf(IndexKind::geo) == 1);
}

TEST_CASE("an index looks where its path leads") {
  Indexed of(IndexKind::keyword, "a[].b");
  of.set(1, R"({"a":[{"b":"x"},{"b":["y","z"]},{"c":"w"},"v"]})");
  of.set(2, R"({"a":{"b":"x"}})");
  CHECK(of.index.valuesOf(1) == Values{"x", "y", "z"});
  CHECK(of.index.valuesOf(2).empty());
}

TEST_CASE("an index holds what its rows hold after any changes") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  for (const IndexKind kind : {IndexKind::keyword, IndexKind::integer, IndexKind::boolean}) {
    Indexed of(kind);
    std::map<std::size_t, std::set<FacetValue>> model;
    for (std::size_t step = 0; step < qbatch::test::campaignSize(2000); ++step) {
      const std::size_t row = random.below(40);
      if (random.chance(25)) {
        of.index.erase(row);
        model[row].clear();
      } else {
        const auto [payload, kept] = somePayload(random, kind);
        of.set(row, payload);
        model[row] = kept;
      }
      if (step % 50 == 0) checkAgainst(of.index, model);
    }
    checkAgainst(of.index, model);
  }
}
