#pragma once
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace qbatch::test {

/// The seed of a property test: QBATCH_SEED where it is set, else a new one. Tests print it, so that a failure can be repeated.
inline std::uint64_t seed() {
  if (const char* text = std::getenv("QBATCH_SEED")) return std::stoull(text);
  return std::random_device{}();
}

}  // namespace qbatch::test
