// What the inner loops of the way to the server and back cost, each beside its counterpart in one run: writing floats beside
// std::to_chars, escaping code beside a loop over its bytes, decoding answers to queries beside nlohmann/json and simdjson's DOM.
//
//   kernels [--benchmark_filter=REGEX …]
//
// Google Benchmark runs them, 11 times each in a random order, and its options may be given; ratios are those of the first run of both, of
// the second, and so on. Exit status: 0, or 1 where decoders disagree or an option is unknown.
#include <benchmark/benchmark.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "codec/decode_answers.hpp"
#include "codec/decode_hit.hpp"
#include "codec/encode_points.hpp"
#include "codec/escape.hpp"
#include "codec/float_text.hpp"
#include "kernels_answers.hpp"
#include "support/figures.hpp"

namespace {

namespace codec = qbatch::codec;

constexpr std::size_t dimension = 384, pointsInBody = 100, queries = 100, limit = 5;

/// Vectors of about length 1, as embedders give them.
const std::vector<float>& vectors() {
  static const auto made = [] {
    std::mt19937_64 engine(20250115);
    std::normal_distribution<float> normal(0, 0.05F);
    std::vector<float> values(dimension * pointsInBody);
    for (float& value : values) value = normal(engine);
    return values;
  }();
  return made;
}

const std::string& code() {
  static const auto made = bench::someCode(1, 1024);
  return made;
}

std::string& answer() {
  static auto made = bench::someAnswer(queries, limit);
  return made;
}

template <class Write>
void writeEach(benchmark::State& state, Write write) {
  std::vector<char> text(vectors().size() * codec::longestFloat);
  for (auto _ : state) {
    char* at = text.data();
    for (const float value : vectors()) {
      at = write(at, value);
      *at++ = ',';
    }
    benchmark::DoNotOptimize(at);
    benchmark::ClobberMemory();
  }
}

void floatsTogether(benchmark::State& state) {
  std::vector<char> text(vectors().size() * codec::longestFloat);
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec::writeFloats(text.data(), vectors()));
    benchmark::ClobberMemory();
  }
}

void floatsAlone(benchmark::State& state) { writeEach(state, codec::writeFloat); }

void floatsStandard(benchmark::State& state) {
  writeEach(state, [](char* at, float value) { return std::to_chars(at, at + codec::longestFloat, value).ptr; });
}

void upsertBody(benchmark::State& state) {
  std::vector<qbatch::PointView> points(pointsInBody);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].id = qbatch::PointId::forContent("point " + std::to_string(i), "", "");
    points[i].vector = {vectors().data() + i * dimension, dimension};
  }
  std::string body;
  for (auto _ : state) {
    body.clear();
    codec::appendUpsert(body, {.points = points});
    benchmark::DoNotOptimize(body.data());
  }
}

void appendByLoop(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += "0123456789abcdef"[c >> 4];
          out += "0123456789abcdef"[c & 15];
        } else {
          out += c;
        }
    }
  }
}

template <void (*append)(std::string&, std::string_view)>
void escapes(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    append(out, code());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}

std::vector<std::vector<qbatch::Hit>> decodeByQbatch(std::string& body) {
  const qbatch::FieldNames fields;
  std::vector<std::vector<qbatch::Hit>> lists;
  for (const auto& points : codec::decodeQueryBatch(body, "")) {
    auto& hits = lists.emplace_back();
    hits.reserve(points.size());
    for (const auto& point : points) hits.push_back(codec::decodeHit(point, fields));
  }
  return lists;
}

template <class Decode>
void decodes(benchmark::State& state, Decode decode) {
  for (auto _ : state) benchmark::DoNotOptimize(decode(answer()));
}

bench::DecodedLists comparable(std::vector<std::vector<qbatch::Hit>> lists) {
  bench::DecodedLists made;
  for (auto& hits : lists) {
    auto& list = made.emplace_back();
    for (auto& hit : hits) {
      list.push_back({hit.id, hit.score, std::move(hit.description), std::move(hit.code), std::move(hit.language),
                      std::string(hit.metadata.json()), hit.usageCount, hit.successRate, std::move(hit.lastUsed)});
    }
  }
  return made;
}

void checkDecoders() {
  const auto ours = comparable(decodeByQbatch(answer()));
  if (ours != bench::decodeByDom(answer())) throw std::runtime_error("qbatch and simdjson's DOM disagree");
  if (bench::hasNlohmann && ours != bench::decodeByNlohmann(answer())) throw std::runtime_error("qbatch and nlohmann/json disagree");
}

/// Google Benchmark's own table, and each run's time in nanoseconds.
class Times : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      times_[run.run_name.function_name].push_back(run.cpu_accumulated_time * 1e9 / static_cast<double>(run.iterations));
    }
  }

  /// Where both were run.
  void tellRatio(const std::string& what, const std::string& mine, const std::string& other, const std::string& otherName,
                 std::optional<double> atLeast) const {
    const auto one = times_.find(mine), two = times_.find(other);
    if (one == times_.end() || two == times_.end()) return;
    bench::tell({"kernels", what, otherName, "times as fast", bench::ratioOf(two->second, one->second), {}, atLeast});
  }
  void tellTime(const std::string& what, const std::string& name, std::size_t parts, const std::string& unit) const {
    const auto found = times_.find(name);
    if (found == times_.end()) return;
    auto times = found->second;
    for (double& time : times) time /= static_cast<double>(parts);
    bench::tell({"kernels", what, "", unit, bench::spreadOf(std::move(times))});
  }

 private:
  std::map<std::string, std::vector<double>> times_;  // CPU time of an iteration, by name
};

void tellAll(const Times& times) {
  times.tellTime("floats, many together", "floats/together", vectors().size(), "ns/float");
  times.tellTime("floats, one by one", "floats/alone", vectors().size(), "ns/float");
  times.tellTime("body of an upsert, 384 floats a point", "floats/upsert", pointsInBody, "ns/point");
  times.tellRatio("floats, many together", "floats/together", "floats/to_chars", "std::to_chars", 2.5);
  times.tellTime("escaping 1 KB of code", "escape/qbatch", 1, "ns");
  times.tellRatio("escaping 1 KB of code", "escape/qbatch", "escape/loop", "a loop over the bytes", 5);
  times.tellRatio("escaping 1 KB of code", "escape/qbatch", "escape/plain", "qbatch's own, byte by byte", {});
  times.tellTime("decoding answers to queries", "decode/qbatch", queries * limit, "ns/hit");
  times.tellRatio("decoding answers to queries", "decode/qbatch", "decode/nlohmann", "nlohmann/json", 5);
  times.tellRatio("decoding answers to queries", "decode/qbatch", "decode/dom", "simdjson's DOM", 1);
}

int run(int count, char** given) {
  std::vector<std::string> defaults = {"--benchmark_repetitions=11", "--benchmark_enable_random_interleaving=true",
                                       "--benchmark_min_time=0.05"};
  std::vector<char*> arguments = {given[0]};
  for (std::string& option : defaults) arguments.push_back(option.data());
  arguments.insert(arguments.end(), given + 1, given + count);
  auto size = static_cast<int>(arguments.size());
  benchmark::Initialize(&size, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(size, arguments.data())) return 1;
  checkDecoders();
  benchmark::RegisterBenchmark("floats/together", floatsTogether);
  benchmark::RegisterBenchmark("floats/alone", floatsAlone);
  benchmark::RegisterBenchmark("floats/to_chars", floatsStandard);
  benchmark::RegisterBenchmark("floats/upsert", upsertBody);
  benchmark::RegisterBenchmark("escape/qbatch", escapes<codec::appendEscaped>);
  benchmark::RegisterBenchmark("escape/plain", escapes<codec::appendEscapedPlainly>);
  benchmark::RegisterBenchmark("escape/loop", escapes<appendByLoop>);
  benchmark::RegisterBenchmark("decode/qbatch", [](benchmark::State& state) { decodes(state, decodeByQbatch); });
  benchmark::RegisterBenchmark("decode/points", [](benchmark::State& state) {
    decodes(state, [](std::string& body) { return codec::decodeQueryBatch(body, ""); });
  });
  benchmark::RegisterBenchmark("decode/dom", [](benchmark::State& state) { decodes(state, bench::decodeByDom); });
  if (bench::hasNlohmann) {
    benchmark::RegisterBenchmark("decode/nlohmann", [](benchmark::State& state) { decodes(state, bench::decodeByNlohmann); });
  }
  Times times;
  benchmark::RunSpecifiedBenchmarks(&times);
  tellAll(times);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "kernels: %s\n", problem.what());
    return 1;
  }
}
