#include "batch/concurrency.hpp"

#include "support/catch.hpp"

using qbatch::batch::Window;

namespace {
void pass(Window& window, int times) {
  for (int i = 0; i < times; ++i) window.passed();
}
}  // namespace

TEST_CASE("concurrency: begins at the most, and never exceeds it", "[batch]") {
  Window window(8, true);
  CHECK(window.size() == 8);
  pass(window, 100);
  CHECK(window.size() == 8);
  CHECK(Window(0, true).size() == 1);
}

TEST_CASE("concurrency: throttling halves, down to one", "[batch]") {
  Window window(8, true);
  for (const std::size_t expected : {4u, 2u, 1u, 1u}) {
    window.throttled(100, 100);
    CHECK(window.size() == expected);
  }
}

TEST_CASE("concurrency: requests of one moment halve once", "[batch]") {
  Window window(8, true);
  window.throttled(3, 9);  // 1 to 8 were in flight
  window.throttled(5, 9);
  window.throttled(8, 9);
  CHECK(window.size() == 4);
  window.throttled(9, 10);
  CHECK(window.size() == 2);
}

TEST_CASE("concurrency: grows by one for each window of successes", "[batch]") {
  Window window(4, true);
  window.throttled(1, 2);
  CHECK(window.size() == 2);
  pass(window, 1);
  CHECK(window.size() == 2);
  pass(window, 1);
  CHECK(window.size() == 3);
  pass(window, 2);
  CHECK(window.size() == 3);
  pass(window, 1);
  CHECK(window.size() == 4);
  pass(window, 50);
  CHECK(window.size() == 4);
}

TEST_CASE("concurrency: throttling begins the count of successes anew", "[batch]") {
  Window window(8, true);
  window.throttled(1, 5);
  pass(window, 3);
  window.throttled(2, 6);  // does not halve again
  pass(window, 3);
  CHECK(window.size() == 4);
  pass(window, 1);
  CHECK(window.size() == 5);
}

TEST_CASE("concurrency: not adaptive, throttling changes nothing", "[batch]") {
  Window window(8, false);
  window.throttled(1, 2);
  CHECK(window.size() == 8);
}

TEST_CASE("concurrency: the first refusal by size narrows to one until a request passes", "[batch]") {
  for (const bool adaptive : {true, false}) {
    Window window(8, adaptive);
    window.refusedBySize();
    CHECK(window.size() == 1);
    window.refusedBySize();
    CHECK(window.size() == 1);
    window.passed();
    CHECK(window.size() == 8);
    window.refusedBySize();  // only the first
    CHECK(window.size() == 8);
  }
}

TEST_CASE("concurrency: narrowing remembers what throttling had left", "[batch]") {
  Window window(8, true);
  window.throttled(1, 2);
  window.refusedBySize();
  window.throttled(2, 3);
  CHECK(window.size() == 1);
  window.passed();
  CHECK(window.size() == 2);
}
