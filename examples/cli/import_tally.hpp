#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "qbatch/import.hpp"
#include "tally.hpp"

namespace cli {

/// Items that are done or accepted: by this run, and by the checkpoint's earlier ones.
[[nodiscard]] std::size_t doneNow(const qbatch::ImportReport& report) noexcept;
[[nodiscard]] std::size_t doneBefore(const qbatch::ImportReport& report) noexcept;
[[nodiscard]] ExitCode exitCodeOf(const qbatch::ImportReport& report) noexcept;

/// The failures of an import that people are shown: the first of them in the order of the input, however many there are.
class ImportTally {
 public:
  void add(const qbatch::ImportedBatch& batch, const Wordings& wordings);
  /// In the order of the input.
  [[nodiscard]] std::vector<FailedItem> failures() const;
  /// Items in whose place another one with their id was stored.
  [[nodiscard]] std::size_t superseded() const noexcept { return superseded_; }

 private:
  void keep(FailedItem item);

  std::map<std::size_t, FailedItem> failures_;  // by index
  std::size_t superseded_ = 0;
};

/// "stored 3 of 5 patterns as 3 points in 1.24 s, 2 requests: 2 rejected", with what was done before and is known by `checkpoint`.
[[nodiscard]] std::string summaryOf(const qbatch::ImportReport& report, const std::string& checkpoint);

/// The library counts the items of its call; whoever reads of an id that stands twice needs the line. `lineOf` is by the index in the call.
template <class LineOf>
[[nodiscard]] Wordings repeatedIds(const qbatch::StoreReport& report, const LineOf& lineOf) {
  Wordings wordings;
  std::map<qbatch::PointId, std::size_t> lastLines;
  for (const auto& failure : report.failures()) {
    if (failure.error.code() != qbatch::Errc::duplicateId) continue;
    if (lastLines.empty()) {
      for (std::size_t index = 0; index < report.size(); ++index) lastLines[report.id(index)] = lineOf(index);
    }
    const auto id = report.id(failure.index);
    wordings[failure.index] = "id " + id.toString() + " stands again on line " + std::to_string(lastLines[id]) +
                              " with other content, which is the one that is stored; give each pattern an id of its own";
  }
  return wordings;
}

}  // namespace cli
