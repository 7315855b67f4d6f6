// Whether an import's stages overlap: one of them, source, embedder or server, is ten times slower than the others, and the whole is
// compared with that stage alone, in interleaved rounds. The stages sleep, so that processors do not matter: the source for each item, the
// embedder for each text (on two threads), the server for each request (eight at once). usage: import_stages [ROUNDS]
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "qbatch/qbatch.hpp"
#include "support/figures.hpp"
#include "support/null_backend.hpp"
#include "support/rounds.hpp"

namespace {

using std::chrono::microseconds;

constexpr std::size_t items = 10'000, perRequest = 100, requestsAtOnce = 8, threads = 2, dimension = 16;

/// What a stage takes for an item, as if the stage were alone.
struct Stages {
  microseconds source{}, embedder{}, server{};
};

void pass(std::chrono::steady_clock::time_point& due, microseconds time) {
  due += time;
  // A sleep is some 60 us late: only what is worth it is slept, and made up for.
  if (due - std::chrono::steady_clock::now() > std::chrono::milliseconds(1)) std::this_thread::sleep_until(due);
}

std::function<std::optional<qbatch::Pattern>()> sourceOf(microseconds time) {
  return [time, next = std::size_t{0}, due = std::chrono::steady_clock::now()]() mutable -> std::optional<qbatch::Pattern> {
    if (next == items) return std::nullopt;
    pass(due, time);
    qbatch::Pattern pattern;
    pattern.description = "pattern " + std::to_string(next++);
    return pattern;
  };
}

class SlowEmbedder : public qbatch::Embedder {
 public:
  explicit SlowEmbedder(microseconds time) : time_(time) {}
  [[nodiscard]] Traits traits() const override { return {.dimension = dimension, .maxBatch = 64}; }
  std::vector<qbatch::RowFailure> embed(std::span<const std::string_view> texts, qbatch::EmbedRole, qbatch::MatrixView rows,
                                        std::stop_token) override {
    std::this_thread::sleep_for(time_ * threads * texts.size());
    std::fill(rows.data, rows.data + rows.rows * rows.columns, 1.0f);
    return {};
  }

 private:
  const microseconds time_;
};

/// Takes its time for each request, on a thread of the request's own.
class SlowBackend : public bench::NullBackend {
 public:
  explicit SlowBackend(microseconds time) : NullBackend(dimension), time_(time) {}
  ~SlowBackend() override {
    for (auto& answer : answers_) answer.wait();
  }
  void run(const qbatch::Request& request, qbatch::CallLimits limits, qbatch::Completion completion) override {
    const auto* upsert = std::get_if<qbatch::UpsertPoints>(&request);
    if (upsert == nullptr) return NullBackend::run(request, limits, std::move(completion));
    const auto time = time_ * requestsAtOnce * upsert->points.size();
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::async(std::launch::async, [time, completion = std::move(completion)]() mutable {
      std::this_thread::sleep_for(time);
      completion({});
    }));
  }

 private:
  const microseconds time_;
  std::mutex mutex_;
  std::vector<std::future<void>> answers_;
};

double whole(const Stages& stages) {
  qbatch::ClientOptions options;
  options.backend = std::make_shared<SlowBackend>(stages.server);
  options.embedder = std::make_shared<SlowEmbedder>(stages.embedder);
  options.threads = threads;
  options.flow.maxInFlight = requestsAtOnce;
  qbatch::BatchClient client(options);
  return bench::secondsOf([&] {
    const auto report = client.importPatterns(sourceOf(stages.source), {.chunk = {perRequest}});
    if (!report.ok()) throw std::runtime_error("not all stored: " + report.stopped().message());
  });
}

double sourceAlone(microseconds time) {
  return bench::secondsOf([&] {
    for (auto source = sourceOf(time); source();) {
    }
  });
}

double embedderAlone(microseconds time) {
  SlowEmbedder embedder(time);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    std::vector<float> rows(64 * dimension);
    const std::vector<std::string_view> texts(50, "text");  // as an import cuts a request between two threads
    for (; next.fetch_add(texts.size()) < items;)
      embedder.embed(texts, qbatch::EmbedRole::passage, {rows.data(), texts.size(), dimension}, {});
  };
  return bench::secondsOf([&] {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i) all.emplace_back(work);
  });
}

double serverAlone(microseconds time) {
  std::atomic<std::size_t> next{0};
  return bench::secondsOf([&] {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < requestsAtOnce; ++i)
      all.emplace_back([&] {
        for (; next.fetch_add(perRequest) < items;) std::this_thread::sleep_for(time * requestsAtOnce * perRequest);
      });
  });
}

void compare(std::size_t rounds) {
  constexpr microseconds fast{15}, slow{150};
  struct Case {
    const char* name;
    Stages stages;
    double (*alone)(microseconds);
    std::vector<double> wholes{}, alones{};
  };
  std::vector<Case> cases{{"source", {slow, fast, fast}, sourceAlone},
                          {"embedder", {fast, slow, fast}, embedderAlone},
                          {"server", {fast, fast, slow}, serverAlone}};
  for (std::size_t round = 0; round < rounds; ++round)
    for (auto& one : cases) {
      one.wholes.push_back(whole(one.stages));
      one.alones.push_back(one.alone(slow));
    }
  for (const auto& one : cases)
    bench::tell({"import_stages",
                 std::string("import with a slow ") + one.name,
                 "that stage alone",
                 "ratio",
                 bench::ratioOf(one.wholes, one.alones),
                 1.15,
                 {},
                 ""});
}

}  // namespace

int main(int argc, char** argv) {
  return bench::mainOf("import_stages", [&] { compare(argc > 1 ? std::stoul(argv[1]) : bench::roundsOr(11)); });
}
