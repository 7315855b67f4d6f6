#include "result_text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "messages.hpp"
#include "text_table.hpp"

namespace cli {
namespace {

constexpr std::size_t mostRows = 20;

std::string seconds(std::chrono::nanoseconds time) {
  char text[32];
  const double value = std::chrono::duration<double>(time).count();
  if (value < 0.1) {
    std::snprintf(text, sizeof text, value < 0.001 ? "%.1f ms" : "%.0f ms", value * 1000);
  } else {
    std::snprintf(text, sizeof text, value < 9.995 ? "%.2f s" : "%.1f s", value);
  }
  return text;
}

/// The end of the run of failures from `first` on that have the same outcome and cause.
std::size_t runEnd(const std::vector<FailedItem>& failures, std::size_t first) {
  std::size_t end = first + 1;
  const auto follows = [&](const FailedItem& item) {
    const auto& before = failures[end - 1];
    return item.outcome == before.outcome && item.error == before.error && item.place.index == before.place.index + 1;
  };
  while (end < failures.size() && follows(failures[end])) ++end;
  return end;
}

std::string lineText(const FailedItem& first, const FailedItem& last) {
  if (first.place.line == 0) return "";
  const std::string number = std::to_string(first.place.line);
  return first.place.line == last.place.line ? number : number + "-" + std::to_string(last.place.line);
}

}  // namespace

std::string grouped(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string counted(std::size_t number, const std::string& singular, const std::string& plural) {
  return grouped(number) + " " + (number == 1 ? singular : plural);
}

std::string summaryTail(std::chrono::nanoseconds elapsed, std::size_t requests, const std::function<std::size_t(qbatch::Outcome)>& count) {
  std::string text = " in " + seconds(elapsed) + ", " + counted(requests, "request", "requests");
  std::string separator = ": ";
  if (const auto accepted = count(qbatch::Outcome::accepted)) {
    text += separator + grouped(accepted) + " accepted but not yet applied";
    separator = ", ";
  }
  for (const auto outcome : {qbatch::Outcome::rejected, qbatch::Outcome::failed, qbatch::Outcome::unknown, qbatch::Outcome::unsent}) {
    if (count(outcome) == 0) continue;
    text += separator + grouped(count(outcome)) + " " + std::string(toString(outcome));
    separator = ", ";
  }
  return text;
}

std::string summaryTail(const Tally& tally) {
  return summaryTail(tally.elapsed(), tally.requests(), [&](qbatch::Outcome outcome) { return tally.count(outcome); });
}

std::string failureTable(Tally& tally) { return failureTable(tally.failures(), tally.failures().size()); }

std::string failureTable(const std::vector<FailedItem>& failures, std::size_t all) {
  if (failures.empty()) return "";
  using Align = TextTable::Align;
  TextTable table({Align::right, Align::left, Align::left, Align::left});
  const bool lines = failures.front().place.line > 0;
  table.row({lines ? "line" : "", "outcome", "id", "why"});
  std::size_t shown = 0;
  for (std::size_t row = 0; row < mostRows && shown < failures.size(); ++row) {
    const std::size_t end = runEnd(failures, shown);
    const auto& first = failures[shown];
    const std::string name = end - shown == 1 ? first.name : counted(end - shown, "item", "items");
    table.row({lineText(first, failures[end - 1]), std::string(toString(first.outcome)), name, first.error});
    shown = end;
  }
  std::string text = table.text("  ");
  if (shown < all) text += "  and " + grouped(all - shown) + " more; --json names all\n";
  return text;
}

void complainOfStop(const Tally& tally) {
  if (tally.stopped()) complain((tally.successful() > 0 ? "stopped early: " : "") + tally.stopped().message());
}

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) throw OutputError(std::string("the result could not be written to standard output: ") + std::strerror(errno));
}

}  // namespace cli
