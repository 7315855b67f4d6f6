// How close an upload comes to the server's own speed, and what it costs the client: 20,000 ready vectors of 384 floats, 100 a request,
// 4 connections. The ways, in interleaved rounds and each in a process of its own: the same request bodies built beforehand and sent by
// plain sockets (the floor), storePatterns with Existing::replace (one request a chunk), storePatterns as it is by default (a look-up
// before each), importPatterns from a generator and from a JSONL file, with Existing::replace, and a plain program with std::to_chars and
// one curl handle a connection. URL is a Qdrant server without TLS and key on this machine; --sink takes a server of its own that keeps
// nothing, so that CPU is measured without another program's noise, and no wall times that would mean anything. usage: upload URL|--sink
// [ROUNDS]
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <future>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/url.hpp"
#include "qbatch/qbatch.hpp"
#include "support/figures.hpp"
#include "support/own_process.hpp"
#include "support/plain_upload.hpp"
#include "support/sink.hpp"
#include "support/sockets.hpp"
#include "support/workload.hpp"

namespace {

constexpr std::size_t points = 20000, perRequest = 100, connections = 4;
const std::string collection = "qbatch_upload_benchmark";
const std::vector<std::string> ways = {"replay", "replace", "default", "import", "jsonl", "plain"};

void replay(const std::vector<std::string>& requests, const std::string& address) {
  const auto port = static_cast<unsigned>(qbatch::http::parseUrl(address).port);
  std::atomic<std::size_t> next{0};
  std::vector<std::future<void>> threads;
  for (std::size_t i = 0; i < connections; ++i)
    threads.push_back(std::async(std::launch::async, [&] {
      const auto socket = bench::connectTo(port);
      bench::MessageReader answers(socket.get(), true);
      for (auto at = next++; at < requests.size(); at = next++) {
        bench::sendAll(socket.get(), requests[at]);
        if (!answers.next()) throw std::runtime_error("no answer");
        if (answers.body().find("\"completed\"") == std::string::npos) throw std::runtime_error("refused: " + answers.body());
      }
    }));
  for (auto& thread : threads) thread.get();
}

bench::Run import(const std::string& way, const std::vector<qbatch::Pattern>& patterns, qbatch::BatchClient& client) {
  const bench::PatternFile file(way == "jsonl" ? patterns : std::vector<qbatch::Pattern>());
  return bench::measured([&] {
    const auto source =
        way == "jsonl" ? qbatch::makeNdjsonSource(file.path()) : qbatch::makePatternSource(patterns.begin(), patterns.end());
    const auto report = client.importPatterns(*source, {.chunk = {perRequest}, .existing = qbatch::Existing::replace});
    if (!report.ok()) throw std::runtime_error("not all stored: " + report.stopped().message());
  });
}

bench::Run uploadOnce(const std::string& way, const std::string& address) {
  const auto patterns = bench::readyPatterns(points);
  qbatch::ClientOptions options;
  options.url = address;
  options.collection = collection;
  options.flow.maxInFlight = connections;
  options.flow.adaptive = false;
  const auto backend = qbatch::makeRestBackend(options);
  bench::renewCollection(*backend, collection);

  bench::Run run;
  if (way == "replay") {
    const auto requests = bench::upsertRequests(patterns, perRequest, address, collection);
    run = bench::measured([&] { replay(requests, address); });
  } else if (way == "plain") {
    run = bench::measured([&] { bench::plainUpload(patterns, perRequest, connections, address, collection); });
  } else if (way == "import" || way == "jsonl") {
    qbatch::BatchClient client(options);
    run = import(way, patterns, client);
  } else {
    const auto existing = way == "replace" ? qbatch::Existing::replace : qbatch::Existing::keepMetrics;
    qbatch::BatchClient client(options);
    run = bench::measured([&] {
      const auto report = client.storePatterns(patterns, {.chunk = {perRequest}, .existing = existing});
      if (!report.ok()) throw std::runtime_error("not all stored: " + report.failures().front().error.message());
    });
  }
  if (std::get<std::size_t>(bench::ask(*backend, qbatch::CountPoints{collection, ""})) != points)
    throw std::runtime_error("points are missing");
  static_cast<void>(bench::ask(*backend, qbatch::DropCollection{collection}));
  return run;
}

struct Rounds {
  std::map<std::string, std::vector<double>> seconds{}, microseconds{}, peak{};
};

Rounds measureAll(const std::string& program, const std::string& address, std::size_t rounds) {
  Rounds all;
  for (std::size_t round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const auto& way = ways[(i + round) % ways.size()];  // no way always has the same one before it
      const auto run = bench::inOwnProcess(program, {"--way", way, address});
      all.seconds[way].push_back(run.seconds);
      all.microseconds[way].push_back(run.cpuSeconds * 1e6 / points);
      all.peak[way].push_back(run.peakMegabytes);
    }
  return all;
}

void tellWall(const Rounds& rounds) {
  const auto& floor = rounds.seconds.at("replay");
  const auto ratio = [&](const char* way) { return bench::ratioOf(rounds.seconds.at(way), floor); };
  bench::tell({"upload", "bodies built beforehand, wall time", "", "s", bench::spreadOf(floor), {}, {}, ""});
  bench::tell({"upload", "replace, wall time", "bodies built beforehand", "ratio", ratio("replace"), 1.10, {}, ""});
  bench::tell({"upload", "default (looks up), wall time", "bodies built beforehand", "ratio", ratio("default"), {}, {}, ""});
  bench::tell({"upload", "import from a generator, wall time", "bodies built beforehand", "ratio", ratio("import"), 1.15, {}, ""});
  bench::tell({"upload", "import from JSONL, wall time", "bodies built beforehand", "ratio", ratio("jsonl"), 1.4, {}, ""});
  bench::tell({"upload", "plain program, wall time", "bodies built beforehand", "ratio", ratio("plain"), {}, {}, ""});
}

void tellCpu(const Rounds& rounds, const std::string& group) {
  const auto& cpu = rounds.microseconds;
  for (const auto* way : {"replay", "replace", "default", "import", "jsonl", "plain"})
    bench::tell({group, std::string(way) + ", client CPU", "", "us/point", bench::spreadOf(cpu.at(way)), {}, {}, ""});
  bench::tell({group,
               "replace, client CPU",
               "to_chars and curl handles",
               "ratio",
               bench::ratioOf(cpu.at("replace"), cpu.at("plain")),
               0.6,
               {},
               ""});
  for (const auto* way : {"replace", "default", "import", "jsonl"})
    bench::tell({group, std::string(way) + ", memory at its peak", "", "MiB", bench::spreadOf(rounds.peak.at(way)), {}, {}, ""});
}

void compare(const std::string& program, const std::string& target, std::size_t rounds) {
  std::printf("%zu points of %zu floats, %zu a request, %zu connections\n", points, bench::dimension, perRequest, connections);
  std::fflush(stdout);
  if (target == "--sink") {
    const bench::Sink sink;
    tellCpu(measureAll(program, sink.url(), rounds), "upload into a sink");
  } else {
    const auto all = measureAll(program, target, rounds);
    tellWall(all);
    tellCpu(all, "upload");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto once = [](const std::vector<std::string>& words) { return uploadOnce(words[2], words[3]); };
  return bench::mainOfComparing({"upload", compare, "--way", 2, once}, argc, argv);
}
