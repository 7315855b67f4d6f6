#include "embed/feature_vector.hpp"

#include <algorithm>
#include <cmath>

namespace qbatch::embed {
namespace {

// Enough for a text of about 2 KB. After a much larger one the table falls back to this, as clearing it costs its whole size.
constexpr std::size_t initialSlots = std::size_t{1} << 12U;
constexpr std::size_t keptSlots = std::size_t{1} << 15U;

// Sums up to this can be squared and added up over 65,536 components in 64 bits.
constexpr std::int64_t largestSum = (std::int64_t{1} << 23U) - 1;

[[nodiscard]] std::int64_t largestOf(const std::vector<std::int64_t>& sums) noexcept {
  std::int64_t largest = 0;
  for (const std::int64_t sum : sums) largest = std::max(largest, sum < 0 ? -sum : sum);
  return largest;
}

}  // namespace

FeatureVector::FeatureVector(std::size_t dimension) : sums_(dimension), slots_(initialSlots) {}

void FeatureVector::add(std::uint64_t hash, std::uint32_t weight) {
  if (!insert(hash)) return;
  std::int64_t& sum = sums_[componentOf(hash)];
  sum += (hash & 1U) != 0 ? -std::int64_t{weight} : std::int64_t{weight};
}

bool FeatureVector::write(std::span<float> row) {
  if (used_ == 0) return false;
  std::int64_t largest = largestOf(sums_);
  if (largest == 0) {
    sums_[componentOf(first_)] = (first_ & 1U) != 0 ? -1 : 1;
    largest = 1;
  }
  std::int64_t divisor = 1;
  while (largest / divisor > largestSum) divisor *= 2;
  std::uint64_t squares = 0;
  for (std::int64_t& sum : sums_) {
    sum /= divisor;
    squares += static_cast<std::uint64_t>(sum * sum);
  }
  const double length = std::sqrt(static_cast<double>(squares));
  for (std::size_t i = 0; i < sums_.size(); ++i) row[i] = static_cast<float>(static_cast<double>(sums_[i]) / length);
  return true;
}

void FeatureVector::clear() {
  std::fill(sums_.begin(), sums_.end(), 0);
  if (slots_.size() > keptSlots)
    slots_ = std::vector<std::uint64_t>(initialSlots);
  else
    std::fill(slots_.begin(), slots_.end(), 0);
  used_ = 0;
}

std::size_t FeatureVector::componentOf(std::uint64_t hash) const noexcept {
  return static_cast<std::size_t>((hash >> 32U) * sums_.size() >> 32U);
}

bool FeatureVector::insert(std::uint64_t hash) {
  const std::uint64_t key = hash == 0 ? 1 : hash;
  const std::size_t slot = slotOf(key);
  if (slots_[slot] == key) return false;
  slots_[slot] = key;
  if (used_++ == 0) first_ = hash;
  if (used_ * 2 > slots_.size()) grow();
  return true;
}

std::size_t FeatureVector::slotOf(std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(hash >> 1U) & mask;
  while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & mask;
  return slot;
}

void FeatureVector::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  for (const std::uint64_t key : old) {
    if (key != 0) slots_[slotOf(key)] = key;
  }
}

}  // namespace qbatch::embed
