// What every Backend promises at the seam itself, below the client.
#include <algorithm>
#include <chrono>
#include <future>

#include "codec/json_equal.hpp"
#include "contract/subject.hpp"
#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

Reply ask(Backend& backend, const Request& request) {
  std::promise<Reply> answered;
  backend.run(request, {}, [&](Reply reply) { answered.set_value(std::move(reply)); });
  return answered.get_future().get();
}

CollectionInfo collection(std::string name, std::size_t dimension, Distance distance = Distance::cosine) {
  CollectionInfo info;
  info.name = std::move(name);
  info.dimension = dimension;
  info.distance = distance;
  info.embedder = "test:1";
  return info;
}

/// The number of a flush so long ago.
std::string flush(std::chrono::hours age) {
  const auto then = std::chrono::system_clock::now().time_since_epoch() - age;
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(then).count() * 1024);
}

struct Bench {
  ScratchFolder folder;
  std::shared_ptr<Backend> backend;
  explicit Bench(const Subject& subject) : backend(subject.make(folder.path())) {}
  Reply operator()(const Request& request) { return ask(*backend, request); }
};

}  // namespace

#define FOR_EVERY_BACKEND(made)                           \
  const auto& subject = GENERATE(from_range(subjects())); \
  CAPTURE(subject.name);                                  \
  Bench made(subject)

TEST_CASE("backend contract: collections are created, described, listed and dropped") {
  FOR_EVERY_BACKEND(bench);
  CHECK_FALSE(std::get<std::optional<CollectionInfo>>(bench(DescribeCollection{"a", ""}).answer));
  CHECK(std::get<bool>(bench(CreateCollection{collection("a", 3)}).answer));
  CHECK_FALSE(std::get<bool>(bench(CreateCollection{collection("a", 3)}).answer));
  CHECK(bench(CreateCollection{collection("a", 4)}).verdict.error.code() == Errc::collectionMismatch);
  CHECK(bench(CreateCollection{collection("a", 3, Distance::dot)}).verdict.error.code() == Errc::collectionMismatch);
  const auto described = std::get<std::optional<CollectionInfo>>(bench(DescribeCollection{"a", ""}).answer);
  REQUIRE(described);
  CHECK(described->dimension == 3);
  CHECK(described->distance == Distance::cosine);
  CHECK(described->embedder == "test:1");
  CHECK(std::get<bool>(bench(CreateCollection{collection("b", 2, Distance::manhattan)}).answer));
  const auto listed = std::get<std::vector<CollectionInfo>>(bench(ListCollections{}).answer);
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].name == "a");
  CHECK(listed[1].distance == Distance::manhattan);
  CHECK(std::get<bool>(bench(DropCollection{"a"}).answer));
  CHECK_FALSE(std::get<bool>(bench(DropCollection{"a"}).answer));
  CHECK(std::get<std::vector<CollectionInfo>>(bench(ListCollections{}).answer).size() == 1);
}

TEST_CASE("backend contract: an alias stands for its collection, and can be moved") {
  FOR_EVERY_BACKEND(bench);
  bench(CreateCollection{collection("a", 2)});
  bench(CreateCollection{collection("b", 2)});
  REQUIRE(std::get<bool>(bench(SetAlias{"now", "a"}).answer));
  const std::vector<float> vector = {1, 0};
  const std::vector<PointView> points = {{PointId(1), vector, "{}"}};
  UpsertPoints upsert;
  upsert.collection = "now";
  upsert.points = points;
  REQUIRE(bench(upsert).verdict.kind == Verdict::Kind::completed);
  CHECK(std::get<std::size_t>(bench(CountPoints{"a", ""}).answer) == 1);
  REQUIRE(std::get<bool>(bench(SetAlias{"now", "b"}).answer));
  CHECK(std::get<std::size_t>(bench(CountPoints{"now", ""}).answer) == 0);
  CHECK(bench(SetAlias{"x", "none"}).verdict.error.code() == Errc::collectionNotFound);
}

TEST_CASE("backend contract: a bad vector refuses the whole request, and nothing of it is stored") {
  FOR_EVERY_BACKEND(bench);
  bench(CreateCollection{collection("a", 2)});
  const std::vector<float> good = {1, 0}, bad = {1, 0, 0};
  const std::vector<PointView> points = {{PointId(1), good, "{}"}, {PointId(2), bad, "{}"}};
  UpsertPoints upsert;
  upsert.collection = "a";
  upsert.points = points;
  const auto reply = bench(upsert);
  CHECK(reply.verdict.kind == Verdict::Kind::itemAtFault);
  CHECK_FALSE(reply.verdict.maybeApplied);
  CHECK(std::get<std::size_t>(bench(CountPoints{"a", ""}).answer) == 0);
}

TEST_CASE("backend contract: distances score and order as Qdrant does") {
  FOR_EVERY_BACKEND(bench);
  const std::vector<std::vector<float>> vectors = {{3, 4}, {1, 0}, {-1, 2}};
  const std::vector<float> query = {1, 1};
  const auto check = [&](Distance distance, std::vector<std::pair<std::uint64_t, float>> expected) {
    const auto name = std::string(toString(distance));
    CAPTURE(name);
    bench(CreateCollection{collection(name, 2, distance)});
    std::vector<PointView> points;
    for (std::size_t i = 0; i < vectors.size(); ++i) points.push_back({PointId(i), vectors[i], "{}"});
    UpsertPoints upsert;
    upsert.collection = name;
    upsert.points = points;
    REQUIRE(bench(upsert).verdict.kind == Verdict::Kind::completed);
    const std::vector<std::span<const float>> queries = {query};
    QueryPoints what;
    what.collection = name;
    what.vectors = queries;
    auto lists = std::get<std::vector<std::vector<StoredPoint>>>(bench(what).answer);
    REQUIRE(lists.size() == 1);
    REQUIRE(lists[0].size() == 3);
    // Equal scores come in any order.
    for (std::size_t i = 1; i < lists[0].size(); ++i)
      if (lists[0][i].score == lists[0][i - 1].score && lists[0][i].id < lists[0][i - 1].id) std::swap(lists[0][i], lists[0][i - 1]);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(lists[0][i].id == PointId(expected[i].first));
      CHECK(lists[0][i].score == Approx(expected[i].second).margin(1e-5));
    }
  };
  check(Distance::cosine, {{0, 0.98994949f}, {1, 0.70710678f}, {2, 0.31622777f}});
  check(Distance::dot, {{0, 7}, {1, 1}, {2, 1}});
  check(Distance::euclid, {{1, 1}, {2, 2.23606798f}, {0, 3.60555128f}});
  check(Distance::manhattan, {{1, 1}, {2, 3}, {0, 5}});
}

TEST_CASE("backend contract: scrolling goes through all points by ascending id, in pages") {
  FOR_EVERY_BACKEND(bench);
  bench(CreateCollection{collection("a", 1)});
  const std::vector<float> vector = {1};
  std::vector<PointView> points;
  for (std::uint64_t i = 0; i < 25; ++i) points.push_back({PointId((i * 7) % 25), vector, R"({"k":1})"});
  points.push_back({PointId::parse("00000000-0000-4000-8000-000000000001"), vector, "{}"});
  UpsertPoints upsert;
  upsert.collection = "a";
  upsert.points = points;
  REQUIRE(bench(upsert).verdict.kind == Verdict::Kind::completed);
  std::vector<PointId> seen;
  ScrollPoints scroll;
  scroll.collection = "a";
  scroll.limit = 10;
  scroll.withPayload = scroll.withVector = true;
  do {
    const auto page = std::get<ScrollPage>(bench(scroll).answer);
    CHECK(page.points.size() <= 10);
    for (const auto& point : page.points) {
      seen.push_back(point.id);
      CHECK(point.vector.size() == 1);
      CHECK_FALSE(point.payload.empty());
    }
    scroll.from = page.next;
  } while (scroll.from);
  CHECK(seen.size() == 26);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

TEST_CASE("backend contract: sweeping removes old marks, and nothing else") {
  FOR_EVERY_BACKEND(bench);
  using namespace std::chrono_literals;
  bench(CreateCollection{collection("a", 1)});
  bench(SetAlias{"now", "a"});
  const std::vector<float> vector = {1};
  const std::string kept = R"("d":"x","code":"f();","usage_count":3,"copied":7,"_qbatch_counter_copied":true,"_qbatch_last":"A.1",)"
                           R"("_qbatch_store":"S.1","_qbatch_Y":)" +
                           flush(23h);
  // The second writer's mark is a day and four days old, on one point each.
  const std::vector<std::string> payloads = {"{" + kept + R"(,"_qbatch_A":)" + flush(25h) + R"(,"_qbatch_B":)" + flush(96h) + "}",
                                             "{" + kept + R"(,"_qbatch_B":)" + flush(25h) + "}", "{" + kept + "}", R"({"d":"y"})"};
  std::vector<PointView> points;
  for (const auto& payload : payloads) points.push_back({PointId(points.size() + 1), vector, payload});
  UpsertPoints upsert;
  upsert.collection = "a";
  upsert.points = points;
  upsert.existing = Existing::replace;
  REQUIRE(bench(upsert).verdict.kind == Verdict::Kind::completed);

  const auto sweep = [&](std::chrono::hours olderThan) {
    const auto reply = bench(SweepMarks{"now", olderThan});
    CHECK(reply.verdict.kind == Verdict::Kind::completed);
    CHECK_FALSE(reply.verdict.error);
    return std::get<std::size_t>(reply.answer);
  };
  CHECK(sweep(1000h) == 0);
  CHECK(sweep(48h) == 1);
  CHECK(sweep(24h) == 2);
  CHECK(sweep(24h) == 0);
  ScrollPoints scroll;
  scroll.collection = "a";
  scroll.withPayload = true;
  const auto page = std::get<ScrollPage>(bench(scroll).answer);
  REQUIRE(page.points.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) CHECK(codec::jsonEqual(page.points[i].payload, "{" + kept + "}"));
  CHECK(codec::jsonEqual(page.points[3].payload, payloads[3]));
}

TEST_CASE("backend contract: sweeping refuses what must not be swept, or is not there") {
  FOR_EVERY_BACKEND(bench);
  using namespace std::chrono_literals;
  bench(CreateCollection{collection("a", 1)});
  const std::vector<float> vector = {1};
  const std::string payload = R"({"_qbatch_last":"A.1","_qbatch_A":)" + flush(100h) + "}";
  const std::vector<PointView> points = {{PointId(1), vector, payload}};
  UpsertPoints upsert;
  upsert.collection = "a";
  upsert.points = points;
  REQUIRE(bench(upsert).verdict.kind == Verdict::Kind::completed);
  for (const auto young : {23h, 0h, -1h}) {
    const auto refused = bench(SweepMarks{"a", young});
    CHECK(refused.verdict.kind == Verdict::Kind::fatal);
    CHECK(refused.verdict.error.code() == Errc::invalidItem);
    CHECK(refused.verdict.error.origin() == Origin::caller);
  }
  const auto absent = bench(SweepMarks{"none"});
  CHECK(absent.verdict.kind == Verdict::Kind::fatal);
  CHECK(absent.verdict.error.code() == Errc::collectionNotFound);
  CHECK(std::get<std::size_t>(bench(SweepMarks{"a"}).answer) == 1);
}
