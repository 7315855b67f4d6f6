#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// What one run took, measured by the process that made it.
struct Run {
  double seconds{}, cpuSeconds{}, peakMegabytes{};
};

/// Wall and CPU time of `work`, and by how much the process's memory at its peak grew.
[[nodiscard]] Run measured(const std::function<void()>& work);
/// One line, as inOwnProcess reads it.
void print(const Run& run);
/// Starts `program` with `arguments` and reads the line that it prints: so CPU and memory are those of this run alone. Throws
/// std::runtime_error where it fails.
[[nodiscard]] Run inOwnProcess(const std::string& program, const std::vector<std::string>& arguments);

/// How many rounds: what the environment's QBATCH_BENCH_ROUNDS says, else `usual`.
[[nodiscard]] std::size_t roundsOr(std::size_t usual);

}  // namespace bench
