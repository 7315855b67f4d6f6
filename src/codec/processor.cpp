#include "codec/processor.hpp"

namespace qbatch::codec {

bool hasAvx2() noexcept {
#if QBATCH_MAY_HAVE_AVX2
  static const bool has =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("popcnt") != 0;
  return has;
#else
  return false;
#endif
}

}  // namespace qbatch::codec
