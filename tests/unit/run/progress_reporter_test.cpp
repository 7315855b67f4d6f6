#include "run/progress_reporter.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>

#include "support/catch.hpp"

using namespace qbatch;
using run::ProgressReporter;
using run::WorkerPool;

TEST_CASE("progress comes one call at a time, the newest figures, and the last before the end") {
  WorkerPool pool(4);
  std::atomic<int> inside{0}, overlaps{0}, calls{0};
  std::atomic<std::size_t> newest{0};
  std::atomic<bool> backwards{false};
  const auto reporter = std::make_shared<ProgressReporter>(pool, [&](const Progress& progress) {
    if (++inside > 1) ++overlaps;
    if (progress.done < newest) backwards = true;
    newest = progress.done;
    ++calls;
    --inside;
  });
  for (std::size_t i = 1; i <= 200; ++i) {
    Progress progress;
    progress.done = i;
    reporter->changed(progress);
  }
  Progress last;
  last.done = 201;
  std::latch ended(1);
  std::size_t errors = 99, seenAtEnd = 0;
  reporter->finish(last, [&](std::size_t count) {
    errors = count;
    seenAtEnd = newest;
    ended.count_down();
  });
  ended.wait();
  CHECK(errors == 0);
  CHECK(seenAtEnd == 201);
  CHECK(overlaps == 0);
  CHECK_FALSE(backwards);
  CHECK(calls >= 1);
}

TEST_CASE("what a progress function throws is counted") {
  WorkerPool pool(1);
  const auto reporter = std::make_shared<ProgressReporter>(pool, [](const Progress&) { throw std::runtime_error("no"); });
  std::latch ended(1);
  std::size_t errors = 0;
  reporter->finish({}, [&](std::size_t count) {
    errors = count;
    ended.count_down();
  });
  ended.wait();
  CHECK(errors == 1);
}

TEST_CASE("without a function the end comes at once") {
  WorkerPool pool(1);
  bool ended = false;
  const auto reporter = std::make_shared<ProgressReporter>(pool, nullptr);
  reporter->changed({});
  reporter->finish({}, [&](std::size_t errors) { ended = errors == 0; });
  CHECK(ended);
}

TEST_CASE("who waits for the end has the last figures delivered and the exceptions counted") {
  WorkerPool pool(1);
  std::size_t seen = 0;
  const auto reporter = std::make_shared<ProgressReporter>(pool, [&](const Progress& progress) {
    seen = progress.done;
    throw std::runtime_error("mine");
  });
  Progress last;
  last.done = 7;
  CHECK(reporter->finishAndWait(last) == 1);
  CHECK(seen == 7);
  CHECK(std::make_shared<ProgressReporter>(pool, nullptr)->finishAndWait(last) == 0);
}
