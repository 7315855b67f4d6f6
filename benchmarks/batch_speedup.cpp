// How much faster a batch is than one call for each item, with an embedder that takes its time, as remote ones do: 100 ms a pattern, 60 ms
// a query, over a pool of 32 threads and the embedded engine. Prints the table beside the documented one and beside the bound that the pool
// sets.
//
// usage: batch_speedup [ROUNDS]     (3 by default; medians are printed)
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/qbatch.hpp"

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t threads = 32;
constexpr int oneByOneItems = 5;  // a single call's time does not depend on how many follow, so a few are enough

double seconds(const std::function<void()>& work) {
  const auto began = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

qbatch::BatchClient slowClient(std::chrono::milliseconds each) {
  qbatch::ClientOptions options;
  options.backend = qbatch::makeLocalBackend(":memory:");
  options.threads = threads;
  options.embedder = qbatch::makeFunctionEmbedder(64, [each](std::string_view text) {
    std::this_thread::sleep_for(each);
    std::vector<float> vector(64, 0.1f);
    vector[text.size() % 64] = 1.0f;
    return vector;
  });
  return qbatch::BatchClient(std::move(options));
}

std::vector<qbatch::Pattern> patternsOf(std::size_t count, int round) {
  std::vector<qbatch::Pattern> patterns(count);
  for (std::size_t i = 0; i < count; ++i) patterns[i].description = fmt::format("pattern {} of round {} of {}", i, round, count);
  return patterns;
}

void require(bool good) {
  if (good) return;
  fmt::print(stderr, "a call failed; no figures\n");
  std::exit(1);
}

struct Row {
  std::size_t items;
  double documented;
  double wanted;
};

using Call = std::function<void(std::size_t items, int round)>;

void table(const char* what, std::chrono::milliseconds each, const std::vector<Row>& rows, int rounds, const Call& batch,
           const Call& single) {
  fmt::print("\n{} ({} ms an embedding, {} threads), medians of {} rounds\n", what, each.count(), threads, rounds);
  fmt::print("{:>6} {:>14} {:>10} {:>9} {:>11} {:>10} {:>8}\n", "items", "one by one, s", "batch, s", "speedup", "documented", "pool bound",
             "wanted");
  for (const auto& row : rows) {
    std::vector<double> ratios, batches, singles;
    for (int round = 0; round < rounds; ++round) {
      const auto together = seconds([&] { batch(row.items, round); });
      const auto apart = seconds([&] {
                           for (int i = 0; i < oneByOneItems; ++i) single(1, 1000 * round + i);
                         }) /
                         oneByOneItems * static_cast<double>(row.items);
      batches.push_back(together);
      singles.push_back(apart);
      ratios.push_back(apart / together);
    }
    const auto bound = static_cast<double>(row.items) / static_cast<double>((row.items + threads - 1) / threads);
    const auto reached = median(ratios);
    fmt::print("{:>6} {:>14.2f} {:>10.3f} {:>8.1f}x {:>10.2f}x {:>9.1f}x {:>7.0f}x {}\n", row.items, median(singles), median(batches),
               reached, row.documented, bound, row.wanted, reached >= row.wanted ? "reached" : "missed");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 3;
  fmt::print("One by one is measured over {} calls and scaled to the number of items.\n", oneByOneItems);

  auto storing = slowClient(std::chrono::milliseconds(100));
  const Call store = [&](std::size_t items, int round) { require(storing.storePatterns(patternsOf(items, round)).ok()); };
  table("store", std::chrono::milliseconds(100), {{10, 5, 8}, {50, 10, 22}, {100, 12.5, 22}, {500, 16.7, 28}}, rounds, store, store);

  auto searching = slowClient(std::chrono::milliseconds(60));
  require(searching.storePatterns(patternsOf(1000, 0)).ok());
  const Call search = [&](std::size_t items, int round) {
    std::vector<std::string> queries(items);
    for (std::size_t i = 0; i < items; ++i) queries[i] = fmt::format("query {} of round {}", i, round);
    require(searching.searchPatterns(queries, {.limit = 5}).ok());
  };
  table("search", std::chrono::milliseconds(60), {{5, 3.75, 4}, {10, 6, 8}, {50, 10, 22}}, rounds, search, search);
}
