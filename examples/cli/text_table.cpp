#include "text_table.hpp"

#include <algorithm>

#include "messages.hpp"

namespace cli {
namespace {

bool beginsCharacter(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace

std::size_t width(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), beginsCharacter));
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string(text);
  const std::size_t keep = columns > 3 ? columns - 3 : 0;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size(); ++end) {
    if (beginsCharacter(text[end]) && ++characters > keep) break;
  }
  return std::string(text.substr(0, end)) + "...";
}

void TextTable::row(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::string_view indent, std::size_t columns) const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < columns_.size(); ++column) widths[column] = std::max(widths[column], width(row[column]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line(indent);
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      if (widths[column] == 0) continue;
      if (line.size() > indent.size()) line += "  ";
      const std::string padding(widths[column] - width(row[column]), ' ');
      line += columns_[column] == Align::right ? padding + row[column] : row[column] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += cut(line, columns) + "\n";
  }
  return text;
}

}  // namespace cli
