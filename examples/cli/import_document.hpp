#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "input.hpp"
#include "qbatch/import.hpp"
#include "spill_file.hpp"

namespace cli {

/// The JSON document of an import: the one that storePatterns has for a call, with the lines that were no items in their places, and
/// `stats`. What it says of each item is put aside window by window, so that memory does not grow with the input.
class ImportDocument {
 public:
  /// What became of one window; `wordings` are by the item's index in it. Once it could not be put aside, problem() says why, and nothing
  /// more is taken.
  void add(const qbatch::ImportedBatch& batch, const Wordings& wordings);
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// Writes it to stdout, items in the order of the input. Throws OutputError, also where what was put aside cannot be read.
  void print(const qbatch::ImportReport& report) const;

 private:
  struct Window {
    std::size_t firstIndex{};
    SpillFile::Piece ids{}, errors{};
  };

  void printItems(std::string_view name, SpillFile::Piece Window::*piece) const;
  [[nodiscard]] std::vector<SpillFile::Piece> inOrder(SpillFile::Piece Window::*piece) const;

  SpillFile spill_;
  std::vector<Window> windows_;  // windows hold ranges of the input that do not overlap
  std::string problem_;
  bool anyTried_ = false;
};

}  // namespace cli
