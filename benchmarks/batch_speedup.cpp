// How much faster a batch is than one call for each item, with an embedder that takes its time, as remote ones do, over a pool of 8 and of
// 32 threads and the embedded engine. The bound that the pool sets is items / ceil(items / threads); as a part of it, each row says what
// waiting for anything but the embedder costs. Beside them stand the documented tables, under their conditions: 32 at once, 100 ms a
// pattern, 60 ms a query.
//
// One by one is measured over five calls a round and scaled to the number of items: a single call's time does not depend on how many
// follow.
//
// usage: batch_speedup     (11 rounds, or QBATCH_BENCH_ROUNDS; a round takes 17 s)
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "qbatch/qbatch.hpp"
#include "support/figures.hpp"
#include "support/rounds.hpp"

namespace {

using std::chrono::milliseconds;
constexpr std::size_t dimension = 64;
constexpr int oneByOneCalls = 5;

enum class Verb { store, search };

struct Setting {
  Verb verb{};
  std::size_t threads{};
  milliseconds each{};                 // an embedding
  std::map<std::size_t, double> rows;  // number of items to the documented speedup, 0 where none is documented
  bool documented = false;             // these are the conditions of the documented table
};

void require(bool good) {
  if (!good) throw std::runtime_error("a call failed; no figures");
}

/// A client with its own engine, and the times of its calls.
class Measured {
 public:
  explicit Measured(Setting setting) : setting_(std::move(setting)), client_(optionsFor(setting_)) {
    if (setting_.verb == Verb::store) return;
    auto stored = patterns(1000);
    for (std::size_t i = 0; i < stored.size(); ++i) stored[i].vector = embedded(stored[i].description);
    require(client_.storePatterns(stored).ok());
  }

  void round() {
    const auto alone = bench::secondsOf([&] {
                         for (int i = 0; i < oneByOneCalls; ++i) call(1);
                       }) /
                       oneByOneCalls;
    for (const auto& [items, documented] : setting_.rows)
      speedups_[items].push_back(alone * static_cast<double>(items) / bench::secondsOf([&, n = items] { call(n); }));
  }

  void tell() const {
    for (const auto& [items, documented] : setting_.rows) {
      const auto what = fmt::format("{} of {}, {} ms an embedding, {} at once", setting_.verb == Verb::store ? "store" : "search", items,
                                    setting_.each.count(), setting_.threads);
      const auto& speedups = speedups_.at(items);
      const auto bound = static_cast<double>(items) / static_cast<double>((items + setting_.threads - 1) / setting_.threads);
      if (setting_.documented && documented > 0)
        bench::tell({"batch_speedup", what, "one by one, as documented", "x", bench::spreadOf(speedups), {}, documented, {}});
      bench::tell({"batch_speedup",
                   what,
                   fmt::format("the pool's bound of {:.3g}x", bound),
                   "ratio",
                   bench::ratioOf(speedups, std::vector(speedups.size(), bound)),
                   {},
                   0.9,
                   {}});
    }
  }

 private:
  static std::vector<float> embedded(std::string_view text) {
    std::vector<float> vector(dimension, 0.1f);
    vector[text.size() % dimension] = 1.0f;
    return vector;
  }

  static qbatch::ClientOptions optionsFor(const Setting& setting) {
    qbatch::ClientOptions options;
    options.backend = qbatch::makeLocalBackend(":memory:");
    options.threads = setting.threads;
    options.embedder = qbatch::makeFunctionEmbedder(dimension, [each = setting.each](std::string_view text) {
      std::this_thread::sleep_for(each);
      return embedded(text);
    });
    return options;
  }

  std::vector<qbatch::Pattern> patterns(std::size_t count) {
    std::vector<qbatch::Pattern> all(count);
    for (auto& pattern : all) pattern.description = fmt::format("pattern {}", made_++);
    return all;
  }

  void call(std::size_t items) {
    if (setting_.verb == Verb::store) {
      qbatch::StoreOptions options;
      options.chunk.maxItems = 128;
      return require(client_.storePatterns(patterns(items), options).ok());
    }
    std::vector<std::string> queries(items);
    for (auto& query : queries) query = fmt::format("query {}", made_++);
    require(client_.searchPatterns(queries, {.limit = 5}).ok());
  }

  const Setting setting_;
  qbatch::BatchClient client_;
  std::size_t made_ = 0;
  std::map<std::size_t, std::vector<double>> speedups_;
};

void run() {
  const std::map<std::size_t, double> stores{{5, 0}, {10, 5}, {50, 10}, {100, 12.5}, {500, 16.7}}, searches{{5, 3.75}, {10, 6}, {50, 10}};
  std::vector<std::unique_ptr<Measured>> all;
  for (const std::size_t threads : {8u, 32u})
    for (const milliseconds each : {milliseconds(10), milliseconds(100)}) {
      const bool documented = threads == 32 && each == milliseconds(100);
      all.push_back(std::make_unique<Measured>(Setting{Verb::store, threads, each, stores, documented}));
      all.push_back(std::make_unique<Measured>(Setting{Verb::search, threads, each, searches, false}));
    }
  all.push_back(std::make_unique<Measured>(Setting{Verb::search, 32, milliseconds(60), searches, true}));

  const auto rounds = bench::roundsOr(11);
  for (std::size_t round = 0; round < rounds; ++round)
    for (const auto& measured : all) measured->round();
  fmt::print("load average {:.1f}\n", bench::loadAverage());
  for (const auto& measured : all) measured->tell();
}

}  // namespace

int main() { return bench::mainOf("batch_speedup", run); }
