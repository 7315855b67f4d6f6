#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "qbatch/local.hpp"
#include "support/backend_calls.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/scratch_folder.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::uint64_t batchSize = 5;

/// Batch `number` of writer `writer`: its points all carry the same round, so that half a batch can be told from a whole one.
std::vector<OwnedPoints::Point> batchOf(std::uint64_t writer, std::uint64_t number, std::uint64_t round) {
  std::vector<OwnedPoints::Point> points;
  for (std::uint64_t i = 0; i < batchSize; ++i) {
    points.push_back(
        {writer * 1000000 + number * batchSize + i, {static_cast<float>(round), 1}, "{\"round\":" + std::to_string(round) + "}"});
  }
  return points;
}

}  // namespace

TEST_CASE("four writers and two readers: readers see whole batches, and in the end everything is there") {
  const ScratchFolder folder;
  const std::string file = GENERATE(as<std::string>(), ":memory:", "store.db");
  const auto open = [&] { return makeLocalBackend(file == ":memory:" ? file : (folder.path() / file).string()); };
  auto backend = open();
  createCollection(*backend, "c", 2, Distance::dot);
  constexpr std::uint64_t writers = 4, batches = 4;
  const std::uint64_t rounds = campaignSize(15);
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> torn{0}, failed{0}, pages{0};

  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&, r] {
      const std::vector<float> vector{1, 0};
      const std::vector<std::span<const float>> vectors{vector};
      while (!stop) {
        // One scroll and one query see one state, so all points of a batch in it have the same round.
        std::vector<StoredPoint> seen;
        if (r == 0) {
          ScrollPoints scroll;
          scroll.collection = "c";
          scroll.withPayload = true;
          seen = ask<ScrollPage>(*backend, scroll).points;
        } else {
          QueryPoints query;
          query.collection = "c";
          query.vectors = vectors;
          query.limit = 1000;
          seen = ask<std::vector<std::vector<StoredPoint>>>(*backend, query).front();
        }
        std::map<std::uint64_t, std::vector<std::string>> byBatch;
        for (const auto& point : seen) byBatch[point.id.number() / batchSize].push_back(point.payload);
        for (const auto& [batch, payloads] : byBatch) {
          if (payloads.size() != batchSize ||
              std::count(payloads.begin(), payloads.end(), payloads.front()) != static_cast<std::ptrdiff_t>(batchSize))
            ++torn;
        }
        ++pages;
      }
    });
  }
  std::vector<std::thread> threads;
  for (std::uint64_t writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        for (std::uint64_t number = 0; number < batches; ++number) {
          if (store(*backend, "c", batchOf(writer, number, round), Existing::replace).verdict.kind != Verdict::Kind::completed) ++failed;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  stop = true;
  for (auto& reader : readers) reader.join();
  CHECK(torn == 0);
  CHECK(failed == 0);
  CHECK(pages > 0);

  if (file != ":memory:") {
    backend.reset();
    backend = open();
  }
  const auto all = everything(*backend, "c");
  CHECK(all.size() == writers * batches * batchSize);
  for (const auto& point : all) CHECK(point.payload == "{\"round\":" + std::to_string(rounds - 1) + "}");
}

TEST_CASE("collections come and go under readers and writers") {
  const auto backend = makeLocalBackend(":memory:");
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> strange{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const Reply counted = call(*backend, CountPoints{"c", ""});
        const Reply stored = store(*backend, "c", {{1, {1}, "{}"}});
        for (const Reply* reply : {&counted, &stored}) {
          const bool missing = isError(*reply, Verdict::Kind::fatal, Errc::collectionNotFound);
          if (reply->verdict.kind != Verdict::Kind::completed && !missing) ++strange;
        }
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    createCollection(*backend, "c", 1);
    CHECK(ask<bool>(*backend, DropCollection{"c"}));
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(strange == 0);
}
