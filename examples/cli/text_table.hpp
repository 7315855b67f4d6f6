#pragma once
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {

/// The number of columns that UTF-8 text takes on a terminal, counting one a character.
[[nodiscard]] std::size_t width(std::string_view text) noexcept;
/// The text, cut to `columns` with "..." at its end where it is longer.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);

/// Rows of cells, aligned. Control characters in cells become spaces.
class TextTable {
 public:
  enum class Align { left, right };

  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells);
  /// Each line begins with `indent` and is cut where it is longer than `columns`. A column that is empty in every row is left out.
  [[nodiscard]] std::string text(std::string_view indent = "", std::size_t columns = std::numeric_limits<std::size_t>::max()) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace cli
