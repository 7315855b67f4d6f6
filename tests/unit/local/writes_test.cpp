#include "local/writes.hpp"

#include <cmath>
#include <limits>
#include <thread>
#include <tuple>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::test;
using Kind = Verdict::Kind;

TEST_CASE("collections: create, describe, list, drop") {
  const auto backend = makeLocalBackend(memory);
  CHECK_FALSE(describe(*backend, "b"));
  CollectionInfo info = collectionOf("b", 3, Distance::dot);
  info.vectorName = "code";
  info.embedder = "hashing-3";
  CHECK(ask<bool>(*backend, CreateCollection{info}));
  CHECK_FALSE(ask<bool>(*backend, CreateCollection{info}));
  CHECK(createCollection(*backend, "a", 2));

  const auto found = describe(*backend, "b");
  REQUIRE(found);
  CHECK(found->vectorName == "code");
  CHECK(found->dimension == 3);
  CHECK(found->distance == Distance::dot);
  CHECK(found->embedder == "hashing-3");

  ask<bool>(*backend, SetAlias{"live", "b"});
  const auto list = ask<std::vector<CollectionInfo>>(*backend, ListCollections{});
  REQUIRE(list.size() == 2);
  CHECK(list[0].name == "a");
  CHECK(list[1].aliases == std::vector<std::string>{"live"});

  CHECK_FALSE(ask<bool>(*backend, DropCollection{"live"}));
  CHECK(ask<bool>(*backend, DropCollection{"b"}));
  CHECK_FALSE(ask<bool>(*backend, DropCollection{"b"}));
  CHECK_FALSE(describe(*backend, "live"));
}

TEST_CASE("a collection that exists with other vectors is a mismatch") {
  const auto backend = withCollection();
  for (auto [dimension, distance, vectorName] :
       {std::tuple(5, Distance::cosine, ""), std::tuple(4, Distance::dot, ""), std::tuple(4, Distance::cosine, "v")}) {
    CollectionInfo info = collectionOf("c", static_cast<std::size_t>(dimension), distance);
    info.vectorName = vectorName;
    CHECK(isError(call(*backend, CreateCollection{info}), Kind::fatal, Errc::collectionMismatch));
  }
}

TEST_CASE("names and dimensions that cannot be are refused") {
  const auto backend = makeLocalBackend(memory);
  for (const std::string& name :
       {std::string(), std::string("a/b"), std::string("a\nb"), std::string("a\0b", 3), std::string(256, 'n'), std::string("\xff")}) {
    CAPTURE(name);
    CHECK(isError(call(*backend, CreateCollection{collectionOf(name, 4)}), Kind::fatal, Errc::refused));
  }
  CHECK(createCollection(*backend, std::string(255, 'n'), 65536));
  CHECK(isError(call(*backend, CreateCollection{collectionOf("c", 0)}), Kind::fatal, Errc::refused));
  CHECK(isError(call(*backend, CreateCollection{collectionOf("c", 65537)}), Kind::fatal, Errc::refused));
}

TEST_CASE("aliases stand for collections everywhere, and can be moved") {
  const auto backend = withCollection(2, Distance::dot);
  createCollection(*backend, "d", 2, Distance::dot);
  CHECK(ask<bool>(*backend, SetAlias{"live", "c"}));
  CHECK(store(*backend, "live", {{1, {1, 0}, "{}"}}).verdict.kind == Kind::completed);
  CHECK(countOf(*backend, "c") == 1);
  CHECK(describe(*backend, "live")->name == "c");
  CHECK(payloadOf(*backend, "live", 1) == "{}");
  CHECK(ask<bool>(*backend, SetAlias{"live", "d"}));
  CHECK(countOf(*backend, "live") == 0);
  CHECK(isError(call(*backend, SetAlias{"c", "d"}), Kind::fatal, Errc::refused));
  CHECK(isError(call(*backend, SetAlias{"x", "none"}), Kind::fatal, Errc::collectionNotFound));
  CHECK(isError(call(*backend, CreateCollection{collectionOf("live", 2)}), Kind::fatal, Errc::refused));
}

TEST_CASE("of equal ids in one request the last wins") {
  const auto backend = withCollection(1, Distance::dot);
  CHECK(store(*backend, "c", {{1, {1}, R"({"v":1})"}, {1, {2}, R"({"v":2})"}}).verdict.kind == Kind::completed);
  const auto point = retrieve(*backend, "c", {1}, true).front();
  CHECK(point.payload == R"({"v":2})");
  CHECK(point.vector == std::vector<float>{2});
}

TEST_CASE("what storing does with a point that exists") {
  const auto backend = withCollection(1, Distance::dot);
  store(*backend, "c", {{1, {1}, R"({"v":1,"usage_count":5})"}});
  store(*backend, "c", {{1, {2}, R"({"v":2,"usage_count":0})"}}, Existing::skip);
  CHECK(payloadOf(*backend, "c", 1) == R"({"v":1,"usage_count":5})");
  store(*backend, "c", {{1, {3}, R"({"v":3,"usage_count":0})"}}, Existing::keepMetrics);
  CHECK(payloadOf(*backend, "c", 1) == R"({"v":3,"usage_count":5})");
  CHECK(retrieve(*backend, "c", {1}, true).front().vector == std::vector<float>{3});
  store(*backend, "c", {{1, {4}, R"({"v":4,"usage_count":0})"}}, Existing::replace);
  CHECK(payloadOf(*backend, "c", 1) == R"({"v":4,"usage_count":0})");
}

TEST_CASE("one bad point refuses the request, and nothing of it is applied") {
  const auto backend = withCollection(2);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::vector<OwnedPoints::Point> bad{{9, {1, 2, 3}, "{}"},           {9, {}, "{}"},    {9, {1, infinity}, "{}"},
                                            {9, {std::nanf(""), 1}, "{}"},  {9, {1, 2}, "["}, {9, {1, 2}, "[1]"},
                                            {9, {1, 2}, "{\"a\":\"\xff\"}"}};
  for (const auto& point : bad) {
    CAPTURE(point.payload);
    const Reply reply = store(*backend, "c", {{1, {1, 2}, "{}"}, point});
    CHECK(isError(reply, Kind::itemAtFault, Errc::refused));
    CHECK_FALSE(reply.verdict.maybeApplied);
    CHECK(countOf(*backend, "c") == 0);
  }
  CHECK(store(*backend, "c", {{9, {1, 2, 3}, "{}"}}).verdict.error.serverMessage() ==
        "Wrong input: Vector dimension error: expected dim: 2, got 3");
  OwnedPoints points{{{1, {1, 2}, "{}"}}};
  UpsertPoints upsert = points.request("c");
  upsert.vectorName = "other";
  CHECK(isError(call(*backend, upsert), Kind::itemAtFault, Errc::refused));
}

TEST_CASE("metrics are changed point by point, and the exceptions named") {
  const auto backend = withCollection(1, Distance::dot);
  store(*backend, "c", {{1, {1}, "{}"}, {2, {1}, R"({"usage_count":"many"})"}, {3, {1}, R"({"usage_count":4})"}});
  const Reply reply = update(*backend, {countUp(1, 2), countUp(2), countUp(99), countUp(3, -1)});
  CHECK(reply.verdict.kind == Kind::completed);
  REQUIRE(reply.verdict.items.size() == 2);
  CHECK(reply.verdict.items[0].position == 1);
  CHECK(reply.verdict.items[0].outcome == Outcome::rejected);
  CHECK(reply.verdict.items[0].error.message().find("string") != std::string::npos);
  CHECK(reply.verdict.items[1].position == 2);
  CHECK(reply.verdict.items[1].error.code() == make_error_code(Errc::pointNotFound));
  CHECK(reply.verdict.items[1].error.httpStatus() == 404);
  CHECK(payloadOf(*backend, "c", 1) == R"({"usage_count":2})");
  CHECK(payloadOf(*backend, "c", 2) == R"({"usage_count":"many"})");
  CHECK(payloadOf(*backend, "c", 3) == R"({"usage_count":3})");
  CHECK(payloadOf(*backend, "c", 99) == "absent");
}

TEST_CASE("increments of many threads add up") {
  const auto backend = withCollection(1, Distance::dot);
  store(*backend, "c", {{1, {1}, "{}"}, {2, {1}, "{}"}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) update(*backend, {countUp(1), countUp(2, 3)});
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(payloadOf(*backend, "c", 1) == R"({"usage_count":400})");
  CHECK(payloadOf(*backend, "c", 2) == R"({"usage_count":1200})");
}
