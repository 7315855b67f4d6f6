#ifdef QBATCH_WITH_SERVE
#include <string>
#include <vector>

#include "integration/bad_body_bench.hpp"
#include "local/json_tree.hpp"
#include "support/campaign.hpp"
#include "support/mutation.hpp"
#include "support/seed.hpp"

// Good bodies that are cut, bent and grown. What comes of them may be a result or a refusal, but nothing else, and what is stored can be
// read, also by a server that is started anew.
namespace qbatch::test {
namespace {

using local::JsonTree;

/// Calls `visit` while each value within the tree, one after the other, is replaced by `other`.
template <class Visit>
void replaceEach(JsonTree& tree, const JsonTree& other, const Visit& visit) {
  const JsonTree own = std::exchange(tree, other);
  visit();
  tree = own;
  if (auto* members = tree.asObject()) {
    for (auto& [name, value] : *members) replaceEach(value, other, visit);
  } else if (auto* items = std::get_if<JsonTree::Array>(&tree.value)) {
    for (auto& item : *items) replaceEach(item, other, visit);
  }
}

/// Calls `visit` while each member of each object in the tree is missing.
template <class Visit>
void removeEach(JsonTree& tree, const Visit& visit) {
  if (auto* members = tree.asObject()) {
    for (std::size_t i = 0; i < members->size(); ++i) {
      const auto own = (*members)[i];
      members->erase(members->begin() + static_cast<std::ptrdiff_t>(i));
      visit();
      members->insert(members->begin() + static_cast<std::ptrdiff_t>(i), own);
      removeEach((*members)[i].second, visit);
    }
  } else if (auto* items = std::get_if<JsonTree::Array>(&tree.value)) {
    for (auto& item : *items) removeEach(item, visit);
  }
}

/// Texts of values; a place where one is put must not bring the server down.
const std::vector<std::string> values = {"null",
                                         "true",
                                         "0",
                                         "-1",
                                         "1.5",
                                         "18446744073709551615",
                                         "-9223372036854775808",
                                         "1e308",
                                         "1e39",
                                         "\"\"",
                                         "\"x\"",
                                         "\"a[].b\"",
                                         "[]",
                                         "[[1]]",
                                         "[null]",
                                         "[1,\"x\"]",
                                         "{}",
                                         R"({"a":[{"b":{}}]})",
                                         R"({"":null})"};

void checkAnswered(BadBodyBench& bench, const std::string& line, const std::string& body) {
  const auto status = bench.ask(line, body);
  if (status) return;
  CAPTURE(line, shownBody(body), bench.answer().substr(0, 500));
  CHECK(status);
}

}  // namespace

TEST_CASE("local server: good bodies are taken; cut off anywhere they are refused", "[serve]") {
  for (const auto& [line, body] : goodRequests()) {
    BadBodyBench bench;
    const auto whole = bench.ask(line, body);
    CAPTURE(line, body, bench.answer());
    CHECK(whole == 200);
    std::size_t refused = 0;
    for (std::size_t length = 0; length < body.size(); ++length) {
      const auto status = bench.ask(line, body.substr(0, length));
      refused += status && *status >= 400 ? 1 : 0;
    }
    CHECK(refused == body.size());
    CHECK(bench.unharmedAnew());
  }
}

TEST_CASE("local server: any value at any place of a good body is answered", "[serve]") {
  for (const auto& [line, body] : goodRequests()) {
    BadBodyBench bench;
    JsonTree tree = JsonTree::parse(body);
    for (const auto& value : values)
      replaceEach(tree, JsonTree::parse(value), [&, &line = line] { checkAnswered(bench, line, tree.text()); });
    removeEach(tree, [&, &line = line] { checkAnswered(bench, line, tree.text()); });
    CAPTURE(line, body);
    CHECK(bench.unharmedAnew());
  }
}

TEST_CASE("local server: random changes to good bodies are answered", "[serve]") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  const auto good = goodRequests();
  BadBodyBench bench;
  const std::size_t rounds = campaignSize(3000);
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto& [line, body] = good[random.below(good.size())];
    checkAnswered(bench, line, mutated(body, random));
    if (round % (rounds / 10) == 0) CHECK(bench.unharmedAnew());
  }
  CHECK(bench.unharmedAnew());
}

TEST_CASE("local server: no payload grows deeper than it can be read again", "[serve]") {
  BadBodyBench bench;
  const std::string points = "/collections/w/points", put = "PUT " + points, set = "POST " + points + "/payload",
                    overwrite = put + "/payload";
  const auto change = [](const std::string& payload, std::size_t steps) {
    return R"({"points":[1],"payload":)" + payload + (steps == 0 ? "}" : R"(,"key":"a)" + repeated(".a", steps - 1) + "\"}");
  };
  std::size_t taken = 0, refused = 0;
  for (std::size_t levels = 1; levels < 300; levels += levels < 110 || levels > 130 ? 9 : 1) {
    const std::string deep = deepObject(levels);
    for (const std::size_t steps : {0u, 1u, 2u, 64u, 100u, 120u, 126u, 127u, 128u, 129u}) {
      for (const auto& line : {set, overwrite}) {
        CAPTURE(line, levels, steps);
        const auto status = bench.ask(line, change(deep, steps));
        REQUIRE(status);
        ++(*status == 200 ? taken : refused);
        REQUIRE(bench.ask("POST " + points + "/scroll", R"({"filter":{"must":[{"key":"a.a","values_count":{"gte":0}}]}})") == 200);
      }
    }
    const auto stored = bench.ask(put, R"({"points":[{"id":1,"vector":[1,2],"payload":)" + deep + "}]}");
    REQUIRE(stored);
    ++(*stored == 200 ? taken : refused);
  }
  CHECK(taken > 100);
  CHECK(refused > 100);
  // Again and again at the deepest place that there may be.
  REQUIRE(bench.ask(overwrite, change("{}", 0)) == 200);
  for (std::size_t steps = 1; steps <= 128; ++steps)
    for (int times = 0; times < 3; ++times) REQUIRE(bench.ask(set, change(deepObject(2), steps)) == (steps <= 125 ? 200 : 400));
  CHECK(bench.unharmedAnew());
}

TEST_CASE("local server: limits, sizes and bodies at the edge", "[serve]") {
  BadBodyBench bench;
  const std::string c = "POST /collections/c", most = "18446744073709551615";
  CHECK(bench.ask(c + "/points/scroll", R"({"limit":)" + most + "}") == 200);
  CHECK(bench.ask(c + "/points/scroll", R"({"limit":1,"offset":)" + most + "}") == 200);
  CHECK(bench.ask(c + "/facet", R"({"key":"k","limit":)" + most + "}") == 200);
  std::vector<std::string> queries;
  for (const std::string query : {"[1,2]", "1", R"({"order_by":"n"})"}) {
    for (const auto& members :
         {R"("limit":)" + most, R"("offset":)" + most, R"("limit":)" + most + R"(,"offset":)" + most, R"("offset":1,"limit":)" + most})
      queries.push_back(R"({"query":)" + query + "," + members + "}");
  }
  for (const std::string threshold : {"1e300", "-1e300"}) queries.push_back(R"({"query":1,"score_threshold":)" + threshold + "}");
  for (const auto& query : queries) {
    CAPTURE(query);
    CHECK(bench.ask(c + "/points/query", query) == 200);
  }
  CHECK(bench.ask("PUT /collections/new", R"({"vectors":{"size":65536,"distance":"Dot"}})") == 200);
  const std::string wide = R"({"points":[{"id":1,"vector":[)" + repeated("1,", 65535) + "1]}]}";
  CHECK(bench.ask("PUT /collections/new0/points", wide) == 200);
  CHECK(bench.ask("POST /collections/new0/points/query", R"({"query":1})") == 200);
  // Too large for floats, and for the sum of their products.
  CHECK(bench.ask("PUT /collections/w/points", R"({"points":[{"id":1,"vector":[1e300,-1e300]},{"id":2,"vector":[3e38,-3e38]}]})") == 200);
  CHECK(bench.ask("POST /collections/w/points/query", R"({"query":[1e39,1e39],"with_vector":true})") == 200);
  CHECK(bench.unharmedAnew());
}

// Work that grows with the square of a body would, under a sanitizer at the latest, take longer than a client waits here.
TEST_CASE("local server: bodies with very many members are answered", "[serve]") {
  BadBodyBench bench;
  const auto each = [](const std::string& before, const std::string& after) {
    std::string text;
    for (int i = 0; i < 60'000; ++i) text += (i == 0 ? "" : ",") + before + std::to_string(i) + after;
    return text;
  };
  const std::string members = each("\"k", "\":1"), dot = R"("vectors":{"size":2,"distance":"Dot"})", w = "/collections/w";
  CHECK(bench.ask("PUT /collections/new", "{" + members + "," + dot + "}") == 200);
  CHECK(bench.ask("PUT /collections/new", R"({"vectors":{)" + each("\"k", R"(":{"size":2,"distance":"Dot"})") + "}}") == 200);
  CHECK(bench.ask("PUT /collections/new", "{" + dot + R"(,"sparse_vectors":{)" + each("\"k", "\":{}") + "}}") == 200);
  for (int times = 0; times < 2; ++times) CHECK(bench.ask("PATCH " + w, R"({"hnsw_config":{)" + members + "}}") == 200);
  CHECK(bench.ask("PUT " + w + "/points", R"({"points":[{"id":1,"vector":{)" + each("\"k", "\":[1]") + "}}]}") == 400);
  CHECK(bench.ask("POST " + w + "/points/payload", R"({"points":[1],"payload":{)" + members + "}}") == 200);
  CHECK(bench.ask("POST " + w + "/points/payload/delete", R"({"points":[1],"keys":["k","n","t","o.a","l[]",)" + each("\"k", "\"") + "]}") ==
        200);
  CHECK(bench.ask("GET " + w + "/points/1", "") == 200);
  CHECK(bench.answer().find(R"("payload":{"l":[],"o":{}})") != std::string::npos);
  CHECK(bench.ask("POST " + w + "/points/scroll", R"({"with_payload":[)" + each("\"k", "\"") + "]}") == 200);
  CHECK(bench.ask("POST " + w + "/points/scroll", R"({"filter":{"must":[{"has_id":[)" + each("", "") + "]}]}}") == 200);
  CHECK(bench.unharmedAnew());
}

TEST_CASE("local server: 31 MiB of rubbish are refused", "[serve]") {
  BadBodyBench bench;
  constexpr std::size_t size = std::size_t{31} << 20;
  for (const std::string line : {"PUT /collections/w/points", "POST /collections/w/points/query", "PUT /collections/new"}) {
    for (const std::string piece : {"x", "[", "{\"a\":", "\"", " ", "[1],", "{},", "\\"}) {
      CAPTURE(line, piece);
      const auto status = bench.ask(line, repeated(piece, size / piece.size()));
      CHECK((status && *status >= 400));
    }
  }
  CHECK(bench.unharmedAnew());
}

}  // namespace qbatch::test
#endif
