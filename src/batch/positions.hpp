#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "batch/chunk_plan.hpp"

namespace qbatch::batch {

/// Ascending positions, kept as the ranges that they form. Never empty but by default.
class Positions {
 public:
  Positions() = default;
  Positions(Range range) : ranges_{range}, size_(range.size()) {}  // NOLINT(google-explicit-constructor): a range is the usual case

  /// Appends positions behind all others.
  void append(Range range);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t front() const noexcept { return ranges_.front().first; }
  [[nodiscard]] const std::vector<Range>& ranges() const noexcept { return ranges_; }
  /// True where they are one range.
  [[nodiscard]] bool whole() const noexcept { return ranges_.size() == 1; }

  /// The first half and the rest. Only for two positions or more.
  [[nodiscard]] std::pair<Positions, Positions> halves() const;
  /// Those from the `part.first`-th to before the `part.last`-th of these.
  [[nodiscard]] Positions part(Range part) const;
  /// Both together. They have no position in common.
  [[nodiscard]] static Positions merged(const Positions& one, const Positions& other);

  bool operator==(const Positions&) const noexcept = default;

 private:
  std::vector<Range> ranges_;
  std::size_t size_ = 0;
};

}  // namespace qbatch::batch
