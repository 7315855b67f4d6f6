#include "batch_document.hpp"

#include <algorithm>

#include "json_values.hpp"
#include "qbatch/payload.hpp"

namespace cli {
namespace {

std::string joined(const std::vector<DocumentEntry>& elements) {
  std::string text = "[";
  for (const auto& element : elements) {
    if (text.size() > 1) text += ',';
    text += element.second;
  }
  return text + ']';
}

std::string nameAndColon(std::string_view name) { return "\"" + std::string(name) + "\":"; }

}  // namespace

void BatchDocument::addCall(std::string_view document, std::string_view stats, std::span<const Place> places, const Wordings& wordings) {
  std::string status, error;
  forEachMember(document, [&](std::string_view name, std::string_view json) {
    if (name == "status") {
      status = json;
    } else if (name == "error") {
      error = json;
    } else if (name == "summary") {
      hasSummary_ = true;
      summary_ = sumOf(summary_, json);
    } else if (name == "ids") {
      hasIds_ = true;
      const std::string_view inner = json.substr(1, json.size() - 2);
      if (!ids_.empty() && !inner.empty()) ids_ += ',';
      ids_ += inner;
    } else if (name == "errors") {
      takeErrors(json, places, wordings);
    } else if (name == "batch_results") {
      takeResults(json, places);
    }
  });
  // The whole has failed where every call has.
  if (status_.empty() || status != "\"error\"") {
    status_ = status;
    error_ = error;
  }
  stats_ = sumOf(stats_, stats);
}

void BatchDocument::takeErrors(std::string_view array, std::span<const Place> places, const Wordings& wordings) {
  hasErrors_ = true;
  // What a filter found stands in no input: its place is the library's.
  const auto placeOf = [&](std::size_t index) { return places.empty() ? Place{index, 0} : places[index]; };
  forEachError(array, placeOf, wordings, [&](DocumentEntry entry) { errors_.push_back(std::move(entry)); });
}

void BatchDocument::takeResults(std::string_view array, std::span<const Place> places) {
  hasResults_ = true;
  std::size_t position = 0;
  forEachElement(array, [&](std::string_view json) { results_.emplace_back(places[position++].index, json); });
}

void BatchDocument::addRejected(const RejectedLine& rejected) {
  const auto& [place, problem] = rejected;
  if (hasResults_) {
    qbatch::Payload entry;
    entry.set("query", nullptr).setJson("results", "[]").set("error", std::string_view(problem));
    entry.set("outcome", "rejected").set("line", place.line);
    results_.emplace_back(place.index, entry.json());
  } else {
    errors_.push_back(errorOf(rejected, echo_));
    hasErrors_ = true;
  }
  ++rejected_;
}

void BatchDocument::countRejected() {
  if (rejected_ == 0) return;
  qbatch::Payload inSummary, inStats, outcomes;
  inSummary.set("total", rejected_).set("failed", rejected_);
  outcomes.set("rejected", rejected_);
  inStats.set("items", rejected_).setJson("outcomes", outcomes.json());
  summary_ = sumOf(summary_, inSummary.json());
  stats_ = sumOf(stats_, inStats.json());
}

std::string BatchDocument::take() {
  countRejected();
  const auto byIndex = [](const DocumentEntry& a, const DocumentEntry& b) { return a.first < b.first; };
  std::stable_sort(errors_.begin(), errors_.end(), byIndex);
  std::stable_sort(results_.begin(), results_.end(), byIndex);
  auto stats = qbatch::Payload::parse(stats_);
  if (points_) stats.set("points", *points_);

  std::string text = "{" + nameAndColon("status") + status_;
  if (!error_.empty()) text += "," + nameAndColon("error") + error_;
  if (hasSummary_) text += "," + nameAndColon("summary") + summary_;
  if (hasIds_) text += "," + nameAndColon("ids") + "[" + ids_ + "]";
  if (hasErrors_) text += "," + nameAndColon("errors") + joined(errors_);
  if (hasResults_) text += "," + nameAndColon("batch_results") + joined(results_);
  text += "," + nameAndColon("stats");
  text += stats.json();
  return text + "}";
}

}  // namespace cli
