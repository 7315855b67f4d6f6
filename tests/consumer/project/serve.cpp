// Starts Qdrant's REST API over a store in memory, on a free port, as a test of another project would, and works on it with a client. Then
// starts the HTTP server alone, as a service of another project would.
#include <iostream>
#include <qbatch/http_server.hpp>
#include <qbatch/local_server.hpp>
#include <qbatch/qbatch.hpp>
#include <string>
#include <vector>

namespace {

bool serveAlone() {
  qbatch::HttpServer server({.served = [](const qbatch::HttpExchange&) {}});
  server.start(
      [](qbatch::HttpRequest request, qbatch::Respond respond) { respond({.status = request.header("host") != nullptr ? 204 : 400}); });
  const bool listens = server.port() != 0 && server.url() == "http://127.0.0.1:" + std::to_string(server.port());
  server.stop();
  return listens;
}

}  // namespace

int main() {
  if (!serveAlone()) {
    std::cerr << "the HTTP server has no address\n";
    return 1;
  }
  qbatch::LocalServer server;
  if (server.port() == 0 || server.url() != "http://127.0.0.1:" + std::to_string(server.port())) {
    std::cerr << "no address: " << server.url() << '\n';
    return 1;
  }
  qbatch::BatchClient client({.url = server.url(), .embedder = qbatch::makeHashingEmbedder()});
  std::vector<qbatch::Pattern> patterns(2);
  patterns[0] = {.description = "Sort a vector in descending order", .code = "std::sort(v.rbegin(), v.rend());", .language = "cpp"};
  patterns[1] = {.description = "Pool database connections", .code = "pool = create_pool(size=8)", .language = "python"};
  const qbatch::StoreReport stored = client.storePatterns(patterns);
  if (!stored.ok() || stored.count(qbatch::Outcome::done) != 2) {
    std::cerr << "store: " << toJson(stored, patterns) << '\n';
    return 1;
  }
  const std::vector<std::string> queries{"database connection pool"};
  const qbatch::SearchReport found = client.searchPatterns(queries, {.limit = 1});
  if (!found.ok() || found.hits(0).size() != 1 || found.hits(0)[0].id != stored.id(1)) {
    std::cerr << "search: " << statsToJson(found) << '\n';
    return 1;
  }
  std::vector<qbatch::MetricUpdate> updates(1);
  updates[0].id = stored.id(1);
  updates[0].incrementUsage = 3;
  if (const auto report = client.updateMetrics(updates); !report.ok()) {
    std::cerr << "update: " << statsToJson(report) << '\n';
    return 1;
  }
  const auto used = client.getPatterns(std::vector{stored.id(1)});
  if (used.size() != 1 || !used[0] || used[0]->usageCount != 3) {
    std::cerr << "the update is not to be seen\n";
    return 1;
  }
  std::cout << client.countPatterns() << " patterns served at " << server.url() << '\n';
  const bool all = client.countPatterns() == 2;
  server.stop();
  return all ? 0 : 1;
}
