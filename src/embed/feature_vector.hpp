#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace qbatch::embed {

/// Adds up hashed features and gives their direction. The upper half of a feature's hash names its component, the lowest bit its sign.
/// Sums are integers, and each row takes one square root and one division a component, so the floats are the same on every platform.
class FeatureVector {
 public:
  /// `dimension` is at least 1 and at most 65,536.
  explicit FeatureVector(std::size_t dimension);

  /// Counts a feature once: where its hash was added before, nothing happens. `weight` is 1 to 65,536.
  void add(std::uint64_t hash, std::uint32_t weight);
  /// Writes the direction, of length 1, into a row of `dimension` floats. Where all features cancel each other, the first one stands
  /// alone. False, with nothing written, where there is no feature.
  [[nodiscard]] bool write(std::span<float> row);
  /// Forgets all features.
  void clear();

 private:
  [[nodiscard]] std::size_t componentOf(std::uint64_t hash) const noexcept;
  [[nodiscard]] bool insert(std::uint64_t hash);
  [[nodiscard]] std::size_t slotOf(std::uint64_t hash) const noexcept;
  void grow();

  std::vector<std::int64_t> sums_;
  std::vector<std::uint64_t> slots_;  // open addressing over a power of two; 0 is a free slot
  std::size_t used_{};
  std::uint64_t first_{};  // the hash of the first feature
};

}  // namespace qbatch::embed
