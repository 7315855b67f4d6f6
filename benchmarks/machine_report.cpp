// What a million items without failures cost in the batch machine and its report, and in a whole client whose backend does nothing:
// processors' time and memory an item. The caller's own items, and the ids that a store's report keeps, are not counted.
//
// usage: machine_report     (11 rounds, or QBATCH_BENCH_ROUNDS)
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "batch/batch_machine.hpp"
#include "batch/index_map.hpp"
#include "batch/report_builder.hpp"
#include "qbatch/qbatch.hpp"
#include "support/counted_memory.hpp"
#include "support/figures.hpp"
#include "support/null_backend.hpp"
#include "support/rounds.hpp"

namespace {

using namespace qbatch;

constexpr std::size_t million = 1'000'000;
constexpr std::size_t dimension = 4;
constexpr std::size_t window = 8;  // FlowOptions::maxInFlight

/// Of one round, each an item.
struct Cost {
  double nanoseconds{}, kept{}, peak{};
};

// A call returns while threads of the client still let go of what it held.
void waitForThreads() {
  for (std::size_t before = 0, now = 1; before != now;) {
    before = bench::memory().live;
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    now = bench::memory().live;
  }
}

/// `work` returns what is to be kept, which lives while the memory is counted. `apart` bytes of it are not.
template <class Work>
Cost costOf(std::size_t apart, Work&& work) {
  waitForThreads();
  const auto before = bench::memory().live;
  bench::restartPeak();
  const auto cpuBefore = bench::cpuSeconds();
  const auto kept = work();
  waitForThreads();
  const auto seconds = bench::cpuSeconds() - cpuBefore;
  const auto after = bench::memory();
  const auto perItem = [](std::size_t bytes, std::size_t without) {
    return (static_cast<double>(bytes) - static_cast<double>(without)) / static_cast<double>(million);
  };
  return {seconds * 1e9 / static_cast<double>(million), perItem(after.live, before + apart), perItem(after.peak, before + apart)};
}

// Machine, positions and report as run/batch_run drives them, with every request carried out at once when the window is full.
std::shared_ptr<ReportData> drive(std::size_t chunkItems) {
  batch::ReportBuilder report(million);
  batch::IndexMap positions;
  std::map<std::size_t, std::size_t> chunks;  // first position to items not settled
  batch::MachineOptions options;
  options.maxInFlight = window;
  options.readBack = options.followAccepted = true;
  batch::BatchMachine machine(options, [&](const batch::Settlement& settlement) {
    const auto& [range, outcome, error, attempts, superseded] = settlement;
    const auto first = positions[range.first];
    if (positions[range.last - 1] - first != range.size() - 1) throw std::logic_error("positions that are not in order");
    report.settle(first, first + range.size(), outcome, error, attempts);
    const auto chunk = std::prev(chunks.upper_bound(range.first));
    chunk->second -= range.size();
    if (chunk->second == 0) chunks.erase(chunk);
  });

  const Verdict completed;
  std::vector<std::uint64_t> sent;
  std::size_t planned = 0;
  for (;;) {
    for (; planned < million && machine.waiting() < window; planned += chunkItems) {
      const auto count = std::min(chunkItems, million - planned);
      positions.append(planned, count);
      chunks.emplace(planned, count);
      machine.add(count);
      if (planned + count == million) machine.close();
    }
    const auto action = machine.next(batch::Clock::now());
    if (const auto* send = std::get_if<batch::BatchMachine::Send>(&action)) {
      sent.push_back(send->id);
    } else if (std::holds_alternative<batch::BatchMachine::Done>(action)) {
      return report.finish();
    } else {
      for (const auto id : sent) machine.settled(id, completed, batch::Clock::now());
      sent.clear();
    }
  }
}

void tellCosts(const std::string& what, const std::vector<Cost>& rounds, bool wanted) {
  std::vector<double> times, kept, peaks;
  for (const auto& round : rounds) {
    times.push_back(round.nanoseconds);
    kept.push_back(round.kept);
    peaks.push_back(round.peak);
  }
  const auto tell = [&](const char* suffix, const char* unit, std::vector<double> values, double atMost) {
    bench::Figure figure{"machine_report", what + suffix, "", unit, bench::spreadOf(std::move(values))};
    if (wanted) figure.atMost = atMost;
    bench::tell(figure);
  };
  tell(": processors' time", "ns/item", std::move(times), 100);
  tell(": kept by the report", "bytes/item", std::move(kept), 4);
  tell(": most while it runs", "bytes/item", std::move(peaks), 4);
}

template <class Report>
Report good(Report report) {
  if (!report.ok()) throw std::runtime_error("a call failed; no figures");
  return report;
}

std::vector<Pattern> patterns(bool withIds) {
  std::vector<Pattern> all(million);
  for (std::size_t i = 0; i < million; ++i) {
    if (withIds)
      all[i].id = PointId(i);
    else
      all[i].description = fmt::format("pattern {}", i);
    all[i].vector.assign(dimension, 0.5f);
  }
  return all;
}

std::vector<MetricUpdate> updates() {
  std::vector<MetricUpdate> all(million);
  for (std::size_t i = 0; i < million; ++i) {
    all[i].id = PointId(i);
    all[i].incrementUsage = 1;
  }
  return all;
}

template <class Work>
std::vector<Cost> measured(std::size_t rounds, std::size_t apart, Work&& work) {
  std::vector<Cost> costs;
  for (std::size_t round = 0; round < rounds; ++round) costs.push_back(costOf(apart, work));
  return costs;
}

void run() {
  const auto rounds = bench::roundsOr(11);
  fmt::print("{} items, load average {:.1f}\n", million, bench::loadAverage());
  for (const std::size_t chunkItems : {100u, 1000u})
    tellCosts(fmt::format("machine and report, chunks of {}", chunkItems), measured(rounds, 0, [&] { return drive(chunkItems); }), true);

  ClientOptions options;
  options.backend = std::make_shared<bench::NullBackend>(dimension);
  BatchClient client(std::move(options));
  constexpr auto ids = million * sizeof(PointId);
  for (const bool withIds : {true, false}) {
    const auto all = patterns(withIds);
    tellCosts(withIds ? "whole store, ids given" : "whole store, ids from the texts",
              measured(rounds, ids, [&] { return good(client.storePatterns(all)); }), false);
  }
  const auto all = updates();
  tellCosts("whole update", measured(rounds, 0, [&] { return good(client.updateMetrics(all)); }), false);
}

}  // namespace

int main() { return bench::mainOf("machine_report", run); }
