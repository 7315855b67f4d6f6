// How well the hashing embedder finds a function by its docstring.
//
//   python3 examples/extract_patterns.py --out patterns.jsonl && embedding_quality patterns.jsonl
//
// Every pattern is embedded as it is stored, description and code. 500 distinct descriptions, chosen by a fixed seed, are then searched
// for among all of them by exact cosine. A search counts where a pattern with that very description comes first, or among the first ten.
// Exit status: 0, or 1 where 1024 dimensions miss the targets, or 2 where the file cannot be used.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "qbatch/embedder.hpp"

namespace {

constexpr std::size_t queryCount = 500;
constexpr std::uint64_t seed = 20250115;
constexpr std::size_t depth = 10;
constexpr double firstTarget = 85, amongTarget = 95;
constexpr std::array<std::string_view, 5> demoQueries{"authentication implementation", "database connection pooling",
                                                      "error handling best practices", "logging configuration", "api rate limiting"};

struct Pattern {
  std::string description{}, name{}, passage{};
};

std::string text(simdjson::simdjson_result<simdjson::ondemand::value> value) { return std::string(std::string_view(value.get_string())); }

std::vector<Pattern> readPatterns(const std::string& path) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string lines = simdjson::padded_string::load(path);
  simdjson::ondemand::document_stream documents = parser.iterate_many(lines);
  std::vector<Pattern> patterns;
  for (auto document : documents) {
    Pattern pattern;
    pattern.description = text(document["description"]);
    pattern.passage = pattern.description + "\n" + text(document["code"]);
    simdjson::ondemand::object metadata = document["metadata"].get_object();
    pattern.name = text(metadata["file"]) + " " + text(metadata["name"]);
    patterns.push_back(std::move(pattern));
  }
  if (documents.truncated_bytes() != 0) throw std::runtime_error("the last line is cut off");
  if (patterns.empty()) throw std::runtime_error("no patterns");
  return patterns;
}

std::vector<std::string> chooseQueries(const std::vector<Pattern>& patterns) {
  std::set<std::string> distinct;
  for (const Pattern& pattern : patterns) distinct.insert(pattern.description);
  std::vector<std::string> queries(distinct.begin(), distinct.end());
  std::mt19937_64 random(seed);
  // std::shuffle may differ between standard libraries; this does not.
  for (std::size_t i = queries.size(); i > 1; --i) std::swap(queries[i - 1], queries[random() % i]);
  queries.resize(std::min(queryCount, queries.size()));
  return queries;
}

/// Unit vectors of all patterns, row by row.
class Index {
 public:
  Index(const std::vector<Pattern>& patterns, std::size_t dimension)
      : embedder_(qbatch::makeHashingEmbedder({.dimension = dimension})), dimension_(dimension), values_(patterns.size() * dimension) {
    std::vector<std::string_view> passages;
    for (const Pattern& pattern : patterns) passages.push_back(pattern.passage);
    embed(passages, qbatch::EmbedRole::passage, values_);
  }

  struct Hit {
    float score;
    std::size_t pattern;
  };
  [[nodiscard]] std::vector<Hit> search(std::string_view query) const {
    std::vector<float> wanted(dimension_);
    embed({&query, 1}, qbatch::EmbedRole::query, wanted);
    std::vector<Hit> hits(values_.size() / dimension_);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      const auto row = std::span(values_).subspan(i * dimension_, dimension_);
      hits[i] = {std::inner_product(row.begin(), row.end(), wanted.begin(), 0.0F), i};
    }
    const std::size_t count = std::min(depth, hits.size());
    const auto better = [](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.pattern < b.pattern; };
    std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(count), hits.end(), better);
    hits.resize(count);
    return hits;
  }

 private:
  void embed(std::span<const std::string_view> texts, qbatch::EmbedRole role, std::vector<float>& rows) const {
    const auto failures = embedder_->embed(texts, role, {rows.data(), texts.size(), dimension_}, {});
    if (!failures.empty()) throw std::runtime_error("text " + std::to_string(failures[0].row) + ": " + failures[0].reason);
  }

  std::shared_ptr<qbatch::Embedder> embedder_;
  std::size_t dimension_;
  std::vector<float> values_;
};

bool measure(const std::vector<Pattern>& patterns, const std::vector<std::string>& queries, std::size_t dimension) {
  const auto begin = std::chrono::steady_clock::now();
  const Index index(patterns, dimension);
  const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - begin;
  std::size_t first = 0, among = 0;
  for (const std::string& query : queries) {
    const auto hits = index.search(query);
    const auto matches = [&](const Index::Hit& hit) { return patterns[hit.pattern].description == query; };
    first += matches(hits[0]) ? 1 : 0;
    among += std::any_of(hits.begin(), hits.end(), matches) ? 1 : 0;
  }
  const auto percent = [&](std::size_t count) { return 100.0 * static_cast<double>(count) / static_cast<double>(queries.size()); };
  std::printf("%9zu %9.1f %% %11.1f %% %17.1f us\n", dimension, percent(first), percent(among),
              spent.count() / static_cast<double>(patterns.size()));
  return percent(first) >= firstTarget && percent(among) >= amongTarget;
}

void showDemoQueries(const std::vector<Pattern>& patterns) {
  const Index index(patterns, 1024);
  for (const std::string_view query : demoQueries) {
    std::printf("\n%.*s\n", static_cast<int>(query.size()), query.data());
    const auto hits = index.search(query);
    for (std::size_t i = 0; i < std::min<std::size_t>(5, hits.size()); ++i) {
      const Pattern& pattern = patterns[hits[i].pattern];
      const std::string line = pattern.description.substr(0, std::min<std::size_t>(70, pattern.description.find('\n')));
      std::printf("  %.3f  %s: %s\n", static_cast<double>(hits[i].score), pattern.name.c_str(), line.c_str());
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fputs("usage: embedding_quality PATTERNS.jsonl\n", stderr);
    return 2;
  }
  const auto patterns = readPatterns(argv[1]);
  const auto queries = chooseQueries(patterns);
  std::printf("%zu patterns, %zu of their descriptions searched for (seed %llu)\n", patterns.size(), queries.size(),
              static_cast<unsigned long long>(seed));
  std::printf("dimension       first     among ten     time an embedding\n");
  bool met = true;
  for (const std::size_t dimension : std::array<std::size_t, 3>{256, 1024, 4096}) {
    const bool reached = measure(patterns, queries, dimension);
    if (dimension == 1024) met = reached;
  }
  std::printf("targets at 1024: first %.0f %%, among ten %.0f %%: %s\n", firstTarget, amongTarget, met ? "met" : "MISSED");
  showDemoQueries(patterns);
  return met ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "embedding_quality: %s: %s\n", argv[1], error.what());
  return 2;
}
