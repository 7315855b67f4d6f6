#include "batch/chunk_plan.hpp"

#include <limits>
#include <vector>

#include "support/catch.hpp"

using qbatch::batch::chunkEnd;
using qbatch::batch::Range;

namespace {
constexpr auto unlimited = std::numeric_limits<std::size_t>::max();
auto sizes(std::vector<std::size_t> bytes) {
  return [bytes](std::size_t index) { return bytes.at(index); };  // at(): an index beyond the items throws
}
}  // namespace

TEST_CASE("chunk_plan: a range knows its size", "[batch]") {
  CHECK(Range{2, 5}.size() == 3);
  CHECK(Range{2, 5} == Range{2, 5});
  CHECK_FALSE(Range{2, 5} == Range{2, 6});
}

TEST_CASE("chunk_plan: at most maxItems items", "[batch]") {
  const auto bytes = sizes({1, 1, 1, 1, 1});
  CHECK(chunkEnd(0, 5, 2, 100, bytes) == 2);
  CHECK(chunkEnd(2, 5, 2, 100, bytes) == 4);
  CHECK(chunkEnd(4, 5, 2, 100, bytes) == 5);
  CHECK(chunkEnd(0, 5, 9, 100, bytes) == 5);
}

TEST_CASE("chunk_plan: at most maxBytes bytes", "[batch]") {
  const auto bytes = sizes({3, 3, 4, 1, 9});
  CHECK(chunkEnd(0, 5, 9, 10, bytes) == 3);  // exactly full
  CHECK(chunkEnd(0, 5, 9, 9, bytes) == 2);
  CHECK(chunkEnd(3, 5, 9, 10, bytes) == 5);
}

TEST_CASE("chunk_plan: always one item", "[batch]") {
  CHECK(chunkEnd(1, 3, 9, 10, sizes({1, 11, 0})) == 3);  // the large one fills the chunk, but an item without bytes still fits
  CHECK(chunkEnd(1, 3, 9, 10, sizes({1, 11, 1})) == 2);
  CHECK(chunkEnd(0, 3, 0, 10, sizes({1, 1, 1})) == 1);
  CHECK(chunkEnd(0, 3, 9, 0, sizes({1, 1, 1})) == 1);
}

TEST_CASE("chunk_plan: no sum overflows", "[batch]") {
  CHECK(chunkEnd(0, 3, 9, unlimited, sizes({unlimited - 1, 2, 1})) == 1);
  CHECK(chunkEnd(0, 3, 9, unlimited, sizes({unlimited - 3, 2, 1})) == 3);
}

TEST_CASE("chunk_plan: without an item the end is the count", "[batch]") { CHECK(chunkEnd(3, 3, 9, 10, sizes({1, 1, 1})) == 3); }
