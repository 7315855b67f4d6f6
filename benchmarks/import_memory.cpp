// What an import holds: patterns with ready vectors of 384 floats from a generator into a server that keeps nothing (Sink) and takes 250 MB/s,
// so that, as with a real one, it is what the rest waits for. 100,000 and 1,000,000 of them in interleaved rounds, each in a process of its
// own, with the default budget of 256 MiB and with one of 16 MiB. Told is by how much the process's memory grew at its peak.
// usage: import_memory [ROUNDS]
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "qbatch/qbatch.hpp"
#include "support/figures.hpp"
#include "support/own_process.hpp"
#include "support/rounds.hpp"
#include "support/sink.hpp"
#include "support/workload.hpp"

namespace {

constexpr std::size_t few = 100'000, many = 1'000'000;
constexpr std::size_t budgets[] = {256, 16};  // MiB

bench::Run importOnce(std::size_t count, std::size_t mebibytes, const std::string& url) {
  const auto patterns = bench::readyPatterns(1000);
  qbatch::ClientOptions options;
  options.url = url;
  options.flow.maxBufferedBytes = mebibytes << 20;
  qbatch::BatchClient client(options);
  return bench::measured([&] {
    const auto generate = [&, next = std::size_t{0}]() mutable -> std::optional<qbatch::Pattern> {
      if (next == count) return std::nullopt;
      auto pattern = patterns[next % patterns.size()];
      pattern.id = qbatch::PointId(next++);
      return pattern;
    };
    const auto report = client.importPatterns(generate, {.existing = qbatch::Existing::replace});
    if (!report.ok() || report.size() != count) throw std::runtime_error("not all stored: " + report.stopped().message());
  });
}

void compare(const std::string& program, std::size_t rounds) {
  const bench::Sink sink(250e6);
  std::map<std::size_t, std::map<std::size_t, std::vector<double>>> peaks;
  for (std::size_t round = 0; round < rounds; ++round)
    for (const auto budget : budgets)
      for (const auto count : {few, many})
        peaks[budget][count].push_back(
            bench::inOwnProcess(program, {"--once", std::to_string(count), std::to_string(budget), sink.url()}).peakMegabytes);
  for (const auto budget : budgets) {
    const auto of = " patterns, budget " + std::to_string(budget) + " MiB";
    for (const auto count : {few, many})
      bench::tell({"import_memory",
                   std::to_string(count) + of + ": memory at its peak",
                   "",
                   "MiB",
                   bench::spreadOf(peaks[budget][count]),
                   // The constant: what sockets, parsers and the allocator hold beside what is budgeted.
                   static_cast<double>(budget) + 48,
                   {},
                   ""});
    bench::tell({"import_memory",
                 std::to_string(many) + of + ": memory at its peak",
                 std::to_string(few),
                 "ratio",
                 bench::ratioOf(peaks[budget][many], peaks[budget][few]),
                 1.05,
                 {},
                 ""});
  }
}

}  // namespace

int main(int argc, char** argv) {
  return bench::mainOf("import_memory", [&] {
    const std::vector<std::string> words(argv, argv + argc);
    if (words.size() == 5 && words[1] == "--once") return bench::print(importOnce(std::stoul(words[2]), std::stoul(words[3]), words[4]));
    compare(words[0], words.size() > 1 ? std::stoul(words[1]) : bench::roundsOr(3));
  });
}
