#include "support/own_process.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "support/figures.hpp"

namespace bench {
namespace {

double peakMegabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

Run measured(const std::function<void()>& work) {
  const auto cpu = cpuSeconds(), peak = peakMegabytes();
  const auto began = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
  return {spent.count(), cpuSeconds() - cpu, peakMegabytes() - peak};
}

void print(const Run& run) { std::printf("%.9f %.9f %.3f\n", run.seconds, run.cpuSeconds, run.peakMegabytes); }

Run inOwnProcess(const std::string& program, const std::vector<std::string>& arguments) {
  std::string command = "'" + program + "'";
  for (const auto& argument : arguments) command += " '" + argument + "'";
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  Run run;
  const bool read = pipe && std::fscanf(pipe, "%lf %lf %lf", &run.seconds, &run.cpuSeconds, &run.peakMegabytes) == 3;
  if (!pipe || ::pclose(pipe) != 0 || !read) throw std::runtime_error("this failed: " + command);
  return run;
}

std::size_t roundsOr(std::size_t usual) {
  const char* const wanted = std::getenv("QBATCH_BENCH_ROUNDS");
  return wanted ? std::max<std::size_t>(1, std::strtoul(wanted, nullptr, 10)) : usual;
}

}  // namespace bench
