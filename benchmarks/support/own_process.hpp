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

/// The words of a program that is called as `NAME URL|--sink [ROUNDS]`, and by itself for one run in a process of its own.
struct ComparingProgram {
  const char* name;
  std::function<void(const std::string& program, const std::string& target, std::size_t rounds)> compare;
  std::string mark;         ///< "--way": the first word of one run
  std::size_t arguments{};  ///< words behind the mark
  std::function<Run(const std::vector<std::string>& words)> once;
};
/// Its whole main. What is thrown is printed and makes it fail.
[[nodiscard]] int mainOfComparing(const ComparingProgram& program, int argc, char** argv);

}  // namespace bench
