#include "embed/embed_call.hpp"

#include <stdexcept>
#include <vector>

#include "support/catch.hpp"

using namespace qbatch::embed;

TEST_CASE("a matrix of the wrong shape is refused with both shapes", "[embed]") {
  std::vector<float> values(6);
  CHECK_NOTHROW(checkMatrix(2, 3, {values.data(), 2, 3}));
  CHECK_THROWS_AS(checkMatrix(2, 3, {values.data(), 2, 2}), std::invalid_argument);
  CHECK_THROWS_WITH(checkMatrix(2, 3, {values.data(), 1, 3}), "the matrix for 2 texts has 1 rows of 3 floats; it must have 2 rows of 3");
}

TEST_CASE("each row is embedded in turn, and a reason is a failure", "[embed]") {
  std::vector<std::size_t> rows;
  const auto failures = embedEach(4, {}, [&](std::size_t row) {
    rows.push_back(row);
    return row % 2 == 1 ? "odd" : std::string();
  });
  CHECK(rows == std::vector<std::size_t>{0, 1, 2, 3});
  REQUIRE(failures.size() == 2);
  CHECK(failures[0].row == 1);
  CHECK(failures[1].row == 3);
  CHECK(failures[1].reason == "odd");
}

TEST_CASE("a stop is seen between texts, and the rest is named", "[embed]") {
  std::stop_source source;
  std::size_t calls = 0;
  const auto failures = embedEach(5, source.get_token(), [&](std::size_t row) {
    ++calls;
    if (row == 1) source.request_stop();
    return std::string();
  });
  CHECK(calls == 2);
  REQUIRE(failures.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(failures[i].row == i + 2);
    CHECK(failures[i].reason == "the call was stopped before this text was embedded");
  }
}
