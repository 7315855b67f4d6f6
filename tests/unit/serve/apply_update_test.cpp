#include "serve/apply_update.hpp"

#include "support/catch.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using qbatch::test::contains;
using qbatch::test::ServeAsked;

namespace {

/// Points 1 to 3 with dense vectors `d`, point 2 also with a sparse one `s`, and payloads {"n": id}.
struct ThreePoints : ServeAsked {
  ThreePoints() {
    makeCollection(R"({"d":{"size":2,"distance":"Dot"},"e":{"size":1,"distance":"Dot"}})", R"(,"sparse_vectors":{"s":{}})");
    store(R"([{"id":1,"vector":{"d":[1,1]},"payload":{"n":1}},
              {"id":2,"vector":{"d":[2,2],"s":{"indices":[9,4],"values":[1,2]}},"payload":{"n":2}},
              {"id":3,"vector":{"d":[3,3]},"payload":{"n":3}}])");
  }
  std::string change(const std::string& line, const std::string& sent) {
    const auto space = line.find(' ');
    const std::string method = line.substr(0, space), end = line.substr(space + 1);
    return answer(method + " /collections/c/points" + end + "?wait=true", sent);
  }
  std::string upsert(const std::string& points, const std::string& more = {}) {
    return change("PUT ", R"({"points":)" + points + more + "}");
  }
  std::string payloads() { return shown(R"({"with_vector":false})"); }
  std::string vectors() { return shown(R"({"with_vector":true,"with_payload":false})"); }

 private:
  std::string shown(const std::string& sent) {
    const std::string all = answer("POST /collections/c/points/scroll", sent);
    return all.substr(11, all.rfind("],\"next") - 11);
  }
};
bool done(const std::string& answer) { return answer.find("completed") != std::string::npos; }
const std::string missing = "404 Not found: No point with id 7 found";
const std::string sparseOfTwo = R"("s":{"indices":[4,9],"values":[2.0,1.0]}})";

}  // namespace

TEST_CASE("an upsert replaces all of a point, and of equal ids the last counts") {
  ThreePoints asked;
  CHECK(
      done(asked.upsert(R"([{"id":2,"vector":{"e":[5]}},{"id":3,"vector":{"d":[8,8]}},{"id":3,"vector":{"d":[9,9]},"payload":{"x":1}}])")));
  CHECK(asked.vectors() == R"({"id":1,"vector":{"d":[1.0,1.0]}},{"id":2,"vector":{"e":[5.0]}},{"id":3,"vector":{"d":[9.0,9.0]}})");
  CHECK(asked.payloads() == R"({"id":1,"payload":{"n":1}},{"id":2,"payload":{}},{"id":3,"payload":{"x":1}})");
}

TEST_CASE("a wrong size is found before anything is stored, a name that is not there on the way") {
  ThreePoints asked;
  CHECK(asked.upsert(R"([{"id":1,"vector":{"d":[5,5]}},{"id":4,"vector":{"d":[1]}}])") ==
        "400 Wrong input: Vector dimension error: expected dim: 2, got 1");
  CHECK_THAT(asked.vectors(), contains(R"({"id":1,"vector":{"d":[1.0,1.0]}})"));
  CHECK(asked.upsert(R"([{"id":1,"vector":{"d":[5,5]}},{"id":2,"vector":{"x":[1]}},{"id":3,"vector":{"d":[7,7]}}])") ==
        "400 Wrong input: Not existing vector name error: x");
  CHECK(asked.vectors() ==
        R"({"id":1,"vector":{"d":[5.0,5.0]}},{"id":2,"vector":{"d":[2.0,2.0],)" + sparseOfTwo + R"(},{"id":3,"vector":{"d":[3.0,3.0]}})");
}

TEST_CASE("modes and filters say what an upsert may insert and replace") {
  ThreePoints asked;
  const std::string both = R"([{"id":1,"vector":{},"payload":{"n":10}},{"id":4,"vector":{},"payload":{"n":4}}])";
  const std::string isThree = R"(,"update_filter":{"must":{"key":"n","match":{"value":3}}})";
  CHECK(done(asked.upsert(both, R"(,"update_mode":"insert_only")")));
  CHECK_THAT(asked.payloads(), contains(R"({"id":1,"payload":{"n":1}})"));
  CHECK_THAT(asked.payloads(), contains(R"({"id":4,"payload":{"n":4}})"));
  CHECK(done(asked.upsert(R"([{"id":1,"vector":{},"payload":{}},{"id":5,"vector":{}}])", R"(,"update_mode":"update_only")" + isThree)));
  CHECK(asked.answer("POST /collections/c/points/count", "{}") == R"({"count":4})");
  CHECK_THAT(asked.payloads(), contains(R"({"id":1,"payload":{"n":1}})"));
  // Without a mode: new points are stored whatever the filter says, others where they pass as they were.
  CHECK(done(
      asked.upsert(R"([{"id":3,"vector":{},"payload":{"n":30}},{"id":2,"vector":{},"payload":{"n":3}},{"id":6,"vector":{}}])", isThree)));
  CHECK(asked.payloads() == R"({"id":1,"payload":{"n":1}},{"id":2,"payload":{"n":2}},{"id":3,"payload":{"n":30}},)"
                            R"({"id":4,"payload":{"n":4}},{"id":6,"payload":{}})");
}

TEST_CASE("vectors are updated by name, the others and the payload stay") {
  ThreePoints asked;
  CHECK(done(asked.change("PUT /vectors", R"({"points":[{"id":2,"vector":{"e":[7]}},{"id":1,"vector":{"s":{"indices":[1],"values":[1]}}},
                                                        {"id":2,"vector":{"d":[4,4]}}]})")));
  CHECK(asked.vectors() == R"({"id":1,"vector":{"d":[1.0,1.0],"s":{"indices":[1],"values":[1.0]}}},)"
                           R"({"id":2,"vector":{"d":[4.0,4.0],"e":[7.0],)" +
                               sparseOfTwo + R"(},{"id":3,"vector":{"d":[3.0,3.0]}})");
  CHECK_THAT(asked.payloads(), contains(R"({"id":2,"payload":{"n":2}})"));
  CHECK(asked.change("PUT /vectors", R"({"points":[{"id":1,"vector":{"d":[1]}}]})") ==
        "400 Wrong input: Vector dimension error: expected dim: 2, got 1");
  CHECK(asked.change("PUT /vectors", R"({"points":[{"id":1,"vector":{"x":[1]}}]})") ==
        "400 Wrong input: Not existing vector name error: x");
}

TEST_CASE("vectors are updated where a filter lets them, and those of one group around a missing point") {
  ThreePoints asked;
  const std::string all = R"({"points":[{"id":1,"vector":{"e":[7]}},{"id":2,"vector":{"e":[7]}},{"id":3,"vector":{"e":[7]}}])";
  CHECK(done(asked.change("PUT /vectors", all + R"(,"update_filter":{"must":{"has_vector":"s"}}})")));
  CHECK(asked.vectors().find(R"("e":[7.0])") == asked.vectors().rfind(R"("e":[7.0])"));
  CHECK_THAT(asked.vectors(), contains(R"({"id":2,"vector":{"d":[2.0,2.0],"e":[7.0])"));
  CHECK(asked.change("PUT /vectors",
                     R"({"points":[{"id":1,"vector":{"e":[8]}},{"id":7,"vector":{"e":[8]}},{"id":3,"vector":{"e":[8]}}]})") == missing);
  CHECK_THAT(asked.vectors(), contains(R"({"id":1,"vector":{"d":[1.0,1.0],"e":[8.0]}})"));
  CHECK_THAT(asked.vectors(), contains(R"({"id":3,"vector":{"d":[3.0,3.0],"e":[8.0]}})"));
}

TEST_CASE("vectors are deleted by name") {
  ThreePoints asked;
  CHECK(done(asked.change("POST /vectors/delete", R"({"vector":["s","e"],"points":[1,2]})")));
  CHECK(asked.answer("POST /collections/c/points/count", R"({"filter":{"must":{"has_vector":"s"}}})") == R"({"count":0})");
  CHECK(done(asked.change("POST /vectors/delete", R"({"vector":["d"],"filter":{"must":{"key":"n","range":{"gte":2}}}})")));
  CHECK(asked.vectors() == R"({"id":1,"vector":{"d":[1.0,1.0]}},{"id":2,"vector":{}},{"id":3,"vector":{}})");
  CHECK(asked.change("POST /vectors/delete", R"({"vector":["x"],"points":[1]})") == "400 Wrong input: Not existing vector name error: x");
  CHECK(asked.change("POST /vectors/delete", R"({"vector":["d"],"points":[7,1]})") == missing);
  CHECK(asked.vectors() == R"({"id":1,"vector":{}},{"id":2,"vector":{}},{"id":3,"vector":{}})");
}

TEST_CASE("points are deleted by ids or by a filter") {
  ThreePoints asked;
  CHECK(done(asked.change("POST /delete", R"({"points":[7,1,1]})")));
  CHECK(asked.payloads() == R"({"id":2,"payload":{"n":2}},{"id":3,"payload":{"n":3}})");
  CHECK(asked.change("POST /delete", R"({"points":[]})") == "400 Bad request: Empty update request");
  CHECK(done(asked.change("POST /delete", R"({"filter":{"must_not":{"key":"n","match":{"value":3}}}})")));
  CHECK(asked.payloads() == R"({"id":3,"payload":{"n":3}})");
  CHECK(done(asked.change("POST /delete", R"({"filter":{}})")));
  CHECK(asked.payloads().empty());
}

TEST_CASE("payloads are set, overwritten, cleared, and lose keys") {
  ThreePoints asked;
  CHECK(done(asked.change("POST /payload", R"({"payload":{"a":{"b":1},"n":null},"points":[1]})")));
  CHECK(done(asked.change("POST /payload", R"({"payload":{"c":2},"key":"a","filter":{"must":{"has_id":[1]}}})")));
  CHECK_THAT(asked.payloads(), contains(R"({"id":1,"payload":{"a":{"b":1,"c":2}}})"));
  CHECK(done(asked.change("PUT /payload", R"({"payload":{"z":[]},"points":[2]})")));
  CHECK_THAT(asked.payloads(), contains(R"({"id":2,"payload":{"z":[]}})"));
  CHECK(done(asked.change("POST /payload/delete", R"({"keys":["a.b","none"],"points":[1]})")));
  CHECK_THAT(asked.payloads(), contains(R"({"id":1,"payload":{"a":{"c":2}}})"));
  CHECK(done(asked.change("POST /payload/clear", R"({"points":[1,3]})")));
  CHECK(asked.payloads() == R"({"id":1,"payload":{}},{"id":2,"payload":{"z":[]}},{"id":3,"payload":{}})");
  CHECK_THAT(asked.vectors(), contains(sparseOfTwo));
}

TEST_CASE("a list of ids is gone through by 32: a group with a missing point is the last") {
  ServeAsked asked;
  asked.makeCollection();
  std::string points, ids;
  for (int id = 1; id <= 70; ++id) {
    if (id != 40) points += (points.empty() ? "" : ",") + std::string(R"({"id":)") + std::to_string(id) + R"(,"vector":{}})";
    ids += (ids.empty() ? "" : ",") + std::to_string(id);
  }
  asked.store("[" + points + "]");
  CHECK(asked.answer("POST /collections/c/points/payload?wait=true", R"({"payload":{"a":1},"points":[)" + ids + "]}") ==
        "404 Not found: No point with id 40 found");
  const std::string with = R"({"filter":{"must":{"key":"a","match":{"value":1}}}})";
  CHECK(asked.answer("POST /collections/c/points/count", with) == R"({"count":63})");
  CHECK_THAT(asked.answer("GET /collections/c/points/64"), contains(R"("a":1)"));
  CHECK_THAT(asked.answer("GET /collections/c/points/65"), contains(R"("payload":{})"));
}

TEST_CASE("operations are numbered, and points carry the number of their last") {
  ThreePoints asked;
  CHECK(asked.change("POST /payload", R"({"payload":{"a":1},"points":[2]})") == R"({"operation_id":2,"status":"completed"})");
  CHECK(asked.change("POST /delete", R"({"points":[77]})") == R"({"operation_id":3,"status":"completed"})");
  const std::string hits = asked.answer("POST /collections/c/points/query", R"({"query":[1,0],"using":"d"})");
  CHECK_THAT(hits, contains(R"("id":3,"version":1)"));
  CHECK_THAT(hits, contains(R"("id":2,"version":2)"));
}
