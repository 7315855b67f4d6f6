// Watches a store with a progress callback, and stops it half way: what was confirmed stays, the rest is reported as unsent.
#include <chrono>
#include <cstddef>
#include <iostream>
#include <qbatch/qbatch.hpp>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace {

std::vector<qbatch::Pattern> makePatterns(std::size_t count) {
  std::vector<qbatch::Pattern> patterns;
  for (std::size_t i = 0; i < count; ++i)
    patterns.push_back(
        {.description = "Function number " + std::to_string(i), .code = "return " + std::to_string(i) + ";", .language = "cpp"});
  return patterns;
}

// Stands for a model that takes its time.
std::vector<float> slowly(std::string_view text) {
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return {1.0F, static_cast<float>(text.size())};
}

}  // namespace

int main() {
  qbatch::BatchClient client(
      {.embedder = qbatch::makeFunctionEmbedder(2, slowly), .backend = qbatch::makeLocalBackend(":memory:"), .threads = 4});
  const auto patterns = makePatterns(400);

  // The callback comes on a thread of the client, one call at a time. It may be given less often than requests are answered.
  std::stop_source stop;
  qbatch::StoreOptions options;
  options.stop = stop.get_token();
  options.chunk.maxItems = 20;
  options.progress = [&stop](const qbatch::Progress& progress) {
    std::cout << progress.done << " of " << progress.total << '\n';
    if (progress.done >= progress.total / 2) stop.request_stop();
  };
  const auto stopped = client.storePatterns(patterns, options);
  std::cout << "stopped: " << stopped.count(qbatch::Outcome::done) << " done, " << stopped.count(qbatch::Outcome::unsent) << " unsent ("
            << stopped.stopped().message() << ")\n";

  // The report tells which items to send again. Here all are: equal content has an equal id, so nothing is stored twice.
  const auto rest = client.storePatterns(patterns);
  std::cout << "again: " << rest.count(qbatch::Outcome::done) << " done, " << client.countPatterns() << " points\n";

  // A deadline ends a call in the same way.
  const auto late = client.storePatterns(makePatterns(5000), {.deadline = std::chrono::milliseconds(100)});
  std::cout << "with a deadline: " << late.count(qbatch::Outcome::done) << " done, " << late.count(qbatch::Outcome::unsent) << " unsent\n";

  const bool accounted = stopped.count(qbatch::Outcome::done) + stopped.failures().size() == patterns.size();
  return accounted && rest.ok() && !late.ok() ? 0 : 1;
}
