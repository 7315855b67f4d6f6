#include "import_document.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "document_entries.hpp"
#include "import_tally.hpp"
#include "json_values.hpp"
#include "qbatch/payload.hpp"
#include "result_text.hpp"

namespace cli {
namespace {

constexpr std::array allOutcomes{qbatch::Outcome::done,   qbatch::Outcome::accepted, qbatch::Outcome::rejected,
                                 qbatch::Outcome::failed, qbatch::Outcome::unknown,  qbatch::Outcome::unsent};

std::string joined(std::vector<DocumentEntry>& entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& entry : entries) text += (text.empty() ? "" : ",") + entry.second;
  return text;
}

std::size_t firstIndexOf(const qbatch::ImportedBatch& batch) {
  const bool none = batch.noPatterns.empty();
  if (batch.indices.empty()) return none ? 0 : batch.noPatterns.front().first;
  return none ? batch.indices.front() : std::min(batch.indices.front(), batch.noPatterns.front().first);
}

std::string summaryJson(const qbatch::ImportReport& report) {
  const auto successful = doneNow(report) + doneBefore(report);
  qbatch::Payload summary;
  summary.set("total", report.size()).set("successful", successful).set("failed", report.size() - successful);
  return std::string(summary.json());
}

/// As statsToJson has them, with what only an import can tell.
std::string statsJson(const qbatch::ImportReport& report) {
  const auto& stats = report.stats();
  const auto in = [](std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); };
  qbatch::Payload seconds, outcomes, all;
  seconds.set("total", in(stats.total)).set("embedding", in(stats.embedding)).set("sending", in(stats.sending));
  for (const auto outcome : allOutcomes) outcomes.set(toString(outcome), report.count(outcome));
  all.set("items", stats.items).set("points", stats.points).set("requests", stats.requests).set("retries", stats.retries);
  all.set("splits", stats.splits).set("lost_rounds", stats.lostRounds).set("bytes_sent", stats.bytesSent);
  all.set("bytes_received", stats.bytesReceived).setJson("seconds", seconds.json()).setJson("outcomes", outcomes.json());
  all.set("windows", report.windows()).set("done_before", doneBefore(report)).set("dead_before", report.alreadyDead());
  all.set("dead_letters", report.deadLetters());
  return std::string(all.json());
}

}  // namespace

void ImportDocument::add(const qbatch::ImportedBatch& batch, const Wordings& wordings) {
  if (!problem_.empty()) return;
  Window window{firstIndexOf(batch)};
  std::string ids;
  std::vector<DocumentEntry> errors;
  const auto placeOf = [&](std::size_t index) { return Place{batch.indices[index], batch.lines[index]}; };
  forEachMember(toJson(batch.report, batch.patterns), [&](std::string_view name, std::string_view json) {
    if (name == "status") anyTried_ = anyTried_ || (json == "\"success\"" && !batch.patterns.empty());
    if (name == "ids") ids = json.substr(1, json.size() - 2);
    if (name == "errors") forEachError(json, placeOf, wordings, [&](DocumentEntry entry) { errors.push_back(std::move(entry)); });
  });
  for (const auto& [index, item] : batch.noPatterns) errors.push_back(errorOf({{index, item.line}, item.problem}, "pattern"));
  try {
    window.ids = spill_.put(ids);
    window.errors = spill_.put(joined(errors));
    windows_.push_back(window);
  } catch (const SpillFile::Failure& failure) {
    problem_ = failure.what();
  }
}

std::vector<SpillFile::Piece> ImportDocument::inOrder(SpillFile::Piece Window::*piece) const {
  auto windows = windows_;
  std::sort(windows.begin(), windows.end(), [](const Window& a, const Window& b) { return a.firstIndex < b.firstIndex; });
  std::vector<SpillFile::Piece> pieces;
  for (const auto& window : windows)
    if ((window.*piece).size > 0) pieces.push_back(window.*piece);
  return pieces;
}

void ImportDocument::printItems(std::string_view name, SpillFile::Piece Window::*piece) const {
  cli::print(",\"" + std::string(name) + "\":[");
  bool first = true;
  for (const auto& one : inOrder(piece)) {
    if (!first) cli::print(",");
    first = false;
    spill_.get(one, [](std::string_view part) { cli::print(part); });
  }
  cli::print("]");
}

void ImportDocument::print(const qbatch::ImportReport& report) const {
  const bool nothing = report.stopped() && !anyTried_ && doneBefore(report) == 0;
  std::string error = nothing ? report.stopped().message() : "";
  if (!problem_.empty()) error = "what became of each item is not known any more: " + problem_;
  std::string begin = error.empty() ? R"({"status":"success")" : R"({"status":"error","error":)" + jsonString(error);
  begin += ",\"summary\":" + summaryJson(report);
  cli::print(begin);
  try {
    if (problem_.empty()) {
      printItems("ids", &Window::ids);
      printItems("errors", &Window::errors);
    }
  } catch (const SpillFile::Failure& failure) {
    throw OutputError(std::string("the result could not be written to its end: ") + failure.what());
  }
  cli::print(",\"stats\":" + statsJson(report) + "}\n");
}

}  // namespace cli
