// How far embedding on the pool keeps up with the processors: an embedder that only computes, about 1 ms a text, with 1 thread and with one
// a processor, through storePatterns and a backend that does nothing. What is busy beside it disturbs the wall time, so the same work on
// plain threads is measured beside each, and the processors' time that was not the embedder's is told, too.
//
// usage: embedding_scaling     (11 rounds, or QBATCH_BENCH_ROUNDS)
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "qbatch/qbatch.hpp"
#include "support/figures.hpp"
#include "support/null_backend.hpp"
#include "support/rounds.hpp"

namespace {

constexpr std::size_t items = 500, dimension = 8;

double threadCpu() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Work that takes the same number of steps for every text, and what it has taken over all threads.
class Burner {
 public:
  Burner() {
    // As many steps as make a millisecond: the least of several tries, as nothing disturbs that one.
    double least = 1;
    for (int i = 0; i < 20; ++i) {
      const auto began = threadCpu();
      kept_ = hash("to be timed", trial);
      least = std::min(least, threadCpu() - began);
    }
    steps_ = static_cast<std::size_t>(1e-3 / least * static_cast<double>(trial));
  }

  std::vector<float> embed(std::string_view text) {
    const auto began = threadCpu();
    const auto value = hash(text, steps_);
    nanoseconds_ += static_cast<std::uint64_t>((threadCpu() - began) * 1e9);
    std::vector<float> vector(dimension, 0.1f);
    vector[value % dimension] = 1.0f;
    return vector;
  }

  /// Since the last call.
  double takeSeconds() { return static_cast<double>(nanoseconds_.exchange(0)) * 1e-9; }

 private:
  static constexpr std::size_t trial = 100'000;

  static std::uint64_t hash(std::string_view text, std::size_t steps) {
    std::uint64_t value = 0xCBF29CE484222325u;
    for (std::size_t step = 0; step < steps; ++step)
      value = (value ^ static_cast<unsigned char>(text[step % text.size()])) * 0x100000001B3u;
    return value;
  }

  std::size_t steps_ = trial;
  std::atomic<std::uint64_t> nanoseconds_{0};
  volatile std::uint64_t kept_ = 0;  // or the compiler would leave the trials out
};

std::vector<qbatch::Pattern> patterns() {
  std::vector<qbatch::Pattern> all(items);
  for (std::size_t i = 0; i < items; ++i) all[i].description = fmt::format("pattern {}", i);
  return all;
}

/// What threads can do at best here and now: each takes the next text when it is done with one.
double plainSeconds(Burner& burner, const std::vector<qbatch::Pattern>& all, std::size_t threads) {
  return bench::secondsOf([&] {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> pool;
    for (std::size_t i = 0; i < threads; ++i)
      pool.emplace_back([&] {
        for (auto item = next++; item < all.size(); item = next++) static_cast<void>(burner.embed(all[item].description));
      });
  });
}

struct Rounds {
  std::vector<double> wall, plain, overhead;
};

/// Items a second of `threads` threads, of what as many times one thread makes; times of the same work.
bench::Spread scaling(const std::vector<double>& one, std::vector<double> several, std::size_t threads) {
  for (auto& seconds : several) seconds *= static_cast<double>(threads);
  return bench::ratioOf(one, several);
}

void tellAll(const std::map<std::size_t, Rounds>& measured, std::size_t cores) {
  const auto load = bench::loadAverage();
  // The load that this program makes itself is part of the average.
  const auto note = load > static_cast<double>(cores) + 0.5 ? fmt::format("other work on the machine: load average {:.1f}", load) : "";
  for (const auto& [threads, round] : measured) {
    const auto tell = [&, n = threads](const char* of, const std::string& against, const char* unit, bench::Spread value,
                                       std::optional<double> atLeast) {
      bench::tell({"embedding_scaling", fmt::format("{}, {} at once", of, n), against, unit, value, {}, atLeast, note});
    };
    if (threads > 1) {
      const auto against = fmt::format("{} times one at once", threads);
      tell("items/s", against, "ratio", scaling(measured.at(1).wall, round.wall, threads), 0.95);
      tell("plain threads' items/s", against, "ratio", scaling(measured.at(1).plain, round.plain, threads), {});
    }
    tell("items/s", "plain threads", "ratio", bench::ratioOf(round.plain, round.wall), 0.95);
    tell("processors' time beside the embedder's", "", "%", bench::spreadOf(round.overhead), {});
  }
}

void run() {
  const auto rounds = bench::roundsOr(11);
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  fmt::print("{} processors, load average {:.1f}\n", cores, bench::loadAverage());

  const auto burner = std::make_shared<Burner>();
  const auto all = patterns();
  std::map<std::size_t, qbatch::BatchClient> clients;
  for (std::size_t threads = 1; threads <= cores; threads = threads < cores ? std::min(2 * threads, cores) : cores + 1) {
    qbatch::ClientOptions options;
    options.threads = threads;
    options.backend = std::make_shared<bench::NullBackend>(dimension);
    options.embedder = qbatch::makeFunctionEmbedder(dimension, [burner](std::string_view text) { return burner->embed(text); });
    clients.try_emplace(threads, std::move(options));
  }

  std::map<std::size_t, Rounds> measured;
  for (std::size_t round = 0; round < rounds; ++round)
    for (auto& [threads, client] : clients) {
      auto& into = measured[threads];
      into.plain.push_back(plainSeconds(*burner, all, threads));
      static_cast<void>(burner->takeSeconds());
      const auto cpuBefore = bench::cpuSeconds();
      into.wall.push_back(bench::secondsOf([&, &store = client] {
        if (!store.storePatterns(all).ok()) throw std::runtime_error("a call failed; no figures");
      }));
      const auto burnt = burner->takeSeconds();
      into.overhead.push_back((bench::cpuSeconds() - cpuBefore - burnt) / burnt * 100);
    }

  tellAll(measured, cores);
}

}  // namespace

int main() { return bench::mainOf("embedding_scaling", run); }
