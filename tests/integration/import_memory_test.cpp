// An import's memory does not grow with its input. The benchmark import_memory measures it at full size, through sockets.
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "qbatch/backend.hpp"
#include "qbatch/batch_client.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/child_process.hpp"

using namespace qbatch;
using namespace qbatch::test;

namespace {

constexpr std::size_t dimension = 384, budgetMebibytes = 16;

double peakMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Encodes what it is sent, as a real backend does, keeps nothing, and answers from a thread of its own, late enough that the rest of the
/// import waits for it, as for a real server: otherwise chance says how much is on its way.
class Swallowing : public Backend {
 public:
  ~Swallowing() override {
    const std::lock_guard lock(mutex_);
    for (auto& thread : threads_) thread.join();
  }
  void run(const Request& request, CallLimits, Completion completion) override {
    Reply reply;
    std::string body;
    if (const auto* describe = std::get_if<DescribeCollection>(&request)) {
      CollectionInfo info;
      info.name = describe->collection;
      info.dimension = dimension;
      reply.answer = std::optional(std::move(info));
    } else if (const auto* upsert = std::get_if<UpsertPoints>(&request)) {
      body.assign(upsert->points.size() * dimension * 11, 'x');
    }
    const std::lock_guard lock(mutex_);
    if (threads_.size() > 100) {
      for (auto& thread : threads_) thread.join();
      threads_.clear();
    }
    threads_.emplace_back([completion = std::move(completion), reply = std::move(reply), body = std::move(body)] {
      if (!body.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      completion(reply);
    });
  }

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

double grownBy(const std::string& items) {
  // What has been freed is to be given back (glibc), so that it is not counted with what is held.
  ChildProcess child("child: an import into nothing", {"QBATCH_TEST_ITEMS=" + items, "MALLOC_MMAP_THRESHOLD_=262144"});
  std::string line;
  REQUIRE(child.readLine(line));
  return std::stod(line);
}

}  // namespace

TEST_CASE("child: an import into nothing", "[.]") {
  const char* const wanted = std::getenv("QBATCH_TEST_ITEMS");
  REQUIRE(wanted != nullptr);
  const std::size_t items = std::stoul(wanted);
  ClientOptions options;
  options.backend = std::make_shared<Swallowing>();
  options.flow.maxBufferedBytes = budgetMebibytes << 20;
  BatchClient client(options);
  const auto before = peakMebibytes();
  const auto report = client.importPatterns([&, next = std::size_t{0}]() mutable -> std::optional<Pattern> {
    if (next == items) return std::nullopt;
    Pattern pattern;
    pattern.id = PointId(next++);
    pattern.description = "pattern";
    pattern.vector.assign(dimension, 0.5f);
    return pattern;
  });
  REQUIRE(report.ok());
  childReport(std::to_string(peakMebibytes() - before));
}

TEST_CASE("twenty times as many items take no more memory, and both stay within the budget and a constant") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  WARN("a sanitizer keeps what is freed: nothing can be told of memory");
#else
  const auto few = grownBy(std::to_string(campaignSize(15'000)));
  const auto many = grownBy(std::to_string(campaignSize(300'000)));
  INFO(few << " MiB, " << many << " MiB");
  CHECK(few < budgetMebibytes + 32);
  CHECK(many < budgetMebibytes + 32);
  // Beside the twentieth, two requests more or less on their way.
  CHECK(many < few * 1.05 + 8);
#endif
}
