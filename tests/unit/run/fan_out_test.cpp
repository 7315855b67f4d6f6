#include "run/fan_out.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/late_answers.hpp"

using namespace qbatch;
using namespace qbatch::test;
using run::fanOut;

namespace {

using Kind = Verdict::Kind;
using Lists = std::vector<std::vector<StoredPoint>>;
const std::vector<std::string> three = {"a", "b", "c"};

Verdict verdict(Kind kind, Errc code, std::string message = "no") {
  Verdict made;
  made.kind = kind;
  made.error = Error(code, Origin::server, std::move(message), 400, "the server's words");
  return made;
}

/// Answers each collection's request with a point a query whose id is the query's place; or with what the test says.
struct Scripted : Backend {
  std::map<std::string, Reply> replies;
  std::function<void(const QueryPoints&)> asked = [](const QueryPoints&) {};
  std::function<void(std::function<void()>)> hand = [](const std::function<void()>& answer) { answer(); };

  void run(const Request& request, CallLimits, Completion completion) override {
    const auto& query = std::get<QueryPoints>(request);
    asked(query);
    hand([this, &query, completion] {
      // The request must still be there when the answer comes.
      const auto known = replies.find(query.collection);
      completion(known != replies.end() ? known->second : plain(query));
    });
  }
  static Reply plain(const QueryPoints& query) {
    Lists lists;
    for (std::size_t i = 0; i < query.vectors.size(); ++i) lists.push_back({{PointId(i), 0.5F, R"({"code":")" + query.collection + "\"}"}});
    Reply reply;
    reply.answer = std::move(lists);
    reply.bytesSent = 10;
    reply.bytesReceived = 100;
    return reply;
  }
};

struct Bench {
  Scripted backend;
  std::vector<float> vector = {1, 2};
  std::vector<std::span<const float>> vectors = {vector, vector};
  QueryPoints query;
  std::vector<Reply> replies;

  Bench() {
    query.collection = "none";
    query.vectors = vectors;
    query.limit = 7;
    query.filter = "{}";
  }
  Reply run(const std::vector<std::string>& collections = three) {
    fanOut(backend, query, collections, {}, [this](Reply reply) { replies.push_back(std::move(reply)); });
    REQUIRE(replies.size() == 1);
    return replies[0];
  }
};

}  // namespace

TEST_CASE("the answers stand collection by collection, and what they took is summed") {
  Bench bench;
  std::vector<std::string> asked;
  bench.backend.asked = [&](const QueryPoints& query) {
    asked.push_back(query.collection);
    CHECK(query.limit == 7);
    CHECK(query.filter == "{}");
    CHECK(query.vectors.data() == bench.vectors.data());
  };
  bench.backend.replies["b"] = Scripted::plain({.collection = "b", .vectors = bench.vectors});
  bench.backend.replies["b"].requests = 3;
  const auto reply = bench.run();
  CHECK(asked == three);
  CHECK(reply.verdict.kind == Kind::completed);
  const auto& lists = std::get<Lists>(reply.answer);
  REQUIRE(lists.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(lists[i].at(0).payload == R"({"code":")" + three[i / 2] + "\"}");
    CHECK(lists[i][0].id == PointId(i % 2));
  }
  CHECK(reply.requests == 5);
  CHECK(reply.bytesSent == 30);
  CHECK(reply.bytesReceived == 300);
}

TEST_CASE("what was not carried out in one collection was not carried out, and the gravest cause is told") {
  Bench bench;
  auto& replies = bench.backend.replies;
  replies["b"].verdict = verdict(Kind::unavailable, Errc::unavailable, "nobody there");
  replies["b"].verdict.neverSent = true;
  SECTION("one") {
    const auto reply = bench.run();
    CHECK(reply.verdict.kind == Kind::unavailable);
    CHECK(reply.verdict.error.message() == "collection `b`: nobody there");
    CHECK(reply.verdict.error.code() == Errc::unavailable);
    CHECK(reply.verdict.error.httpStatus() == 400);
    CHECK(reply.verdict.error.serverMessage() == "the server's words");
    CHECK_FALSE(reply.verdict.neverSent);  // the others were
    CHECK(reply.answer.index() == 0);
    CHECK(reply.requests == 3);
  }
  SECTION("several") {
    replies["a"].verdict = verdict(Kind::throttled, Errc::throttled);
    replies["a"].verdict.retryAfter = std::chrono::milliseconds(300);
    replies["c"].verdict = verdict(Kind::throttled, Errc::throttled);
    replies["c"].verdict.retryAfter = std::chrono::milliseconds(500);
    const auto throttled = bench.run();
    CHECK(throttled.verdict.kind == Kind::throttled);
    CHECK(throttled.verdict.retryAfter == std::chrono::milliseconds(500));
    for (const auto kind : {Kind::tooLarge, Kind::itemAtFault, Kind::fatal}) {
      replies["c"].verdict = verdict(kind, Errc::refused);
      bench.replies.clear();
      CHECK(bench.run().verdict.kind == kind);
      replies["a"].verdict = replies["c"].verdict;
      replies.erase("c");
    }
  }
  SECTION("nothing left at all") {
    for (const auto& name : three) replies[name] = replies["b"];
    CHECK(bench.run().verdict.neverSent);
  }
}

TEST_CASE("a query that one collection makes an exception of is one of the whole, named once") {
  Bench bench;
  for (const auto* name : {"b", "c"}) {
    auto& reply = bench.backend.replies[name] = Scripted::plain({.collection = name, .vectors = bench.vectors});
    reply.verdict.items = {{1, Outcome::rejected, Error(Errc::refused, Origin::server, "odd")}};
  }
  const auto reply = bench.run();
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 1);
  CHECK(reply.verdict.items[0].position == 1);
  CHECK(reply.verdict.items[0].error.message() == "collection `b`: odd");
}

TEST_CASE("an answer that does not fit its request leaves the whole without one") {
  Bench bench;
  SECTION("another kind of answer") { bench.backend.replies["c"].answer = true; }
  SECTION("too few lists") { bench.backend.replies["c"].answer = Lists(1); }
  const auto reply = bench.run();
  CHECK(reply.verdict.kind == Kind::completed);
  CHECK(reply.answer.index() == 0);
}

TEST_CASE("a backend that throws, or answers twice, is answered for once") {
  Bench bench;
  SECTION("it throws") {
    bench.backend.asked = [](const QueryPoints& query) {
      if (query.collection == "a") throw std::runtime_error("no paper");
      if (query.collection == "b") throw 42;
    };
    const auto reply = bench.run();
    CHECK(reply.verdict.kind == Kind::fatal);
    CHECK(reply.verdict.error.code() == Errc::internal);
    CHECK(reply.verdict.error.message() == "collection `a`: the backend threw: no paper");
  }
  SECTION("it answers twice") {
    bench.backend.hand = [](const std::function<void()>& answer) {
      answer();
      answer();
    };
    CHECK(bench.run().verdict.kind == Kind::completed);
  }
}

TEST_CASE("answers may come late, in any order and from other threads, and are told once") {
  constexpr int rounds = 200;
  std::atomic<int> told{0}, good{0};
  {
    Bench bench;
    LateAnswers one(1), other(2);
    std::atomic<unsigned> next{0};
    bench.backend.hand = [&](std::function<void()> answer) { (next++ % 2 == 0 ? one : other).add(std::move(answer)); };
    for (int round = 0; round < rounds; ++round) {
      // The names are the caller's only until the call returns.
      const auto names = std::make_unique<std::vector<std::string>>(three);
      fanOut(bench.backend, bench.query, *names, {}, [&](Reply reply) {
        ++told;
        const auto* lists = std::get_if<Lists>(&reply.answer);
        if (lists && lists->size() == 6 && (*lists)[4].at(0).payload == R"({"code":"c"})") ++good;
      });
    }
  }
  CHECK(told == rounds);
  CHECK(good == rounds);
}
