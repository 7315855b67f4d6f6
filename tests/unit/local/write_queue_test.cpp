#include "local/write_queue.hpp"

#include <thread>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

namespace {
struct NoJob : WriteJob {
  void carryOut(StagedWrites&) override {}
  void committed() override {}
  void failed(const Error&, bool) override {}
};
}  // namespace

TEST_CASE("writes come out in the order in which they went in, also after closing") {
  WriteQueue queue;
  std::vector<const WriteJob*> pushed;
  for (int i = 0; i < 5; ++i) {
    auto job = std::make_unique<NoJob>();
    pushed.push_back(job.get());
    queue.push(std::move(job));
  }
  queue.close();
  const auto jobs = queue.takeAll();
  REQUIRE(jobs.size() == pushed.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) CHECK(jobs[i].get() == pushed[i]);
  CHECK(queue.takeAll().empty());
}

TEST_CASE("taking waits for a write, and for the end") {
  WriteQueue queue;
  std::size_t taken = 0;
  std::thread taker([&] {
    for (auto jobs = queue.takeAll(); !jobs.empty(); jobs = queue.takeAll()) taken += jobs.size();
  });
  for (int i = 0; i < 1000; ++i) queue.push(std::make_unique<NoJob>());
  queue.close();
  taker.join();
  CHECK(taken == 1000);
}
