#include "support/own_process.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
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

int mainOfComparing(const ComparingProgram& program, int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  const bool one = words.size() == 2 + program.arguments && words[1] == program.mark;
  if (!one && words.size() != 2 && words.size() != 3) {
    std::fprintf(stderr, "usage: %s URL|--sink [ROUNDS]\n", program.name);
    return 2;
  }
  return mainOf(program.name, [&] {
    if (one) return print(program.once(words));
    program.compare(words[0], words[1], words.size() == 3 ? std::strtoul(words[2].c_str(), nullptr, 10) : roundsOr(11));
  });
}

}  // namespace bench
