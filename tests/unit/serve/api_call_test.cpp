#include "serve/api_call.hpp"

#include "local/body_errors.hpp"
#include "support/catch.hpp"
#include "support/refused.hpp"
#include "support/text_matchers.hpp"

using namespace qbatch;
using namespace qbatch::serve;
using qbatch::test::contains;
using qbatch::test::refused;

namespace {

ApiCall callOf(const std::string& path, const std::string& query = {}) { return ApiCall::of({"GET", path, query, ""}).value(); }
using Path = std::vector<std::string>;

}  // namespace

TEST_CASE("a path is decoded after it was taken apart") {
  CHECK(callOf("/").path.empty());
  CHECK(callOf("/collections/a%2Fb/points").path == Path{"collections", "a/b", "points"});
  CHECK(callOf("/a+b/%C3%bc%41").path == Path{"a+b",
                                              "\xC3\xBC"
                                              "A"});
  CHECK(callOf("/collections/").path == Path{"collections"});
  CHECK(callOf("//collections//c").path == Path{"collections", "c"});
}

TEST_CASE("a query is decoded: the last of equal names counts, what has no value is empty") {
  const auto query = callOf("/", "a=1&b=x+y%2B&a=2&c&=d&e=f=g&&").query;
  CHECK(query == std::map<std::string, std::string>{{"a", "2"}, {"b", "x y+"}, {"c", ""}, {"", "d"}, {"e", "f=g"}});
}

TEST_CASE("what is no encoding of UTF-8 is no call") {
  for (const char* bad : {"/%", "/%4", "/%4g", "/%g4", "/%ff", "/%C3", "/a%80"}) {
    CAPTURE(bad);
    CHECK_FALSE(ApiCall::of({"GET", bad, "", ""}));
    CHECK_FALSE(ApiCall::of({"GET", "/", std::string("a=") + bad, ""}));
    CHECK_FALSE(ApiCall::of({"GET", "/", std::string(bad) + "=a", ""}));
  }
}

TEST_CASE("a route fits by method, length and fixed segments") {
  const ApiCall call = callOf("/collections/c/points");
  CHECK(call.is("GET /collections/*/points"));
  CHECK(call.is("GET /collections/c/*"));
  CHECK_FALSE(call.is("PUT /collections/*/points"));
  CHECK_FALSE(call.is("GET /collections/*"));
  CHECK_FALSE(call.is("GET /collections/*/points/*"));
  CHECK_FALSE(call.is("GET /collections/d/points"));
  CHECK(callOf("/").is("GET /"));
  // An encoded slash or star is part of a name.
  CHECK_FALSE(callOf("/collections%2Fc").is("GET /collections/*"));
  CHECK_FALSE(callOf("/collections/%2A/points").is("GET /collections/c/points"));
}

TEST_CASE("wait, ordering and timeout") {
  const auto waits = [](const std::string& query) { return waitsFor(callOf("/", query)); };
  CHECK_FALSE(waits(""));
  CHECK_FALSE(waits("wait=false"));
  CHECK(waits("wait=true"));
  CHECK(waits("wait=true&ordering=strong&timeout=1&other=x"));
  for (const char* ordering : {"weak", "medium", "strong"}) CHECK_FALSE(waits(std::string("ordering=") + ordering));
  const auto refusal = [&](const std::string& query) { return refused([&] { static_cast<void>(waits(query)); }); };
  for (const char* wait : {"wait=", "wait", "wait=1", "wait=True"})
    CHECK(refusal(wait) == "400 Format error in query parameters: provided string was not `true` or `false`");
  CHECK(refusal("ordering=best") ==
        "400 Format error in query parameters: unknown variant `best`, expected one of `weak`, `medium`, `strong`");
  for (const char* timeout : {"timeout=", "timeout=-1", "timeout=1.5", "timeout=x"}) CHECK_THAT(refusal(timeout), contains("400 Format"));
  CHECK(refusal("timeout=00") == "422 Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]");
}

TEST_CASE("answers say what came out and how long it took") {
  const AnswerClock clock;
  const auto ok = clock.ok(R"({"a":1})");
  CHECK(ok.status == 200);
  CHECK(ok.body.starts_with(R"({"result":{"a":1},"status":"ok","time":)"));
  CHECK(ok.body.ends_with("}"));
  const auto refusal = clock.failed(local::refusal(422, "bad \"thing\"").error());
  CHECK(refusal.status == 422);
  CHECK(refusal.body.starts_with(R"({"status":{"error":"bad \"thing\""},"time":)"));
}

TEST_CASE("faults without a status of their own are the server's") {
  const AnswerClock clock;
  CHECK(clock.failed(Error(Errc::storageFull, Origin::server, "full")).status == 507);
  const auto fault = clock.failed(Error(Errc::internal, Origin::server, "broken \xFF"));
  CHECK(fault.status == 500);
  CHECK_THAT(fault.body, contains("Service internal error: broken"));
  CHECK(fault.body.find('\xFF') == std::string::npos);
}
