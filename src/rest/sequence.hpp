#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace qbatch::rest {

/// Ascending numbers below 2^53 that do not repeat when the program is started again: milliseconds since 1970 times 1024, and a count.
/// Thread-safe.
class Sequence {
 public:
  /// Above every number that was given before.
  [[nodiscard]] std::uint64_t next(std::chrono::system_clock::time_point now) noexcept;

 private:
  std::atomic<std::uint64_t> last_{0};
};

/// A random name of [A-Za-z0-9] with more than 96 bits of chance.
[[nodiscard]] std::string randomWriter();

}  // namespace qbatch::rest
