// Stores three patterns in the embedded engine, searches, and checks what the reports say.
#include <iostream>
#include <qbatch/qbatch.hpp>
#include <string>
#include <vector>

int main() {
  qbatch::BatchClient client({.embedder = qbatch::makeHashingEmbedder(), .backend = qbatch::makeLocalBackend(":memory:")});
  std::vector<qbatch::Pattern> patterns(3);
  patterns[0] = {.description = "Read a file line by line", .code = "for line in open(path): print(line)", .language = "python"};
  patterns[1] = {.description = "Sort a vector in descending order", .code = "std::sort(v.rbegin(), v.rend());", .language = "cpp"};
  patterns[2] = {.description = "Open a pool of database connections", .code = "pool = create_pool(size=8)", .language = "python"};
  const qbatch::StoreReport stored = client.storePatterns(patterns);
  if (!stored.ok() || stored.count(qbatch::Outcome::done) != 3 || stored.stats().points != 3) {
    std::cerr << "store: " << toJson(stored, patterns) << '\n';
    return 1;
  }
  const std::vector<std::string> queries{"database connection pool", "sort descending"};
  const qbatch::SearchReport found = client.searchPatterns(queries, {.limit = 2});
  if (!found.ok() || found.size() != 2 || found.hits(0).size() != 2 || found.hits(0)[0].id != stored.id(2) ||
      found.hits(1)[0].id != stored.id(1)) {
    std::cerr << "search: " << statsToJson(found) << '\n';
    return 1;
  }
  std::cout << "qbatch " << qbatch::version() << ": " << client.countPatterns() << " patterns, best hit: " << found.hits(0)[0].description
            << '\n';
  return client.countPatterns() == 3 ? 0 : 1;
}
