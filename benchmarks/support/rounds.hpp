#pragma once
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace bench {

/// How often each figure is measured: `usual`, or what QBATCH_BENCH_ROUNDS says.
inline std::size_t roundsOr(std::size_t usual) {
  const char* const wanted = std::getenv("QBATCH_BENCH_ROUNDS");
  const auto rounds = wanted ? std::strtoul(wanted, nullptr, 10) : 0;
  return rounds > 0 ? rounds : usual;
}

/// Wall time of `work()` in seconds.
template <class Work>
double secondsOf(Work&& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

/// Processes that run or want to, on average over the last minute; beside it, the figures of a busy machine can be read for what they are.
inline double loadAverage() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

/// A program's whole main: what `run()` throws is printed and makes it fail.
template <class Run>
int mainOf(const char* name, Run&& run) {
  try {
    run();
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace bench
