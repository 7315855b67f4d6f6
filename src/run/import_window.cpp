#include "run/import_window.hpp"

#include "report_data.hpp"

namespace qbatch::run {

namespace {

constexpr std::size_t bytesOfItem = sizeof(Pattern) + 200;

}  // namespace

void ImportWindow::add(ImportItem item, std::size_t index, std::uint64_t hash) {
  if (items() == 0) began = std::chrono::steady_clock::now();
  if (!item.problem.empty()) {
    noPatterns.emplace_back(index, std::move(item));
    noPatternHashes.push_back(hash);
    return;
  }
  ids.push_back(idOf(item.pattern));
  patterns.push_back(std::move(item.pattern));
  indices.push_back(index);
  lines.push_back(item.line);
  hashes.push_back(hash);
}

std::size_t bytesOnTheWay(const ImportItem& item, std::size_t dimension) noexcept {
  const auto ready = item.pattern.vector.size();
  // A computed vector is there twice until it has been handed over.
  const auto floats = ready != 0 ? ready * sizeof(float) : dimension * 2 * sizeof(float);
  return bytesOfItem + item.problem.size() + item.text.size() + 2 * textBytes(item.pattern) + floats +
         bytesInRequest(item.pattern, dimension);
}

std::size_t bytesInRequest(const Pattern& pattern, std::size_t dimension) noexcept {
  const auto floats = pattern.vector.empty() ? dimension : pattern.vector.size();
  return textBytes(pattern) + bytesOfNames + floats * bytesOfFloat;
}

StoreReport unsentReport(const ImportWindow& window, const Error& why) {
  auto data = std::make_shared<ReportData>();
  data->size = data->stats.items = window.patterns.size();
  data->ids = window.ids;
  data->stopped = why;
  data->nothingTried = true;
  auto ended = window.ended.begin();
  for (std::size_t index = 0; index < window.patterns.size(); ++index) {
    if (ended != window.ended.end() && ended->index == index) {
      data->failures.push_back({index, ended->outcome, ended->error, 0});
      ++ended;
    } else {
      data->failures.push_back({index, Outcome::unsent, why, 0});
    }
  }
  return StoreReport(std::move(data));
}

}  // namespace qbatch::run
