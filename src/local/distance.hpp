#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "qbatch/backend.hpp"

namespace qbatch::local {

/// Compares two vectors of `size` floats.
using Kernel = float (*)(const float* a, const float* b, std::size_t size);

/// The fastest kernel that this machine can run: the dot product for Cosine (over normalised vectors) and Dot, the sum of squared
/// differences for Euclid, of absolute differences for Manhattan.
[[nodiscard]] Kernel kernelFor(Distance distance) noexcept;
/// The same in plain C++, for machines without AVX2 and as the oracle of the tests.
[[nodiscard]] Kernel plainKernelFor(Distance distance) noexcept;

/// What a kernel's result means as a score: the root for Euclid, otherwise the result itself.
[[nodiscard]] float scoreOf(Distance distance, float result) noexcept;
/// True for Cosine and Dot; for Euclid and Manhattan the smaller score is the better.
[[nodiscard]] bool largerIsBetter(Distance distance) noexcept;
/// The vector as the collection keeps and compares it: of length 1 for Cosine (a zero vector stays as it is), unchanged otherwise.
[[nodiscard]] std::vector<float> prepared(Distance distance, std::span<const float> vector);

}  // namespace qbatch::local
