#pragma once
#include <cstddef>

// Counts what a program takes from the heap: a program that is linked with counted_memory.cpp has its operators new and delete replaced.
namespace bench {

/// Of everything that operator new gave out and operator delete did not get back, in all threads.
struct Memory {
  std::size_t live{};  ///< bytes now
  std::size_t peak{};  ///< the most since restartPeak()
};
[[nodiscard]] Memory memory() noexcept;
/// The peak is counted from what is live now.
void restartPeak() noexcept;

}  // namespace bench
