// When packing request bodies pays: 2,000 ready vectors of 384 floats, 100 a request, 4 connections, over links of several speeds, with and
// without ClientOptions::rest.gzipFrom, in interleaved rounds and each in a process of its own. The link is a server that reads no faster
// than that; it keeps nothing and does not unpack, so what unpacking costs a server is not in these times.
// usage: gzip_link [--sink] [ROUNDS]
#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iostream>
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

constexpr std::size_t points = 2000, perRequest = 100, connections = 4;

void store(bool packed, const std::string& url) {
  const auto patterns = bench::readyPatterns(points);
  qbatch::ClientOptions options;
  options.url = url;
  options.flow.maxInFlight = connections;
  options.flow.adaptive = false;
  options.rest.gzipFrom = packed ? 1024 : 0;
  qbatch::BatchClient client(options);
  bench::print(bench::measured([&] {
    const auto report = client.storePatterns(patterns, {.chunk = {perRequest}, .existing = qbatch::Existing::replace});
    if (!report.ok()) throw std::runtime_error("not all stored");
  }));
}

void compare(const std::string& program, double megabits, std::size_t rounds) {
  const bench::Sink sink(megabits * 1e6 / 8);
  std::vector<double> packed, plain, cost;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto one = bench::inOwnProcess(program, {"--packed", sink.url()}), other = bench::inOwnProcess(program, {"--plain", sink.url()});
    packed.push_back(one.seconds);
    plain.push_back(other.seconds);
    cost.push_back((one.cpuSeconds - other.cpuSeconds) * 1e6 / points);
  }
  const auto link = megabits > 0 ? fmt::format("{:g} Mbit/s", megabits) : std::string("as fast as the machine");
  bench::tell({"gzip", "packed, wall time, link: " + link, "not packed", "ratio", bench::ratioOf(packed, plain), {}, {}, ""});
  if (megabits <= 0) bench::tell({"gzip", "client CPU that packing adds", "", "us/point", bench::spreadOf(cost), {}, {}, ""});
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  try {
    if (words.size() == 3 && words[1] != "--sink") {
      store(words[1] == "--packed", words[2]);
      return 0;
    }
    const auto rounds =
        words.size() > 1 && words.back() != "--sink" ? std::strtoul(words.back().c_str(), nullptr, 10) : bench::roundsOr(11);
    for (const double megabits : {20.0, 100.0, 300.0, 1000.0, 0.0}) compare(words[0], megabits, rounds);
  } catch (const std::exception& error) {
    std::cerr << "gzip_link: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
