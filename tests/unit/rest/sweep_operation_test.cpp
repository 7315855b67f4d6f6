#include "rest/sweep_operation.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/rest_rig.hpp"

using namespace qbatch;
using namespace qbatch::test;
using namespace std::chrono_literals;
using Kind = Verdict::Kind;
using Lines = std::vector<std::string>;

namespace {

const std::string readLine = "POST /collections/c/points/scroll", writeLine = "POST /collections/c/points/batch";

std::uint64_t sequence(std::chrono::hours age) {
  const auto then = std::chrono::system_clock::now().time_since_epoch() - age;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(then).count()) * 1024;
}
const std::uint64_t old = sequence(48h), young = sequence(23h);

std::string marked(std::uint64_t id, const std::string& members) {
  return R"({"id":)" + std::to_string(id) + R"(,"payload":{)" + members + "}}";
}
std::string mark(const std::string& writer, std::uint64_t number) { return "\"_qbatch_" + writer + "\":" + std::to_string(number); }

http::Response pageOf(const std::string& points, const std::string& next = "null") {
  return resultOf(R"({"points":[)" + points + R"(],"next_page_offset":)" + next + "}");
}

Reply sweep(RestRig& rig, CallLimits limits = {}, std::chrono::hours olderThan = 24h) {
  const SweepMarks request{"c", olderThan};
  return rig.run([&](auto stage, Completion completion) { return makeSweepOperation(stage, request, limits, std::move(completion)); });
}

std::size_t answerOf(const Reply& reply) { return std::get<std::size_t>(reply.answer); }

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// `count` points from id 1 on, each with marks of that many writers.
std::string manyMarked(std::uint64_t count, unsigned writers) {
  std::string points;
  for (std::uint64_t id = 1; id <= count; ++id) {
    std::string members;
    for (unsigned writer = 0; writer < writers; ++writer) members += (writer ? "," : "") + mark("W" + std::to_string(writer), old);
    points += (id > 1 ? "," : "") + marked(id, members);
  }
  return points;
}

}  // namespace

TEST_CASE("sweeping reads points page by page and removes their old marks under a guard") {
  RestRig rig(
      inOrder({pageOf(marked(1, mark("A", old) + "," + mark("B", young)) + "," + marked(2, mark("A", old - 5)), "7"), batchOf("completed"),
               pageOf(marked(7, mark("Y", young)), "9"), pageOf(marked(9, mark("C", old))), batchOf("completed")}));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK_FALSE(reply.verdict.error);
  CHECK(answerOf(reply) == 3);
  CHECK(reply.requests == 5);
  REQUIRE(rig.record->lines() == Lines{readLine, writeLine, readLine, readLine, writeLine});
  const auto calls = rig.record->all();
  CHECK(
      calls[0].body ==
      R"({"limit":1000,"filter":{"must_not":[{"is_empty":{"key":"_qbatch_last"}}]},"with_payload":{"exclude":["description","code","language"]},"with_vector":false})");
  CHECK(calls[1].body == R"({"operations":[{"delete_payload":{"keys":["_qbatch_A"],"filter":{"must":[{"has_id":[1,2]},)"
                         R"({"key":"_qbatch_A","range":{"lte":)" +
                             std::to_string(old) + R"(}}]}}}]})");
  CHECK(calls[1].url == "http://localhost:6333/collections/c/points/batch?wait=true&ordering=strong");
  CHECK(hasPart(calls[2].body, R"("offset":7)"));
  CHECK(hasPart(calls[3].body, R"("offset":9)"));
  CHECK(hasPart(calls[4].body, R"("has_id":[9])"));
}

TEST_CASE("sweeping a collection without marks writes nothing") {
  RestRig rig(always(pageOf(marked(1, R"("_qbatch_last":"W.5","usage_count":3)"))));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(answerOf(reply) == 0);
  CHECK(rig.record->lines() == Lines{readLine});
}

TEST_CASE("marks below the age of a day are not swept, and nothing is sent") {
  RestRig rig(always(written()));
  const auto reply = sweep(rig, {}, 23h);
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.code() == Errc::invalidItem);
  CHECK(reply.requests == 0);
  CHECK(rig.record->size() == 0);
}

TEST_CASE("a greater age than a day spares the marks in between") {
  RestRig rig(inOrder({pageOf(marked(1, mark("A", old) + "," + mark("B", sequence(200h)))), batchOf("completed")}));
  CHECK(answerOf(sweep(rig, {}, 100h)) == 1);
  const auto body = rig.record->all().back().body;
  CHECK(hasPart(body, "_qbatch_B"));
  CHECK_FALSE(hasPart(body, "_qbatch_A"));
}

TEST_CASE("a removal that the server has not carried out yet is acknowledged") {
  const auto* status = GENERATE("acknowledged", "wait_timeout");
  RestRig rig(inOrder({pageOf(marked(1, mark("A", old)), "2"), batchOf(status), pageOf(marked(2, mark("A", old))), batchOf("completed")}));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::acknowledged);
  CHECK(answerOf(reply) == 2);
}

TEST_CASE("where strict mode refuses the filter all points are read") {
  RestRig rig(inOrder({refusal(400, "Bad request: Index required but not found for \\\"_qbatch_last\\\""),
                       pageOf(marked(1, mark("A", old)), "2"), batchOf("completed"), pageOf("")}));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(answerOf(reply) == 1);
  const auto calls = rig.record->all();
  REQUIRE(calls.size() == 4);
  CHECK(hasPart(calls[0].body, "filter"));
  CHECK_FALSE(hasPart(calls[1].body, "filter"));
  CHECK_FALSE(hasPart(calls[3].body, "filter"));
  CHECK(hasPart(calls[3].body, R"("offset":2)"));
}

TEST_CASE("pages become as small as the server or the memory for answers wants them") {
  auto tooLong = fault(http::Fault::Kind::tooLarge, "the answer is too long", true);
  const auto limited = refusal(400, "Bad request: Limit exceeded 1000 > 300 for \\\"limit\\\". Help: Reduce the \\\"limit\\\" parameter.");
  RestRig rig(inOrder({GENERATE_COPY(tooLong, limited), limited, pageOf("", "5"), pageOf("")}));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  const auto calls = rig.record->all();
  REQUIRE(calls.size() == 4);
  CHECK(hasPart(calls[0].body, R"("limit":1000)"));
  CHECK(hasPart(calls[1].body, R"("limit":500)"));
  CHECK(hasPart(calls[2].body, R"("limit":250)"));
  CHECK(hasPart(calls[3].body, R"("limit":250)"));
  CHECK(hasPart(calls[3].body, "_qbatch_last"));
}

TEST_CASE("a server that refuses every page is not asked for ever") {
  RestRig rig(always(refusal(400, "Bad request: Limit exceeded 1000 > 0 for \\\"limit\\\"")));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(answerOf(reply) == 0);
  CHECK(rig.record->size() == 11);  // 1000 down to 1, and that one without the filter
}

TEST_CASE("many writers' marks go in several requests of some hundred operations") {
  RestRig rig(inOrder({pageOf(manyMarked(2, 450)), batchOf("completed"), batchOf("completed"), batchOf("completed")}));
  CHECK(answerOf(sweep(rig)) == 900);
  REQUIRE(rig.record->lines() == Lines{readLine, writeLine, writeLine, writeLine});
  std::vector<std::size_t> sizes;
  for (const auto& call : rig.record->all()) sizes.push_back(occurrences(call.body, "delete_payload"));
  CHECK(sizes == std::vector<std::size_t>{0, 200, 200, 50});
}

TEST_CASE("removals that are too large are divided, by operations first and then by points") {
  // A server that takes 2 operations a request and 4 points a condition.
  std::vector<std::string> seen;
  RestRig rig([&](const http::Request& request) {
    if (hasPart(request.url, "/scroll")) return pageOf(manyMarked(10, 3));
    const auto& body = *request.body;
    if (occurrences(body, "delete_payload") > 2) return refusal(413, "too large");
    for (auto at = body.find("\"has_id\":["); at != std::string::npos; at = body.find("\"has_id\":[", at + 1)) {
      const auto ids = body.substr(at, body.find(']', at) - at);
      if (std::count(ids.begin(), ids.end(), ',') >= 4) return refusal(400, "Bad request: Condition size limit reached (10 > 4).");
    }
    seen.push_back(body);
    return batchOf("completed");
  });
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(answerOf(reply) == 30);
  // Every point's mark of every writer was named once.
  std::string all;
  for (const auto& body : seen) all += body;
  for (const auto* key : {"_qbatch_W0", "_qbatch_W1", "_qbatch_W2"}) {
    std::size_t ids = 0;
    for (auto at = all.find(std::string("[\"") + key); at != std::string::npos; at = all.find(std::string("[\"") + key, at + 1)) {
      const auto list = all.find("\"has_id\":[", at);
      ids += 1 + occurrences(all.substr(list, all.find(']', list) - list), ",");
    }
    CHECK(ids == 10);
  }
}

TEST_CASE("a single mark that is too large to be removed ends it") {
  RestRig rig(inOrder({pageOf(marked(1, mark("A", old))), refusal(413, "too large")}));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::tooLarge);
  CHECK(rig.record->size() == 2);
}

TEST_CASE("a call that fails ends it, and says how many marks went before") {
  const auto failure = GENERATE(refusal(500, "Service internal error"), refusal(403, "Forbidden"), answer(200, "{\"result\":"),
                                fault(http::Fault::Kind::connect, "no connection"));
  const bool reading = GENERATE(true, false);
  const auto first = pageOf(marked(1, mark("A", old)) + "," + marked(2, mark("A", old)), "7");
  const auto second = pageOf(marked(7, mark("A", old)));
  RestRig rig(reading ? inOrder({first, batchOf("completed"), failure}) : inOrder({first, batchOf("completed"), second, failure}));
  const auto reply = sweep(rig);
  CHECK((reply.verdict.kind == Kind::unavailable || reply.verdict.kind == Kind::fatal));
  CHECK(hasPart(reply.verdict.error.message(), "; 2 marks were removed before that: sweep again for the rest"));
  CHECK(answerOf(reply) == 2);
  CHECK(reply.verdict.maybeApplied);
  CHECK(rig.record->size() == (reading ? 3 : 4));
}

TEST_CASE("an absent collection ends it with the server's words") {
  RestRig rig(always(noCollection()));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::fatal);
  CHECK(reply.verdict.error.code() == Errc::collectionNotFound);
  CHECK_FALSE(hasPart(reply.verdict.error.message(), "removed"));
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(rig.record->size() == 1);
}

TEST_CASE("sweeping stops when it is asked to, between two calls") {
  std::stop_source stop;
  CallLimits limits;
  limits.stop = stop.get_token();
  RestRig rig([&](const http::Request& request) {
    if (hasPart(request.url, "/scroll")) return pageOf(marked(1, mark("A", old)), "7");
    stop.request_stop();
    return batchOf("completed");
  });
  const auto reply = sweep(rig, limits);
  CHECK(reply.verdict.kind == Kind::unavailable);
  CHECK(reply.verdict.error.code() == Errc::cancelled);
  CHECK(hasPart(reply.verdict.error.message(), "1 mark was removed before that"));
  CHECK(answerOf(reply) == 1);
}

TEST_CASE("a server whose pages lead nowhere is no reason to go round for ever") {
  RestRig rig(always(pageOf(marked(1, ""), "7")));
  const auto reply = sweep(rig);
  CHECK(reply.verdict.kind == Kind::unavailable);
  CHECK(hasPart(reply.verdict.error.message(), "the next page begins where this one did"));
  CHECK(rig.record->size() == 2);
}
