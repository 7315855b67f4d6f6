#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"
#include "support/scratch_folder.hpp"
#include "support/seed.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::uint64_t writers = 4, pointsOfBatch = 20, batchesOfRun = 100000;
constexpr std::size_t dimension = 64;

// Batch b of writer w holds the points (w, b, 0…): content follows from the id alone, so that every stored point can be checked.
std::uint64_t idOf(std::uint64_t writer, std::uint64_t batch, std::uint64_t point) {
  return (writer * batchesOfRun * 100 + batch) * pointsOfBatch + point;
}
std::vector<float> vectorOf(std::uint64_t id) {
  std::vector<float> vector(dimension);
  for (std::size_t i = 0; i < dimension; ++i) vector[i] = static_cast<float>((id * 31 + i * 7) % 1000);
  return vector;
}
std::string payloadOf(std::uint64_t id) { return "{\"id\":" + std::to_string(id) + ",\"text\":\"" + std::string(id % 3000, 'x') + "\"}"; }

std::vector<OwnedPoints::Point> batchOf(std::uint64_t writer, std::uint64_t batch) {
  std::vector<OwnedPoints::Point> points;
  for (std::uint64_t i = 0; i < pointsOfBatch; ++i) {
    const auto id = idOf(writer, batch, i);
    points.push_back({id, vectorOf(id), payloadOf(id)});
  }
  return points;
}

std::uint64_t numberFrom(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
}

/// Checks every point of a store and returns its batches: (writer, batch). Each batch must be there whole.
std::set<std::pair<std::uint64_t, std::uint64_t>> wholeBatches(Backend& backend) {
  std::map<std::uint64_t, std::size_t> sizes;
  for (const auto& point : everything(backend, "c")) {
    const auto id = point.id.number();
    CHECK(point.payload == payloadOf(id));
    CHECK(point.vector == vectorOf(id));
    ++sizes[id / pointsOfBatch];
  }
  std::set<std::pair<std::uint64_t, std::uint64_t>> batches;
  for (const auto& [batch, size] : sizes) {
    CHECK(size == pointsOfBatch);
    batches.emplace(batch / (batchesOfRun * 100), batch % (batchesOfRun * 100));
  }
  return batches;
}

}  // namespace

// Runs in a process of its own, for the test below.
TEST_CASE("child: four writers store until they are killed", "[.]") {
  const char* file = std::getenv("QBATCH_CHILD_FILE");
  if (file == nullptr) return;
  const auto backend = makeLocalBackend(file);
  createCollection(*backend, "c", dimension, Distance::dot);
  const auto first = numberFrom("QBATCH_CHILD_FIRST") * batchesOfRun;
  childReport("open");
  std::vector<std::thread> threads;
  for (std::uint64_t writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (std::uint64_t batch = first; batch < first + batchesOfRun; ++batch) {
        if (store(*backend, "c", batchOf(writer, batch)).verdict.kind != Verdict::Kind::completed) childReport("failed");
        childReport(std::to_string(writer) + " " + std::to_string(batch));
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_CASE("kill -9 at random instants: everything confirmed is there, and no batch is torn") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  const std::size_t kills = std::min<std::size_t>(campaignSize(5), 100);
  ScratchFolder folder;
  std::set<std::pair<std::uint64_t, std::uint64_t>> confirmed;
  std::size_t unconfirmed = 0;
  for (std::size_t kill = 0; kill < kills; ++kill) {
    CAPTURE(kill);
    // A fresh file now and then, so that creating one is interrupted, too, and files stay small.
    const std::string file = (folder.path() / ("store" + std::to_string(kill / 6) + ".db")).string();
    if (kill % 6 == 0) confirmed.clear();
    ChildProcess child("child: four writers store until they are killed",
                       {"QBATCH_CHILD_FILE=" + file, "QBATCH_CHILD_FIRST=" + std::to_string(kill % 6)});
    std::string line;
    if (kill % 6 != 0 || random.chance(50)) REQUIRE(child.readLine(line));
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(150000)));
    child.killHard();
    while (child.readLine(line)) {
      if (line == "open") continue;
      REQUIRE(line != "failed");
      std::istringstream words(line);
      std::uint64_t writer = 0, batch = 0;
      words >> writer >> batch;
      confirmed.emplace(writer, batch);
    }
    const auto backend = makeLocalBackend(file);
    if (!ask<std::optional<CollectionInfo>>(*backend, DescribeCollection{"c", ""})) {
      CHECK(confirmed.empty());
      continue;
    }
    const auto found = wholeBatches(*backend);
    CHECK(std::includes(found.begin(), found.end(), confirmed.begin(), confirmed.end()));
    unconfirmed += found.size() - confirmed.size();
    confirmed = found;  // what is there after opening must stay there
  }
  INFO("batches that were stored but not yet confirmed when the process was killed: " << unconfirmed);
  SUCCEED();
}

TEST_CASE("kill -9 while a store is being made: it can be opened whatever there is of it") {
  const auto seed = qbatch::test::seed();
  CAPTURE(seed);
  Random random(seed);
  for (std::size_t kill = 0; kill < campaignSize(15); ++kill) {
    CAPTURE(kill);
    ScratchFolder folder;
    const std::string file = (folder.path() / "store.db").string();
    ChildProcess child("child: four writers store until they are killed", {"QBATCH_CHILD_FILE=" + file});
    // The owner file is the first thing that is made.
    while (!std::filesystem::exists(file + "-owner")) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(8000)));
    child.killHard();
    const auto backend = makeLocalBackend(file);
    if (ask<std::optional<CollectionInfo>>(*backend, DescribeCollection{"c", ""})) wholeBatches(*backend);
    createCollection(*backend, "c", dimension, Distance::dot);
  }
}
