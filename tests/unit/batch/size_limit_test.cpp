#include "batch/size_limit.hpp"

#include <limits>

#include "support/catch.hpp"

using qbatch::batch::SizeLimit;

TEST_CASE("size_limit: nothing is too large at first", "[batch]") {
  SizeLimit limit;
  for (int i = 0; i < 100; ++i) limit.passed(10);
  CHECK_FALSE(limit.reached(std::numeric_limits<std::size_t>::max() - 1));
}

TEST_CASE("size_limit: the smallest refused size counts", "[batch]") {
  SizeLimit limit;
  limit.refused(100);
  limit.refused(50);
  limit.refused(80);
  CHECK(limit.reached(50));
  CHECK(limit.reached(1000));
  CHECK_FALSE(limit.reached(49));
}

TEST_CASE("size_limit: a single item cannot be divided, and says nothing of the others", "[batch]") {
  SizeLimit limit;
  limit.refused(1);
  CHECK_FALSE(limit.reached(2));
  limit.refused(2);
  CHECK(limit.reached(2));
  CHECK_FALSE(limit.reached(1));
}

TEST_CASE("size_limit: sixteen requests near the limit that pass in a row double it", "[batch]") {
  SizeLimit limit;
  limit.refused(100);
  for (int i = 0; i < 15; ++i) limit.passed(50);
  CHECK(limit.reached(100));
  limit.passed(50);
  CHECK_FALSE(limit.reached(199));
  CHECK(limit.reached(200));
}

TEST_CASE("size_limit: a refusal in between begins the count anew, and small requests do not count", "[batch]") {
  SizeLimit limit;
  limit.refused(100);
  for (int i = 0; i < 15; ++i) limit.passed(99);
  limit.refused(100);
  for (int i = 0; i < 15; ++i) limit.passed(49);
  CHECK(limit.reached(100));
  for (int i = 0; i < 100; ++i) limit.passed(48);
  CHECK(limit.reached(100));
  limit.passed(49);
  CHECK_FALSE(limit.reached(100));
}

TEST_CASE("size_limit: it can grow without end and without overflow", "[batch]") {
  SizeLimit limit;
  limit.refused(std::numeric_limits<std::size_t>::max() / 2 + 1);
  for (int i = 0; i < 16; ++i) limit.passed(std::numeric_limits<std::size_t>::max() / 2);
  CHECK_FALSE(limit.reached(std::numeric_limits<std::size_t>::max() - 1));
}
