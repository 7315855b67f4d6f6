#include "batch_document.hpp"

#include <algorithm>

#include "json_values.hpp"
#include "numbers.hpp"
#include "qbatch/payload.hpp"

namespace cli {
namespace {

std::string joined(const std::vector<std::pair<std::size_t, std::string>>& elements) {
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
  forEachElement(array, [&](std::string_view json) {
    std::vector<std::pair<std::string, std::string>> members;
    forEachMember(json, [&](std::string_view name, std::string_view value) { members.emplace_back(name, value); });
    const auto member = [&](std::string_view name) -> std::string& {
      return std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.first == name; })->second;
    };
    const auto index = static_cast<std::size_t>(readWholeNumber(member("index")).value());
    // What a filter found stands in no input: its place is the library's.
    const Place place = places.empty() ? Place{index, 0} : places[index];
    member("index") = std::to_string(place.index);
    if (const auto worded = wordings.find(index); worded != wordings.end()) member("error") = jsonString(worded->second);
    if (place.line > 0) members.emplace_back("line", std::to_string(place.line));
    std::string error;
    for (const auto& [name, value] : members) error += (error.empty() ? "{" : ",") + nameAndColon(name) + value;
    errors_.emplace_back(place.index, error + "}");
  });
}

void BatchDocument::takeResults(std::string_view array, std::span<const Place> places) {
  hasResults_ = true;
  std::size_t position = 0;
  forEachElement(array, [&](std::string_view json) { results_.emplace_back(places[position++].index, json); });
}

void BatchDocument::addRejected(const RejectedLine& rejected) {
  const auto& [place, problem] = rejected;
  qbatch::Payload entry;
  if (hasResults_) {
    entry.set("query", nullptr).setJson("results", "[]");
  } else if (!echo_.empty()) {
    entry.set(echo_, nullptr);
  }
  entry.set("error", std::string_view(problem));
  if (!hasResults_) entry.set("index", place.index).set("id", nullptr);
  entry.set("outcome", "rejected").set("line", place.line);
  (hasResults_ ? results_ : errors_).emplace_back(place.index, entry.json());
  hasErrors_ = hasErrors_ || !hasResults_;
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
  const auto byIndex = [](const Element& a, const Element& b) { return a.first < b.first; };
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
