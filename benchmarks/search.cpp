// What queries cost the client: 1,000 ready vectors of 384 floats, 100 a request, limit 5 with payload, 4 connections. Each round in a
// process of its own. URL is a Qdrant server without TLS and key on this machine, into which 20,000 points are stored first; --sink takes a
// server of its own that answers recorded hits at once.
// usage: search URL|--sink [ROUNDS]
#include <cstddef>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "qbatch/qbatch.hpp"
#include "support/figures.hpp"
#include "support/own_process.hpp"
#include "support/sink.hpp"
#include "support/workload.hpp"

namespace {

constexpr std::size_t points = 20000, queries = 1000, perRequest = 100, connections = 4;
const std::string collection = "qbatch_search_benchmark";

qbatch::ClientOptions optionsFor(const std::string& url) {
  qbatch::ClientOptions options;
  options.url = url;
  options.collection = collection;
  options.flow.maxInFlight = connections;
  options.flow.adaptive = false;
  return options;
}

void search(qbatch::BatchClient& client, const std::vector<qbatch::Query>& wanted) {
  const auto report = client.searchPatterns(wanted, {.chunk = {perRequest}, .limit = 5});
  if (!report.ok()) throw std::runtime_error("not all answered: " + report.failures().front().error.message());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (report.hits(i).size() != 5) throw std::runtime_error("hits are missing");
}

bench::Run searchOnce(const std::string& url) {
  const auto wanted = bench::readyQueries(queries);
  qbatch::BatchClient client(optionsFor(url));
  search(client, bench::readyQueries(perRequest));  // the collection has been looked at, the connections stand
  return bench::measured([&] { search(client, wanted); });
}

void fill(const std::string& url) {
  auto options = optionsFor(url);
  bench::renewCollection(*qbatch::makeRestBackend(options), collection);
  auto patterns = bench::readyPatterns(points);
  for (auto& pattern : patterns) {
    pattern.code = "for (std::string line; std::getline(in, line);) {\n  if (line.empty()) continue;\n  use(line);\n}\n";
    pattern.language = "cpp";
    pattern.metadata.set("source",
                         "an example of a few hundred bytes, as patterns have them: " + pattern.code + pattern.code + pattern.code);
  }
  qbatch::BatchClient client(options);
  const auto report = client.storePatterns(patterns, {.existing = qbatch::Existing::replace});
  if (!report.ok()) throw std::runtime_error("not all stored");
}

void compare(const std::string& program, const std::string& url, const std::string& group, std::size_t rounds) {
  std::vector<double> seconds, cpu;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto run = bench::inOwnProcess(program, {"--once", url});
    seconds.push_back(run.seconds * 1e3 / queries);
    cpu.push_back(run.cpuSeconds * 1e3 / queries);
  }
  bench::tell({group, "client CPU", "", "ms/query", bench::spreadOf(cpu), 0.03, {}, "Python's client: see peers"});
  bench::tell({group, "wall time", "", "ms/query", bench::spreadOf(seconds), {}, {}, ""});
}

void run(const std::string& program, const std::string& target, std::size_t rounds) {
  std::printf("%zu queries of %zu floats, %zu a request, limit 5 with payload, %zu connections\n", queries, bench::dimension, perRequest,
              connections);
  std::fflush(stdout);
  if (target == "--sink") {
    const bench::Sink sink;
    return compare(program, sink.url(), "search against a sink", rounds);
  }
  fill(target);
  compare(program, target, "search", rounds);
  static_cast<void>(bench::ask(*qbatch::makeRestBackend(optionsFor(target)), qbatch::DropCollection{collection}));
}

}  // namespace

int main(int argc, char** argv) {
  const auto once = [](const std::vector<std::string>& words) { return searchOnce(words[2]); };
  return bench::mainOfComparing({"search", run, "--once", 1, once}, argc, argv);
}
