#include "hit_table.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string_view>

#include "messages.hpp"
#include "text_table.hpp"

namespace cli {
namespace {

constexpr std::size_t mostTitleColumns = 60, leastTitleColumns = 20, mostQueryColumns = 100;

/// The width of the terminal that stdout is; as wide as one likes where it is none.
std::size_t lineColumns() {
  winsize size{};
  const bool terminal = ::isatty(STDOUT_FILENO) == 1 && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return terminal ? size.ws_col : std::numeric_limits<std::size_t>::max();
}

/// What a title may take of a line: what score, id, language and file usually leave.
std::size_t titleColumns(std::size_t line) {
  constexpr std::size_t others = 2 + 7 + 2 + 36 + 2 + 2 + 8 + 2 + 20;
  return std::clamp(line > others ? line - others : 0, leastTitleColumns, mostTitleColumns);
}

std::string textMember(const qbatch::Payload& metadata, std::string_view name) {
  const auto value = metadata.get(name);
  const auto* const text = value ? std::get_if<std::string>(&*value) : nullptr;
  return text ? *text : "";
}

std::string firstLine(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "";
  text.remove_prefix(start);
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

std::string titleOf(const qbatch::Hit& hit) {
  auto title = textMember(hit.metadata, "name");
  if (title.empty()) title = firstLine(hit.description);
  if (title.empty()) title = firstLine(hit.code);
  return title;
}

std::string scoreText(float score) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", static_cast<double>(score));
  return text;
}

std::string heading(const qbatch::Query& query) {
  if (!query.vector.empty()) return "a vector of " + std::to_string(query.vector.size()) + " floats";
  return "\"" + cut(printable(query.text), mostQueryColumns) + "\"";
}

}  // namespace

void HitTables::add(const Place& place, const qbatch::Query& query, std::span<const qbatch::Hit> hits, const std::string& problem) {
  using Align = TextTable::Align;
  static const std::size_t line = lineColumns();
  TextTable table({Align::right, Align::left, Align::left, Align::left, Align::left});
  for (const auto& hit : hits) {
    table.row(
        {scoreText(hit.score), hit.id.toString(), cut(titleOf(hit), titleColumns(line)), hit.language, textMember(hit.metadata, "file")});
  }
  std::string text = heading(query) + "\n" + table.text("  ", line);
  if (!problem.empty()) {
    text += "  not answered: " + printable(problem) + "\n";
  } else if (hits.empty()) {
    text += "  no hits\n";
  }
  parts_.emplace_back(place.index, text + "\n");
}

void HitTables::addRejected(const RejectedLine& rejected) {
  parts_.emplace_back(rejected.place.index,
                      "line " + std::to_string(rejected.place.line) + "\n  not a query: " + printable(rejected.problem) + "\n\n");
}

std::string HitTables::text() {
  std::stable_sort(parts_.begin(), parts_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& part : parts_) text += part.second;
  return text;
}

}  // namespace cli
