#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stream/ledger.hpp"

namespace qbatch::stream {

/// Walks along an input beside what a ledger knows of it: which items are settled, and whether it is the same input.
class Resume {
 public:
  Resume() = default;
  Resume(std::vector<SettledRange> settled, std::optional<std::uint64_t> firstItem);

  enum class Item { toDo, settled, otherInput };
  /// Item `index`, asked in the order of the input, once each. otherInput: this item, or those of the range that ends with it, are not
  /// those that the ledger knows.
  [[nodiscard]] Item next(std::size_t index, std::uint64_t contentHash);
  /// After the last of `items`: false where the ledger knows of more, so that it is another input.
  [[nodiscard]] bool endsAt(std::size_t items) const noexcept;

  /// Of the ranges that the walk has left behind.
  [[nodiscard]] std::size_t settled() const noexcept { return settledItems_; }
  [[nodiscard]] std::size_t letters() const noexcept { return letters_; }
  /// Where otherInput was found: the first item that may differ.
  [[nodiscard]] std::size_t differsFrom() const noexcept { return differsFrom_; }
  /// True where the ledger knows of items that did not become dead letters.
  [[nodiscard]] bool anyStored() const noexcept;

 private:
  std::vector<SettledRange> ranges_;
  std::optional<std::uint64_t> firstItem_;
  std::size_t range_ = 0, settledItems_ = 0, letters_ = 0, differsFrom_ = 0;
  std::uint64_t digest_ = 0;
};

}  // namespace qbatch::stream
