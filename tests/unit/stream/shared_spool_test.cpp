#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "qbatch/error.hpp"
#include "stream/spool.hpp"
#include "support/campaign.hpp"
#include "support/catch.hpp"
#include "support/request_error.hpp"
#include "support/spool_windows.hpp"
#include "support/text_matchers.hpp"

// One spool for several threads, and one folder for several spools.
using namespace qbatch;
using namespace qbatch::test;
namespace fs = std::filesystem;

TEST_CASE("a spool belongs to one import at a time, also where it is made meanwhile") {
  const SpoolScene scene;
  Spool early(scene.folder, "model", spoolDimension);
  {
    Spool first(scene.folder, "model", spoolDimension);
    static_cast<void>(keep(first, 0, 10));
    const Error error = requestError([&] { const Spool second(scene.folder, "model", spoolDimension); });
    CHECK(error.code() == make_error_code(Errc::inUse));
    CHECK_THAT(error.message(), contains(scene.folder) && contains("the spool"));
    CHECK(requestError([&] { static_cast<void>(keep(early, 10, 20)); }).code() == make_error_code(Errc::inUse));
  }
  CHECK_FALSE(requestError([&] { static_cast<void>(keep(early, 10, 20)); }));
  CHECK(namesIn(scene.folder).size() == 3);
}

TEST_CASE("owners that come and go at once never share a folder") {
  const SpoolScene scene;
  std::atomic<int> inside = 0, shared = 0, turns = 0, odd = 0;
  const auto comeAndGo = [&] {
    for (std::size_t i = 0; i < campaignSize(1500); ++i) {
      try {
        Spool spool(scene.folder, "model", spoolDimension);
        const auto window = keep(spool, 0, 1);
        if (++inside != 1) ++shared;
        ++turns;
        --inside;
        spool.drop(window);
      } catch (const RequestError& error) {
        if (error.error().code() != make_error_code(Errc::inUse)) ++odd;
      }
    }
  };
  std::thread one(comeAndGo), two(comeAndGo), three(comeAndGo);
  one.join();
  two.join();
  three.join();
  CHECK(shared == 0);
  CHECK(odd == 0);
  CHECK(turns > 0);
  CHECK_FALSE(fs::exists(scene.folder));
}

TEST_CASE("threads keep, find and drop at once") {
  const SpoolScene scene;
  {
    Spool spool(scene.folder, "model", spoolDimension);
    for (std::uint64_t window = 0; window < 8; ++window) static_cast<void>(keep(spool, window * 10, window * 10 + 10));
  }
  Spool spool(scene.folder, "model", spoolDimension);
  std::atomic<std::size_t> found = 0;
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < 80; ++i) {
        const std::uint64_t item = (i * 7 + thread * 20) % 80;
        std::vector<float> vector(spoolDimension);
        if (spool.find(keyOf(item), vector) && vector == vectorOf(item)) ++found;
        if (i % 10 == 0) spool.drop(keep(spool, 1000 * (thread + 1), 1000 * (thread + 1) + 5));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(found == 4 * 80);
  CHECK(namesIn(scene.folder).size() == 9);
}
