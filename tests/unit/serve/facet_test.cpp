#include "serve/facet.hpp"

#include <map>
#include <set>

#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using qbatch::test::contains;
using qbatch::test::ServeAsked;

namespace {

struct Indexed : ServeAsked {
  Indexed() {
    makeCollection();
    for (const auto& [name, kind] : std::map<std::string, std::string>{
             {"k", "keyword"}, {"n", "integer"}, {"b", "bool"}, {"u", "uuid"}, {"f", "float"}, {"t", "text"}}) {
      if ((*this)("PUT /collections/c/index?wait=true", R"({"field_name":")" + name + R"(","field_schema":")" + kind + "\"}") != 200)
        throw std::runtime_error(body);
    }
  }
  std::string facet(const std::string& key, const std::string& more = {}) {
    return answer("POST /collections/c/facet", R"({"key":")" + key + '"' + more + "}");
  }
};

}  // namespace

TEST_CASE("values are counted by points, most first") {
  Indexed asked;
  asked.store(
      R"([{"id":1,"vector":{},"payload":{"k":"b","n":1,"b":true}},{"id":2,"vector":{},"payload":{"k":["a","b","a"],"n":[2,1],"b":[true,false]}},
                  {"id":3,"vector":{},"payload":{"k":"c\"","n":2.0,"b":"true"}},{"id":4,"vector":{},"payload":{"k":7,"n":"1"}},
                  {"id":5,"vector":{},"payload":{"u":"550E8400-E29B-41D4-A716-446655440000"}}])");
  CHECK(asked.facet("k") == R"({"hits":[{"value":"b","count":2},{"value":"a","count":1},{"value":"c\"","count":1}]})");
  CHECK(asked.facet("n") == R"({"hits":[{"value":1,"count":2},{"value":2,"count":2}]})");
  CHECK(asked.facet("b") == R"({"hits":[{"value":true,"count":2},{"value":false,"count":1}]})");
  CHECK(asked.facet("u") == R"({"hits":[{"value":"550e8400-e29b-41d4-a716-446655440000","count":1}]})");
  CHECK(asked.facet("k", R"(,"limit":1,"exact":true)") == R"({"hits":[{"value":"b","count":2}]})");
  CHECK(asked.facet("k", R"(,"filter":{"must_not":{"has_id":[1]}})") ==
        R"({"hits":[{"value":"a","count":1},{"value":"b","count":1},{"value":"c\"","count":1}]})");
  CHECK(asked.facet("k", R"(,"filter":{"must":{"has_id":[4]}})") == R"({"hits":[]})");
}

TEST_CASE("counting needs an index that knows values") {
  Indexed asked;
  for (const char* key : {"f", "t", "none"}) {
    CHECK_THAT(asked.facet(key), contains("400 Wrong input: No appropriate index for faceting: `" + std::string(key) + "`"));
  }
  CHECK_THAT(asked.facet("k", R"(,"limit":0)"), contains("422 Validation error in JSON body: [facet_request.limit"));
  CHECK_THAT(asked.facet("a..b"), contains("Invalid json path"));
  CHECK_THAT(asked.answer("POST /collections/c/facet", "{}"), contains("missing field `key`"));
  CHECK(asked.answer("POST /collections/none/facet", R"({"key":"k"})").starts_with("404"));
}

TEST_CASE("counts follow any writes") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  qbatch::test::Random random(seed);
  Indexed asked;
  std::map<std::uint64_t, std::set<std::uint64_t>> model;
  for (std::size_t step = 0; step < qbatch::test::campaignSize(150); ++step) {
    const std::uint64_t id = random.below(12);
    const std::string ids = "[" + std::to_string(id) + "]";
    if (random.chance(20)) {
      CHECK(asked("POST /collections/c/points/delete?wait=true", R"({"points":)" + ids + "}") == 200);
      model.erase(id);
      continue;
    }
    std::set<std::uint64_t> values;
    for (auto left = random.below(4); left > 0; --left) values.insert(random.below(5));
    std::string list;
    for (const auto value : values) list += (list.empty() ? "" : ",") + std::to_string(value);
    const std::string payload = R"({"n":[)" + list + "]}";
    if (model.contains(id) && random.chance(50)) {
      CHECK(asked("PUT /collections/c/points/payload?wait=true", R"({"points":)" + ids + R"(,"payload":)" + payload + "}") == 200);
    } else {
      asked.store(R"([{"id":)" + std::to_string(id) + R"(,"vector":{},"payload":)" + payload + "}]");
    }
    model[id] = values;
  }
  std::map<std::uint64_t, std::size_t> counts;
  for (const auto& [id, values] : model) {
    for (const auto value : values) ++counts[value];
  }
  std::set<std::pair<std::size_t, std::uint64_t>> order;
  for (const auto& [value, count] : counts) order.emplace(1000 - count, value);
  std::string hits;
  for (const auto& [rest, value] : order)
    hits +=
        (hits.empty() ? "" : ",") + std::string(R"({"value":)") + std::to_string(value) + ",\"count\":" + std::to_string(1000 - rest) + "}";
  CHECK(asked.facet("n") == R"({"hits":[)" + hits + "]}");
}
