#include "local/write_queue.hpp"

#include <thread>

#include "support/catch.hpp"

using namespace qbatch;
using namespace qbatch::local;

TEST_CASE("writes come out in the order in which they went in, also after closing") {
  WriteQueue queue;
  const std::vector<Request> requests(5);
  for (const Request& request : requests) queue.push({&request, {}, {}});
  queue.close();
  const auto jobs = queue.takeAll();
  REQUIRE(jobs.size() == requests.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) CHECK(jobs[i].request == &requests[i]);
  CHECK(queue.takeAll().empty());
}

TEST_CASE("taking waits for a write, and for the end") {
  WriteQueue queue;
  const Request request;
  std::size_t taken = 0;
  std::thread taker([&] {
    for (auto jobs = queue.takeAll(); !jobs.empty(); jobs = queue.takeAll()) taken += jobs.size();
  });
  for (int i = 0; i < 1000; ++i) queue.push({&request, {}, {}});
  queue.close();
  taker.join();
  CHECK(taken == 1000);
}
