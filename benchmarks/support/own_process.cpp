#include "support/own_process.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <stdexcept>

#include "support/figures.hpp"
#include "support/rounds.hpp"

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
  const auto seconds = secondsOf(work);
  return {seconds, cpuSeconds() - cpu, peakMegabytes() - peak};
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

}  // namespace bench
