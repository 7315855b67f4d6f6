// What counting exactly costs, against what programs do that have no library, on one server in one run. Two tables:
//
// - 500 updates of 500 points whose counts are spread over 0 to 1000, with another time of last use each: one updateMetrics by a new client
//   (and its second and third call), against 500 single set_payload calls over one connection, with bodies built beforehand.
// - 8 writers add 1 to random ones of 50 points, one a call: updateMetrics by a client each, against reading the count and setting it one
//   higher over a connection each, which loses what others add in between.
//
// Medians of interleaved rounds on new collections, with the least and the greatest. The servers are a LocalServer over a file and one in
// memory, in processes of their own, or the one that the URL names. Operations are counted in further rounds through a proxy, which are not
// timed. usage: counting [--url URL] [ROUNDS]      (QDRANT_URL is taken, too; 7 rounds)
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "counting_figures.hpp"
#include "counting_server.hpp"
#include "support/plain_client.hpp"
#include "qbatch/qbatch.hpp"
#include "support/lossy_proxy.hpp"

namespace {

using bench::Figures, bench::Way;

constexpr std::size_t coldPoints = 500, sharedPoints = 50, writers = 8, incrementsOfWriter = 500;
constexpr std::size_t increments = writers * incrementsOfWriter;
const std::string collection = "qbatch_counting_benchmark", at = "/collections/" + collection;

double seconds(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::size_t countOf(std::size_t point) { return point * 1000 / (coldPoints - 1); }

/// "2025-…" for the point's update of the given number, later ones later.
std::string timeOf(std::size_t point, std::size_t number) {
  return fmt::format("2025-{:02}-01T{:02}:{:02}:{:02}Z", 1 + number, point / 3600, point / 60 % 60, point % 60);
}

/// A new collection whose points count from `first(point)` on; they were last used before all updates.
void fill(bench::PlainClient& client, std::size_t points, const std::function<std::size_t(std::size_t)>& first) {
  client.send("DELETE", at, "");
  client.send("PUT", at, R"({"vectors":{"size":1,"distance":"Dot"}})");
  std::string body = R"({"points":[)";
  for (std::size_t point = 0; point < points; ++point)
    body += fmt::format(R"({}{{"id":{},"vector":[1],"payload":{{"usage_count":{},"last_used":"{}"}}}})", point == 0 ? "" : ",", point,
                        first(point), timeOf(point, 0));
  client.send("PUT", at + "/points?wait=true", body + "]}");
}

std::int64_t sumOfCounts(bench::PlainClient& client) {
  std::int64_t sum = 0;
  for (const auto point : client.json("POST", at + "/points/scroll", R"({"limit":10000,"with_payload":true})").at_pointer("/result/points"))
    sum += std::int64_t(point.at_pointer("/payload/usage_count"));
  return sum;
}

qbatch::ClientOptions optionsFor(const std::string& url) {
  qbatch::ClientOptions options;
  options.url = url;
  options.collection = collection;
  if (const char* key = std::getenv("QDRANT_API_KEY")) options.apiKey = key;
  return options;
}

void add(Figures& figures, const qbatch::UpdateReport& report) {
  if (!report.ok()) throw std::runtime_error("an update is not done: " + report.failures().front().error.message());
  figures.requests += report.stats().requests;
  figures.lostRounds += report.stats().lostRounds;
}

/// Three calls of one new client: the first includes making it.
std::vector<Figures> coldByLibrary(const std::string& url) {
  std::vector<Figures> calls;
  std::optional<qbatch::BatchClient> client;
  for (std::size_t call = 1; call <= 3; ++call) {
    std::vector<qbatch::MetricUpdate> updates(coldPoints);
    for (std::size_t point = 0; point < coldPoints; ++point) {
      updates[point].id = qbatch::PointId(point);
      updates[point].incrementUsage = 1;
      updates[point].lastUsed = timeOf(point, call);
    }
    auto& figures = calls.emplace_back();
    std::optional<qbatch::UpdateReport> report;
    figures.seconds = seconds([&] {
      if (!client) client.emplace(optionsFor(url));
      report = client->updateMetrics(updates);
    });
    add(figures, *report);
  }
  return calls;
}

Figures coldBySingles(const std::string& url) {
  std::vector<std::string> bodies;
  for (std::size_t point = 0; point < coldPoints; ++point)
    bodies.push_back(
        fmt::format(R"({{"payload":{{"usage_count":{},"last_used":"{}"}},"points":[{}]}})", countOf(point) + 1, timeOf(point, 1), point));
  Figures figures{.requests = coldPoints};
  const auto path = at + "/points/payload?wait=true";
  figures.seconds = seconds([&] {
    bench::PlainClient client(url);
    for (const auto& body : bodies) client.send("POST", path, body);
  });
  return figures;
}

/// Has each writer's `work` called on a thread of its own, all from one instant on; the same points from the same seed.
template <class Work>
double race(std::size_t seed, Work work) {
  std::barrier start(static_cast<std::ptrdiff_t>(writers) + 1);
  std::vector<std::future<void>> threads;
  for (std::size_t writer = 0; writer < writers; ++writer)
    threads.push_back(std::async(std::launch::async, [&, writer] {
      std::mt19937 random(static_cast<unsigned>(seed * writers + writer));
      std::vector<std::size_t> points(incrementsOfWriter);
      for (auto& point : points) point = random() % sharedPoints;
      start.arrive_and_wait();
      work(writer, points);
    }));
  return seconds([&] {
    start.arrive_and_wait();
    for (auto& thread : threads) thread.get();
  });
}

Figures contendedByLibrary(const std::string& url, std::size_t seed) {
  std::vector<std::unique_ptr<qbatch::BatchClient>> clients;
  for (std::size_t writer = 0; writer < writers; ++writer) clients.push_back(std::make_unique<qbatch::BatchClient>(optionsFor(url)));
  std::vector<Figures> each(writers);
  const auto spent = race(seed, [&](std::size_t writer, const std::vector<std::size_t>& points) {
    std::vector<qbatch::MetricUpdate> update(1);
    update[0].incrementUsage = 1;
    for (const auto point : points) {
      update[0].id = qbatch::PointId(point);
      add(each[writer], clients[writer]->updateMetrics(update));
    }
  });
  Figures figures{.seconds = spent};
  for (const auto& one : each) {
    figures.requests += one.requests;
    figures.lostRounds += one.lostRounds;
  }
  return figures;
}

Figures contendedByReadAndWrite(const std::string& url, std::size_t seed) {
  const auto spent = race(seed, [&](std::size_t, const std::vector<std::size_t>& points) {
    bench::PlainClient client(url);
    for (const auto point : points) {
      const auto found = client.json("POST", at + "/points", fmt::format(R"({{"ids":[{}],"with_payload":["usage_count"]}})", point));
      const auto count = std::int64_t(found.at_pointer("/result/0/payload/usage_count"));
      client.send("POST", at + "/points/payload?wait=true",
                  fmt::format(R"({{"payload":{{"usage_count":{}}},"points":[{}]}})", count + 1, point));
    }
  });
  return {.seconds = spent, .requests = 2 * increments};
}

/// How many payload operations `work` sends in batches to the URL that it is given.
std::size_t operationsOf(const std::string& url, const std::function<void(const std::string& url)>& work) {
  std::atomic<std::size_t> operations = 0;
  qbatch::test::LossyProxy::Options options;
  options.resetBefore = options.dropAnswer = 0;
  options.seen = [&](const qbatch::test::Exchange& exchange) {
    if (!exchange.path.ends_with("/points/batch")) return;
    simdjson::dom::parser parser;
    operations += simdjson::dom::array(parser.parse(exchange.body).at_pointer("/operations")).size();
  };
  const qbatch::test::LossyProxy proxy(url, options);
  work(proxy.url());
  return operations;
}

void compareCold(const std::string& url, std::size_t rounds) {
  bench::PlainClient plain(url);
  std::vector<Way> ways = {{"500 single set_payload calls"}, {"updateMetrics, a new client"}, {"its second call"}, {"its third call"}};
  const auto singles = [&] {
    fill(plain, coldPoints, countOf);
    ways[0].rounds.push_back(coldBySingles(url));
  };
  const auto library = [&] {
    fill(plain, coldPoints, countOf);
    const auto before = sumOfCounts(plain);
    const auto calls = coldByLibrary(url);
    for (std::size_t i = 0; i < calls.size(); ++i) ways[i + 1].rounds.push_back(calls[i]);
    if (sumOfCounts(plain) != before + static_cast<std::int64_t>(calls.size() * coldPoints)) throw std::runtime_error("wrong sums");
  };
  for (std::size_t round = 0; round < rounds; ++round) {
    if (round % 2 == 0) singles();
    library();
    if (round % 2 != 0) singles();
  }
  fill(plain, coldPoints, countOf);
  const auto operations = operationsOf(url, [](const std::string& proxied) { coldByLibrary(proxied); });
  for (std::size_t i = 1; i < ways.size(); ++i) ways[i].operations = static_cast<double>(operations) / 3 / coldPoints;

  fmt::print("{} updates of as many points, counts 0 to 1000, another time each\n", coldPoints);
  fmt::print("{:32}{:>26}{:>24}{:>14}{:>16}\n", "", "ms", "time to the first line", "requests/inc.", "operations/inc.");
  for (const auto& way : ways) {
    const bool single = &way == &ways.front();
    const auto perIncrement = [&](double count) { return count / static_cast<double>(coldPoints); };
    fmt::print("{:32}{:>26}{:>24}{:>14.3f}{:>16}\n", way.title,
               bench::text(way.over([](const auto& each) { return each.seconds * 1e3; }), "{:.1f}"),
               bench::text(way.to(ways.front()), "{:.2f}"),
               perIncrement(way.over([](const auto& each) { return double(each.requests); }).median),
               fmt::format("{:.3f}{}", way.operations, single ? "" : "*"));
  }
  fmt::print("* mean of the three calls\n\n");
}

void compareContended(const std::string& url, std::size_t rounds) {
  bench::PlainClient plain(url);
  const auto zero = [](std::size_t) { return std::size_t{0}; };
  std::vector<Way> ways = {{"read, set_payload of one more"}, {"updateMetrics, one a call"}};
  for (std::size_t round = 0; round < rounds; ++round)
    for (const std::size_t turn : {round % 2, (round + 1) % 2}) {
      fill(plain, sharedPoints, zero);
      auto figures = turn == 0 ? contendedByReadAndWrite(url, round) : contendedByLibrary(url, round);
      figures.missing = static_cast<std::int64_t>(increments) - sumOfCounts(plain);
      ways[turn].rounds.push_back(figures);
    }
  fill(plain, sharedPoints, zero);
  ways[1].operations =
      static_cast<double>(operationsOf(url, [](const std::string& proxied) { contendedByLibrary(proxied, 0); })) / increments;

  fmt::print("{} writers add 1 to random ones of {} points, {} increments, one a call\n", writers, sharedPoints, increments);
  fmt::print("{:32}{:>26}{:>24}{:>14}{:>16}{:>13}{:>20}\n", "", "increments/s", "rate to the first line", "requests/inc.",
             "operations/inc.", "rounds lost", "increments missing");
  for (const auto& way : ways) {
    const bool first = &way == &ways.front();
    const auto perIncrement = [&](double count) { return count / static_cast<double>(increments); };
    const auto ratio = ways.front().to(way);
    fmt::print("{:32}{:>26}{:>24}{:>14.3f}{:>16}{:>13}{:>20}\n", way.title,
               bench::text(way.over([](const auto& each) { return double(increments) / each.seconds; }), "{:.0f}"),
               bench::text(ratio, "{:.2f}"), perIncrement(way.over([](const auto& each) { return double(each.requests); }).median),
               fmt::format("{:.3f}", way.operations),
               first ? "" : fmt::format("{:.0f}", way.over([](const auto& each) { return double(each.lostRounds); }).median),
               bench::text(way.over([](const auto& each) { return double(each.missing); }), "{:.0f}"));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if (words.size() == 2 && words[0] == "--serve") return bench::ServerProcess::serve(words[1]);
    ::curl_global_init(CURL_GLOBAL_DEFAULT);
    const char* known = std::getenv("QDRANT_URL");
    std::string url = known != nullptr ? known : "";
    std::size_t rounds = 7;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == "--url" && i + 1 < words.size()) {
        url = words[++i];
      } else if (const int given = std::atoi(words[i].c_str()); given > 0) {
        rounds = static_cast<std::size_t>(given);
      } else {
        throw std::runtime_error(words[i] + " is no number of rounds");
      }
    }
    const auto compare = [rounds](const std::string& what, const std::string& where) {
      fmt::print("{}; medians of {} interleaved rounds (least to greatest)\n\n", what, rounds);
      compareCold(where, rounds);
      compareContended(where, rounds);
      bench::PlainClient(where).send("DELETE", at, "");
    };
    if (!url.empty()) {
      compare("the server at " + url, url);
    } else {
      for (const bool durable : {true, false}) {
        const bench::ServerProcess server(durable);
        compare(durable ? "a LocalServer over a file, in a process of its own" : "\na LocalServer in memory, in a process of its own",
                server.url());
      }
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "counting: " << error.what() << "\nusage: counting [--url URL] [ROUNDS]\n";
    return 1;
  }
}
