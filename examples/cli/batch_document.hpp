#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document_entries.hpp"
#include "input.hpp"
#include "qbatch/report.hpp"

namespace cli {

/// The JSON document of a command: what one or several calls answered, put together, with the lines that were no items in their places, and
/// `stats`. It has the members of the library's own documents, whatever these are.
class BatchDocument {
 public:
  /// `echo` is the member by which the verb's errors show the item ("pattern", "update"; empty: none), null for a rejected line.
  explicit BatchDocument(std::string_view echo) : echo_(echo) {}

  /// A call's documents (toJson and statsToJson) and the places of its items; no places where a filter found them.
  void addCall(std::string_view document, std::string_view stats, std::span<const Place> places, const Wordings& wordings = {});
  /// After the calls.
  void addRejected(const RejectedLine& rejected);
  /// Where the calls together have fewer points than the sum of theirs.
  void setPoints(std::size_t points) { points_ = points; }
  /// Once, at the end.
  [[nodiscard]] std::string take();

 private:
  void takeErrors(std::string_view array, std::span<const Place> places, const Wordings& wordings);
  void countRejected();
  void takeResults(std::string_view array, std::span<const Place> places);

  std::string echo_;
  std::string status_, error_, summary_ = "{}", stats_ = "{}", ids_;
  std::vector<DocumentEntry> errors_, results_;
  bool hasSummary_ = false, hasIds_ = false, hasErrors_ = false, hasResults_ = false;
  std::optional<std::size_t> points_;
  std::size_t rejected_ = 0;
};

}  // namespace cli
