#include "rest/body_limit.hpp"

#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using qbatch::rest::BodyLimit;

namespace {

const BodyLimit::TimePoint now{1h};

/// The largest body that is allowed, found by trying.
std::size_t largestAllowed(const BodyLimit& limit, BodyLimit::TimePoint at = now) {
  std::size_t allowed = 0, refused = std::size_t{1} << 40;
  if (limit.allows(refused, at)) return refused;
  while (refused - allowed > 1) {
    const auto middle = allowed + (refused - allowed) / 2;
    (limit.allows(middle, at) ? allowed : refused) = middle;
  }
  return allowed;
}

constexpr std::size_t everything = std::size_t{1} << 40;

}  // namespace

TEST_CASE("every body is allowed until one was refused") {
  BodyLimit limit;
  CHECK(largestAllowed(limit) == everything);
  limit.passed(10, now);
  CHECK(largestAllowed(limit) == everything);
  CHECK(limit.known(now).largestPassed == 10);
  CHECK(limit.known(now).smallestRefused == BodyLimit::none);
}

TEST_CASE("a refusal allows half of it, or what has passed where that is more") {
  BodyLimit limit;
  limit.refused(1001);
  CHECK(largestAllowed(limit) == 500);
  limit.passed(200, now);
  CHECK(largestAllowed(limit) == 500);
  limit.passed(700, now);
  CHECK(largestAllowed(limit) == 700);
  limit.passed(300, now);  // less than before says nothing new
  CHECK(largestAllowed(limit) == 700);
  limit.refused(2000);  // more than before neither
  CHECK(largestAllowed(limit) == 700);
  CHECK(limit.known(now).largestPassed == 700);
  CHECK(limit.known(now).smallestRefused == 1001);
}

TEST_CASE("bodies that are halved until they pass meet no more refusals than halvings, and none afterwards") {
  for (const std::size_t most : {std::size_t{1}, std::size_t{999}, std::size_t{1'000'000}, std::size_t{33'554'432}}) {
    CAPTURE(most);
    BodyLimit limit;
    std::size_t refusals = 0, halvings = 0;
    for (std::size_t bytes = 40'000'000; bytes > 0; bytes /= 2) {
      halvings += bytes > most ? 1 : 0;
      if (!limit.allows(bytes, now)) continue;
      if (bytes <= most) {
        limit.passed(bytes, now);
        break;
      }
      limit.refused(bytes);
      ++refusals;
    }
    CHECK(refusals == halvings);
    CHECK(largestAllowed(limit) <= most);
    CHECK(largestAllowed(limit) >= most / 2);
  }
}

TEST_CASE("a body that passes above a refused size lifts the refusal") {
  BodyLimit limit;
  limit.refused(1000);
  limit.suspected(1100, now);
  limit.passed(999, now);
  CHECK(largestAllowed(limit) == 999);
  limit.passed(1000, now);
  CHECK(largestAllowed(limit) == 1000);  // what was only suspected still holds
  limit.passed(1100, now);
  CHECK(largestAllowed(limit) == everything);
}

TEST_CASE("a server that begins to refuse what has passed takes less than before") {
  BodyLimit limit;
  limit.passed(5000, now);
  limit.refused(5000);
  CHECK(largestAllowed(limit) == 2500);
  CHECK(limit.known(now).largestPassed == 0);
  limit.passed(2500, now);
  limit.refused(1000);
  CHECK(largestAllowed(limit) == 500);
}

TEST_CASE("what is only suspected holds for a while") {
  BodyLimit limit;
  limit.suspected(1000, now);
  CHECK(largestAllowed(limit) == 500);
  limit.suspected(400, now + 1min);
  limit.suspected(2000, now + 2min);
  CHECK(largestAllowed(limit, now + 2min) == 200);
  const auto end = now + 2min + BodyLimit::guessHolds;
  CHECK(largestAllowed(limit, end - 1ns) == 200);
  CHECK(largestAllowed(limit, end) == everything);
  limit.suspected(3000, end);  // what was suspected before is forgotten
  CHECK(largestAllowed(limit, end) == 1500);
  limit.refused(5000);
  CHECK(largestAllowed(limit, end) == 1500);
  CHECK(largestAllowed(limit, end + BodyLimit::guessHolds) == 2500);  // what was said is not
}

TEST_CASE("a body no larger than one that passed is not suspected") {
  BodyLimit limit;
  limit.passed(1000, now);
  limit.suspected(1000, now);
  CHECK(largestAllowed(limit) == everything);
  limit.suspected(1001, now);
  CHECK(largestAllowed(limit) == 1000);
}

TEST_CASE("a body whose connection broke is suspected once a smaller one passes") {
  BodyLimit limit;
  SECTION("not before: the server may be gone") {
    for (int i = 0; i < 20; ++i) limit.broken(1000);
    CHECK(largestAllowed(limit) == everything);
  }
  SECTION("then for a while") {
    limit.broken(1100);
    limit.broken(1000);
    limit.passed(10, now);
    CHECK(largestAllowed(limit) == 500);
    CHECK(largestAllowed(limit, now + BodyLimit::guessHolds) == everything);
  }
  SECTION("not where as much passes") {
    limit.broken(1000);
    limit.passed(1000, now);
    limit.passed(10, now);
    CHECK(largestAllowed(limit) == everything);
  }
  SECTION("not where as much had passed") {
    limit.passed(1000, now);
    limit.broken(1000);
    limit.passed(10, now);
    CHECK(largestAllowed(limit) == everything);
  }
}

TEST_CASE("several threads may learn at once") {
  BodyLimit limit;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t bytes = 40'000 + t; bytes > 0; bytes /= 2) {
        if (!limit.allows(bytes, now)) continue;
        if (bytes > 1000) {
          limit.refused(bytes);
        } else {
          limit.passed(bytes, now);
        }
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(limit.known(now).largestPassed == std::size_t{40'003} / 64);
  CHECK(limit.known(now).smallestRefused == 40'000 / 32);
  CHECK(largestAllowed(limit) == 625);
}
