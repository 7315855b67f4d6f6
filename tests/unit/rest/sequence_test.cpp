#include "rest/sequence.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch::rest;

TEST_CASE("numbers ascend with the clock, and also where it stands still or goes back") {
  Sequence sequence;
  const auto now = std::chrono::system_clock::from_time_t(1'800'000'000);
  const auto first = sequence.next(now);
  CHECK(first == 1'800'000'000'000ull * 1024);
  CHECK(first < (1ull << 53));
  CHECK(sequence.next(now) == first + 1);
  CHECK(sequence.next(now - std::chrono::hours(1)) == first + 2);
  CHECK(sequence.next(now + std::chrono::milliseconds(1)) == first + 1024);
}

TEST_CASE("no number is given twice to several threads") {
  Sequence sequence;
  std::vector<std::vector<std::uint64_t>> given(4);
  std::vector<std::thread> threads;
  for (auto& mine : given)
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) mine.push_back(sequence.next(std::chrono::system_clock::now()));
    });
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : given) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  CHECK(all.size() == 8000);
}

TEST_CASE("writers' names are long, plain and different") {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) {
    const auto name = randomWriter();
    CHECK(name.size() == 17);
    CHECK(std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; }));
    names.insert(name);
  }
  CHECK(names.size() == 100);
}
