#include "batch/index_map.hpp"

#include "support/catch.hpp"

using qbatch::batch::IndexMap;

TEST_CASE("index_map: consecutive indices map to themselves", "[batch]") {
  IndexMap map;
  map.append(0, 3);
  map.append(3);
  map.append(4, 6);
  REQUIRE(map.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) CHECK(map[i] == i);
}

TEST_CASE("index_map: all of a number map to themselves", "[batch]") {
  const IndexMap map(4);
  REQUIRE(map.size() == 4);
  CHECK(map[0] == 0);
  CHECK(map[3] == 3);
  CHECK(IndexMap(0).size() == 0);
}

TEST_CASE("index_map: gaps shift what follows", "[batch]") {
  IndexMap map;
  map.append(2, 2);  // positions 0, 1
  map.append(7);     // 2
  map.append(9, 3);  // 3, 4, 5
  REQUIRE(map.size() == 6);
  CHECK(map[0] == 2);
  CHECK(map[1] == 3);
  CHECK(map[2] == 7);
  CHECK(map[3] == 9);
  CHECK(map[5] == 11);
}

TEST_CASE("index_map: nothing appended is nothing", "[batch]") {
  IndexMap map;
  CHECK(map.size() == 0);
  map.append(5, 0);
  CHECK(map.size() == 0);
  map.append(6);
  CHECK(map[0] == 6);
}
