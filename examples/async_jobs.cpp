// Starts several batch calls without waiting, does something else meanwhile, and collects their reports.
#include <chrono>
#include <cstddef>
#include <iostream>
#include <qbatch/qbatch.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

std::vector<qbatch::Pattern> patternsOf(const std::string& language, std::size_t count) {
  std::vector<qbatch::Pattern> patterns;
  for (std::size_t i = 0; i < count; ++i)
    patterns.push_back(
        {.description = "Parse record " + std::to_string(i), .code = "parse(" + std::to_string(i) + ")", .language = language});
  return patterns;
}

}  // namespace

int main() {
  qbatch::BatchClient client({.embedder = qbatch::makeHashingEmbedder(), .backend = qbatch::makeLocalBackend(":memory:")});

  // A job owns its input. Jobs of one client share its threads and its byte budget.
  std::vector<std::pair<std::string, qbatch::Job<qbatch::StoreReport>>> jobs;
  for (const std::string language : {"python", "cpp", "rust"})
    jobs.emplace_back(language, client.storePatternsAsync(patternsOf(language, 300), {.collection = language}));

  bool ok = true;
  for (auto& [language, job] : jobs) {
    while (!job.waitFor(std::chrono::milliseconds(50)))
      std::cout << language << ": " << job.progress().done << " of " << job.progress().total << '\n';
    const auto report = job.get();
    std::cout << language << ": " << report.count(qbatch::Outcome::done) << " stored\n";
    ok = ok && report.ok();
  }

  // Searches in different collections, side by side.
  std::vector<qbatch::Job<qbatch::SearchReport>> searches;
  for (const auto& entry : jobs)
    searches.push_back(client.searchPatternsAsync({{.text = "parse record 17"}}, {.collection = entry.first, .limit = 1}));
  for (auto& search : searches) {
    const auto report = search.get();
    ok = ok && report.ok() && report.hits(0).size() == 1;
    for (const auto& hit : report.hits(0)) std::cout << "found " << hit.code << " in " << hit.language << '\n';
  }

  // Cancelling returns at once; get() then tells what had been done by that time. Destroying a job would cancel and wait, too.
  auto cancelled = client.storePatternsAsync(patternsOf("go", 2000));
  cancelled.cancel();
  const auto report = cancelled.get();
  std::cout << "cancelled: " << report.count(qbatch::Outcome::done) << " done, " << report.failures().size() << " not\n";
  return ok && report.count(qbatch::Outcome::done) + report.failures().size() == 2000 ? 0 : 1;
}
