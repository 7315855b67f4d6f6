#pragma once

/// 1 where this build can hold code for AVX2, which only processors that have it may run.
#if defined(__x86_64__) && defined(__GNUC__)
#define QBATCH_MAY_HAVE_AVX2 1
#else
#define QBATCH_MAY_HAVE_AVX2 0
#endif

namespace qbatch::codec {

/// True where the processor, and the system, let AVX2 run, and the bit operations that came with it (BMI, POPCNT); asked for once a
/// process.
[[nodiscard]] bool hasAvx2() noexcept;

}  // namespace qbatch::codec
