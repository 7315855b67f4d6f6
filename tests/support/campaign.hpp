#pragma once
#include <cstdint>
#include <cstdlib>
#include <random>

// How long random tests run, and numbers for them. For the seed see support/seed.hpp.
namespace qbatch::test {

/// How many rounds a property test runs: `usual`, multiplied by QBATCH_CAMPAIGN where it is set.
inline std::size_t campaignSize(std::size_t usual) {
  const char* given = std::getenv("QBATCH_CAMPAIGN");
  const auto factor = given ? std::strtoull(given, nullptr, 10) : 1;
  return usual * static_cast<std::size_t>(factor > 0 ? factor : 1);
}

/// The same numbers from the same seed with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// 0 to bound - 1; bound must not be 0.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  /// True `percent` times of a hundred.
  bool chance(unsigned percent) { return below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace qbatch::test
