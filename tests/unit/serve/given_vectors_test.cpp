#include "serve/given_vectors.hpp"

#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using local::PointVectors;
using local::SparseVector;
using local::VectorLayout;
using qbatch::test::contains;
using qbatch::test::refused;

namespace {

const VectorLayout layout{{{"", 2, Distance::cosine}, {"d", 1, Distance::dot}}, {"s", "t"}};

GivenVectors given(const std::string& json) {
  const Body body(json);
  return readVectors(body.root(), "points[0].vector");
}
std::string refusal(const std::string& json) {
  return refused([&] { static_cast<void>(given(json)); });
}
PointVectors placed(const std::string& json, PointVectors vectors = {}) {
  place(layout, given(json), vectors);
  return vectors;
}
using Dense = std::vector<float>;

}  // namespace

TEST_CASE("vectors come alone or by name, dense or sparse") {
  CHECK(given("[1,2.5]") == GivenVectors{{"", Dense{1, 2.5F}}});
  CHECK(given(R"({"":[1,2],"d":[3]})") == GivenVectors{{"", Dense{1, 2}}, {"d", Dense{3}}});
  CHECK(given(R"({"s":{"indices":[7,3],"values":[0.5,-1]}})") == GivenVectors{{"s", SparseVector{{3, 7}, {-1, 0.5F}}}});
  CHECK(given(R"({"s":{"indices":[],"values":[]}})") == GivenVectors{{"s", SparseVector{}}});
  CHECK(given(R"({"d":[1],"d":[2]})") == GivenVectors{{"d", Dense{2}}});
  CHECK(given("{}").empty());
  CHECK(given(R"({"s":{"indices":[4294967295],"values":[1]}})").size() == 1);
}

TEST_CASE("what is no vector is refused") {
  constexpr const char* none = "data did not match any variant of untagged enum VectorStruct";
  for (const char* bad : {"1", "\"x\"", "[\"x\"]", "[1,null]", R"({"d":1})", R"({"s":{"indices":[1]}})", R"({"d":{}})"})
    CHECK_THAT(refusal(bad), contains(none));
  CHECK(refusal("[]") == "422 Validation error in JSON body: [points[0].vector.vector: dense vector must not be empty]");
  CHECK(refusal(R"({"s":{"indices":[1,2],"values":[1]}})") ==
        "422 Validation error in JSON body: [points[0].vector.?.values: Validation error: must be the same length as indices [{}]]");
  CHECK(refusal(R"({"s":{"indices":[1,1],"values":[1,2]}})") ==
        "422 Validation error in JSON body: [points[0].vector.?.indices: Validation error: must be unique [{}]]");
  for (const char* index : {"-1", "1.5", "4294967296"})
    CHECK_THAT(refusal(R"({"s":{"indices":[)" + std::string(index) + R"(],"values":[1]}})"), contains("400 Format error"));
}

TEST_CASE("multivectors and texts are said not to be supported") {
  for (const char* sent : {"[[1,2],[3,4]]", R"({"d":[[1]]})"}) CHECK_THAT(refusal(sent), contains("multivectors"));
  for (const char* sent : {R"({"text":"a","model":"b"})", R"({"d":{"text":"a","model":"b"}})", R"({"d":{"image":"a","model":"b"}})"})
    CHECK_THAT(refusal(sent), contains("inference"));
}

TEST_CASE("sizes and kinds are checked for the names that are known") {
  const auto check = [](const std::string& json) { return refused([&] { checkSizes(layout, given(json)); }); };
  CHECK(check("[1,2]") == "not refused");
  CHECK(check(R"({"unknown":[1,2,3]})") == "not refused");
  CHECK(check(R"({"s":{"indices":[1],"values":[1]}})") == "not refused");
  CHECK(check("[1]") == "400 Wrong input: Vector dimension error: expected dim: 2, got 1");
  CHECK(check(R"({"d":[1,2]})") == "400 Wrong input: Vector dimension error: expected dim: 1, got 2");
  constexpr const char* conversion = "400 Wrong input: Conversion between sparse and regular vectors failed";
  CHECK(check(R"({"d":{"indices":[1],"values":[1]}})") == conversion);
  CHECK(check(R"({"s":[1]})") == conversion);
}

TEST_CASE("vectors are placed by name as they are kept; the others stay") {
  const PointVectors first = placed(R"({"":[3,4],"t":{"indices":[2],"values":[1]}})");
  CHECK(first.dense == std::vector<Dense>{{0.6F, 0.8F}, {}});
  CHECK(first.sparse == std::vector<std::optional<SparseVector>>{std::nullopt, SparseVector{{2}, {1}}});
  const PointVectors second = placed(R"({"d":[3],"t":{"indices":[9],"values":[5]}})", first);
  CHECK(second.dense == std::vector<Dense>{{0.6F, 0.8F}, {3}});
  CHECK(second.sparse == std::vector<std::optional<SparseVector>>{std::nullopt, SparseVector{{9}, {5}}});
  CHECK(refused([] { static_cast<void>(placed(R"({"u":[1]})")); }) == "400 Wrong input: Not existing vector name error: u");
}
