#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "qbatch/batch_client.hpp"
#include "support/fake_backend.hpp"
#include "support/fake_embedder.hpp"

namespace qbatch::test {

/// A client over fakes, to be changed before the first call of client().
struct ClientFixture {
  std::shared_ptr<FakeBackend> backend = std::make_shared<FakeBackend>();
  std::shared_ptr<FakeEmbedder> embedder = std::make_shared<FakeEmbedder>();
  ClientOptions options;

  ClientFixture() {
    options.backend = backend;
    options.embedder = embedder;
    options.threads = 4;
    options.retry = {milliseconds(1), milliseconds(5), milliseconds(200), milliseconds(100)};
  }
  [[nodiscard]] BatchClient client() const { return BatchClient(options); }
};

inline std::vector<Pattern> somePatterns(std::size_t count) {
  std::vector<Pattern> patterns(count);
  for (std::size_t i = 0; i < count; ++i) patterns[i].description = "pattern " + std::to_string(i);
  return patterns;
}

/// True where the outcomes of all items add up to the report's size.
inline bool addsUp(const BatchReport& report) {
  std::size_t sum = 0;
  for (const auto outcome : {Outcome::done, Outcome::accepted, Outcome::rejected, Outcome::failed, Outcome::unknown, Outcome::unsent})
    sum += report.count(outcome);
  return sum == report.size();
}

/// Waits for a condition that another thread brings about; false after ten seconds, so that a broken run fails instead of hanging.
template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace qbatch::test
