#include "qbatch/report.hpp"

#include <algorithm>
#include <stdexcept>

#include "report_data.hpp"

namespace qbatch {
namespace {

const std::shared_ptr<const ReportData>& emptyData() {
  static const auto data = std::make_shared<const ReportData>();
  return data;
}

template <class List>
typename List::const_reference elementAt(const List& list, std::size_t index, const char* what) {
  if (index < list.size()) return list[index];
  throw std::out_of_range(std::string("report: no ") + what + " with index " + std::to_string(index) + "; there are " +
                          std::to_string(list.size()));
}

std::size_t acceptedItems(const ReportData& data) noexcept {
  std::size_t count = 0;
  for (const auto& part : data.accepted) count += part.second - part.first;
  return count;
}

bool isAccepted(const ReportData& data, std::size_t index) noexcept {
  const auto behind = std::upper_bound(data.accepted.begin(), data.accepted.end(), index,
                                       [](std::size_t value, const auto& part) { return value < part.first; });
  return behind != data.accepted.begin() && index < std::prev(behind)->second;
}

}  // namespace

std::string_view toString(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::accepted:
      return "accepted";
    case Outcome::rejected:
      return "rejected";
    case Outcome::failed:
      return "failed";
    case Outcome::unknown:
      return "unknown";
    case Outcome::unsent:
      return "unsent";
  }
  return "unknown";
}

const ReportData& ReportAccess::data(const BatchReport& report) noexcept { return report.data_ ? *report.data_ : *emptyData(); }

BatchReport::BatchReport() : data_(emptyData()) {}
BatchReport::BatchReport(std::shared_ptr<const ReportData> data) noexcept : data_(std::move(data)) {}

std::size_t BatchReport::size() const noexcept { return ReportAccess::data(*this).size; }
bool BatchReport::ok() const noexcept { return ReportAccess::data(*this).failures.empty() && !ReportAccess::data(*this).stopped; }

std::size_t BatchReport::count(Outcome outcome) const noexcept {
  const ReportData& data = ReportAccess::data(*this);
  if (outcome == Outcome::accepted) return acceptedItems(data);
  if (outcome == Outcome::done) return data.size - data.failures.size() - acceptedItems(data);
  const auto same = [outcome](const ItemFailure& failure) { return failure.outcome == outcome; };
  return static_cast<std::size_t>(std::count_if(data.failures.begin(), data.failures.end(), same));
}

Outcome BatchReport::outcome(std::size_t index) const {
  const ReportData& data = ReportAccess::data(*this);
  if (index >= data.size) {
    throw std::out_of_range("report: no item with index " + std::to_string(index) + "; there are " + std::to_string(data.size));
  }
  const auto failure = std::lower_bound(data.failures.begin(), data.failures.end(), index,
                                        [](const ItemFailure& one, std::size_t value) { return one.index < value; });
  if (failure != data.failures.end() && failure->index == index) return failure->outcome;
  return isAccepted(data, index) ? Outcome::accepted : Outcome::done;
}

std::span<const ItemFailure> BatchReport::failures() const noexcept { return ReportAccess::data(*this).failures; }
std::span<const ItemNote> BatchReport::notes() const noexcept { return ReportAccess::data(*this).notes; }
const Stats& BatchReport::stats() const noexcept { return ReportAccess::data(*this).stats; }
const Error& BatchReport::stopped() const noexcept { return ReportAccess::data(*this).stopped; }

PointId StoreReport::id(std::size_t index) const { return elementAt(ReportAccess::data(*this).ids, index, "item"); }

std::span<const Hit> SearchReport::hits(std::size_t query) const { return elementAt(ReportAccess::data(*this).hits, query, "query"); }

const Hit* ReadReport::pattern(std::size_t index) const {
  const auto& found = elementAt(ReportAccess::data(*this).found, index, "item");
  return found ? &*found : nullptr;
}

bool CollectionsReport::changed(std::size_t index) const { return elementAt(ReportAccess::data(*this).changed, index, "change"); }

PointId DeleteReport::id(std::size_t index) const { return elementAt(ReportAccess::data(*this).ids, index, "item"); }

}  // namespace qbatch
