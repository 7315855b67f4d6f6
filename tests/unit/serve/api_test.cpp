#include "serve/api.hpp"

#include <future>
#include <map>
#include <memory>

#include "support/catch.hpp"
#include "support/conformance_replay.hpp"
#include "support/scripted_server.hpp"
#include "support/serve_asked.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch::test;

namespace {

/// Recorded steps that are answered otherwise, each with the reason.
const std::map<std::string, std::string> differences{
    {"upsert 14", "another JSON parser's words"},
    {"upsert 15", "another JSON parser's words"},
    {"upsert 16", "another JSON parser's words"},
};

}  // namespace

TEST_CASE("the API answers as a real Qdrant 1.18.3 did, but for a few named steps") {
  std::unique_ptr<ServeAsked> asked;
  std::string current;
  std::size_t steps = 0, same = 0;
  for (const auto& step : loadRecordedSteps(QBATCH_TEST_DATA "/conformance.jsonl")) {
    if (step.caseName != current) asked = std::make_unique<ServeAsked>();
    current = step.caseName;
    if (step.request.method == "PUT" && step.status == 200 && fitsPattern(step.request, "PUT /collections/*")) {
      // The recording leaves out that a collection was deleted before it was created again.
      (*asked)("DELETE " + step.request.path);
    }
    const auto answer = asked->exchange(step.request);
    const auto other = difference(step, answer);
    INFO(step.name << ": " << other.value_or("as recorded, and yet in the list of differences"));
    CHECK(other.has_value() == differences.contains(step.name));
    if (other) CHECK(answer.status == step.status);  // never silently
    ++steps;
    same += other ? 0 : 1;
  }
  CHECK(steps == 229);
  CHECK(same + differences.size() == steps);
}

TEST_CASE("the service's own endpoints") {
  ServeAsked asked;
  CHECK(asked("GET /healthz") == 200);
  CHECK(asked.body == "healthz check passed");
  CHECK(asked("GET /livez") == 200);
  CHECK(asked("GET /readyz") == 200);
  CHECK(asked("GET /") == 200);
  CHECK_THAT(asked.body, contains(R"("version":"1.18.3")"));
  CHECK(asked("GET /no/such/path") == 404);
  CHECK(asked.body.empty());
  CHECK(asked("PATCH /collections") == 404);
}

TEST_CASE("what a Qdrant server has and this one has not is refused by its name") {
  ServeAsked asked;
  asked.makeCollection();
  for (const char* line : {"POST /collections/c/points/discover", "POST /collections/c/points/query/groups",
                           "POST /collections/c/snapshots", "POST /collections/c/points/search/matrix/pairs"}) {
    CAPTURE(line);
    CHECK(asked(line, "{}") == 400);
    CHECK_THAT(asked.body, contains("does not support the endpoint"));
  }
}

TEST_CASE("addresses that are no valid encoding are refused") {
  ServeAsked asked;
  CHECK(asked.raw({"GET", "/collections/%zz", "", ""}) == 400);
  CHECK(asked.raw({"GET", "/collections/%ff", "", ""}) == 400);
  CHECK(asked.raw({"GET", "/collections/c%C3%BC", "", ""}) == 404);
}
