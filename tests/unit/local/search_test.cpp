#include "local/search.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "local/distance.hpp"
#include "local/refusal.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {

VectorLayout layoutOf(std::size_t dimension, Distance distance) { return {{{"", dimension, distance}}, {}}; }
Distance distanceOf(const Collection& points) { return points.layout().dense.front().distance; }

struct Found {
  PointId id{0};
  float score{};
};

/// By sorting all points, with the plain kernel.
std::vector<Found> bruteForce(const Collection& points, const FilterTree& filter, const SearchTask& task, const std::vector<float>& query) {
  std::vector<Found> all;
  PayloadReader reader;
  const bool larger = largerIsBetter(distanceOf(points));
  for (std::size_t row = 0; row < points.rows(); ++row) {
    if (!points.live(row) || !filter.passes(points.id(row), points.payload(row), reader)) continue;
    const float score =
        scoreOf(distanceOf(points), plainKernelFor(distanceOf(points))(points.dense(row, 0).data(), query.data(), query.size()));
    if (task.minScore && (larger ? score < *task.minScore : score > *task.minScore)) continue;
    all.push_back({points.id(row), score});
  }
  std::sort(all.begin(), all.end(), [&](const Found& a, const Found& b) {
    return a.score != b.score ? (larger ? a.score > b.score : a.score < b.score) : a.id < b.id;
  });
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(task.offset, all.size())));
  if (all.size() > task.limit) all.resize(task.limit);
  return all;
}

void checkAgainstBruteForce(const Collection& points, const FilterTree& filter, const SearchTask& task) {
  const auto answers = search(points, filter, task, Interrupt());
  REQUIRE(answers.size() == task.queries.size());
  for (std::size_t query = 0; query < answers.size(); ++query) {
    const auto wanted = bruteForce(points, filter, task, task.queries[query]);
    CAPTURE(query, task.limit, task.offset, task.threads);
    REQUIRE(answers[query].size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      CHECK(points.id(answers[query][i].row) == wanted[i].id);
      CHECK(answers[query][i].score == wanted[i].score);
    }
  }
}

/// Small whole numbers make every sum exact and many scores equal, so that fast and plain kernels must agree to the bit.
std::vector<float> wholeNumbers(std::mt19937_64& random, std::size_t dimension) {
  std::vector<float> vector(dimension);
  for (float& value : vector) value = static_cast<float>(static_cast<int>(random() % 7) - 3);
  return vector;
}

}  // namespace

TEST_CASE("search finds what sorting all points finds: ties, filters, offsets, thresholds, threads") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const FilterTree filters[] = {FilterTree(), FilterTree::parse(R"({"must":[{"key":"n","range":{"lt":5}}]})"),
                                FilterTree::parse(R"({"must":[{"has_id":[1,2,3,600,1700,99999]}]})"),
                                FilterTree::parse(R"({"must":[{"key":"n","match":{"value":77}}]})")};
  for (const Distance distance : {Distance::dot, Distance::euclid, Distance::manhattan}) {
    for (const std::size_t dimension : {1u, 4u, 37u}) {
      CAPTURE(toString(distance), dimension);
      Collection points(layoutOf(dimension, distance));
      for (std::uint64_t id = 0; id < 2000; ++id) {
        points.put((id * 7919) % 2000, 0, 0, PointVectors::ofOne(0, wholeNumbers(random, dimension)),
                   "{\"n\":" + std::to_string(random() % 10) + "}");
      }
      for (std::uint64_t id = 0; id < 2000; id += 3) points.erase(id);
      std::vector<std::vector<float>> queries;
      for (int i = 0; i < 5; ++i) queries.push_back(wholeNumbers(random, dimension));
      for (const FilterTree& filter : filters) {
        SearchTask task;
        task.queries = queries;
        task.limit = 1 + random() % 30;
        task.offset = random() % 3 == 0 ? random() % 40 : 0;
        if (random() % 2 == 0) task.minScore = static_cast<float>(random() % 20);
        task.threads = static_cast<unsigned>(random() % 4);
        checkAgainstBruteForce(points, filter, task);
      }
    }
  }
}

TEST_CASE("cosine scores of random vectors agree with double precision") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::normal_distribution<float> values;
  Collection points(layoutOf(100, Distance::cosine));
  const auto vector = [&] {
    std::vector<float> result(100);
    for (float& value : result) value = values(random);
    return prepared(Distance::cosine, result);
  };
  for (std::uint64_t id = 0; id < 500; ++id) points.put(id, 0, 0, PointVectors::ofOne(0, vector()), "{}");
  const std::vector<std::vector<float>> queries{vector()};
  SearchTask task;
  task.queries = queries;
  task.limit = 500;
  const auto hits = search(points, FilterTree(), task, Interrupt());
  REQUIRE(hits.front().size() == 500);
  for (std::size_t i = 0; i < 500; ++i) {
    double exact = 0;
    for (std::size_t k = 0; k < 100; ++k)
      exact += static_cast<double>(points.dense(hits.front()[i].row, 0)[k]) * static_cast<double>(queries[0][k]);
    CHECK(std::fabs(exact - static_cast<double>(hits.front()[i].score)) < 1e-6);
    if (i > 0) CHECK(hits.front()[i - 1].score >= hits.front()[i].score);
  }
}

TEST_CASE("limits and offsets beyond the points are no trouble") {
  Collection points(layoutOf(1, Distance::dot));
  for (std::uint64_t id = 0; id < 3; ++id) points.put(id, 0, 0, PointVectors::ofOne(0, std::vector<float>{static_cast<float>(id)}), "{}");
  const std::vector<std::vector<float>> queries{{1}};
  SearchTask task;
  task.queries = queries;
  task.limit = static_cast<std::size_t>(-1);
  CHECK(search(points, FilterTree(), task, Interrupt()).front().size() == 3);
  task.offset = 2;
  CHECK(search(points, FilterTree(), task, Interrupt()).front().size() == 1);
  task.offset = static_cast<std::size_t>(-1);
  CHECK(search(points, FilterTree(), task, Interrupt()).front().empty());
  CHECK(search(Collection(layoutOf(1, Distance::dot)), FilterTree(), task, Interrupt()).front().empty());
}

TEST_CASE("comparisons that overflow come last instead of disturbing the order") {
  Collection points(layoutOf(2, Distance::dot));
  points.put(1, 0, 0, PointVectors::ofOne(0, std::vector<float>{3e38F, 3e38F}), "{}");
  points.put(2, 0, 0, PointVectors::ofOne(0, std::vector<float>{1, 1}), "{}");
  const std::vector<std::vector<float>> queries{{3e38F, -3e38F}};
  SearchTask task;
  task.queries = queries;
  const auto hits = search(points, FilterTree(), task, Interrupt());
  REQUIRE(hits.front().size() == 2);
  CHECK(points.id(hits.front()[0].row) == PointId(2));
}

TEST_CASE("a search that is stopped ends as cancelled") {
  Collection points(layoutOf(1, Distance::dot));
  points.put(1, 0, 0, PointVectors::ofOne(0, std::vector<float>{1}), "{}");
  const std::vector<std::vector<float>> queries{{1}};
  SearchTask task;
  task.queries = queries;
  std::stop_source source;
  source.request_stop();
  CallLimits limits;
  limits.stop = source.get_token();
  try {
    static_cast<void>(search(points, FilterTree(), task, Interrupt(limits)));
    FAIL("it was not stopped");
  } catch (const Refusal& refusal) {
    CHECK(refusal.verdict().kind == Verdict::Kind::unavailable);
    CHECK(refusal.verdict().error.code() == make_error_code(Errc::cancelled));
    CHECK_FALSE(refusal.verdict().maybeApplied);
  }
}
