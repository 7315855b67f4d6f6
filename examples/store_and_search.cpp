// Stores a few code patterns in one call, searches two queries in another, updates the metrics of what was found, and deletes a point.
#include <cstddef>
#include <iostream>
#include <qbatch/qbatch.hpp>
#include <string>
#include <vector>

namespace {

// A batch call does not throw for what happens to single items: the report says it, item by item.
bool allDone(const std::string& what, const qbatch::BatchReport& report) {
  std::cout << what << ": " << report.size() - report.failures().size() << " of " << report.size() << " in " << report.stats().requests
            << " requests\n";
  for (const auto& failure : report.failures())
    std::cerr << "  item " << failure.index << ' ' << toString(failure.outcome) << ": " << failure.error.message() << '\n';
  return report.ok();
}

}  // namespace

int main() {
  // ":memory:" forgets everything at the end; a file name keeps it. Without a model or a network, the hashing embedder compares words.
  qbatch::BatchClient client({.embedder = qbatch::makeHashingEmbedder(), .backend = qbatch::makeLocalBackend(":memory:")});

  const std::vector<qbatch::Pattern> patterns = {
      {.description = "Open a pool of database connections",
       .code = "pool = create_pool(size=8)",
       .language = "python",
       .metadata = {{"category", "database"}, {"success_rate", 0.9}}},
      {.description = "Read a file line by line", .code = "for line in open(path): use(line)", .language = "python"},
      {.description = "Limit how often a client may call an API", .code = "if (bucket.take() == false) return 429;", .language = "cpp"},
  };
  const auto stored = client.storePatterns(patterns);

  const std::vector<std::string> queries = {"database connection pooling", "api rate limiting"};
  const auto found = client.searchPatterns(queries, {.limit = 1});

  // What was found has been used once more. Increments are atomic: two programs that do this at once both count.
  std::vector<qbatch::MetricUpdate> used;
  for (std::size_t query = 0; query < found.size(); ++query) {
    for (const auto& hit : found.hits(query)) {
      std::cout << queries[query] << " -> " << hit.description << " (" << hit.score << ")\n";
      used.push_back({.id = hit.id, .incrementUsage = 1, .lastUsed = "2025-01-15T12:00:00Z"});
    }
  }
  const auto updated = client.updateMetrics(used);

  // Every payload member can be filtered on.
  qbatch::Filter wellUsed;
  wellUsed.must(qbatch::range("usage_count", 1, std::nullopt)).must(qbatch::match("language", "python"));
  std::cout << client.countPatterns(wellUsed) << " Python pattern was used\n";

  // A pattern without an id got one made of its texts, and the report names it.
  const std::vector<qbatch::PointId> unwanted = {stored.id(1)};
  const auto deleted = client.deletePatterns(unwanted);

  bool ok = allDone("stored", stored);
  ok = allDone("searched", found) && ok;
  ok = allDone("updated", updated) && ok;
  ok = allDone("deleted", deleted) && ok;
  return ok && client.countPatterns() == 2 ? 0 : 1;
}
