#pragma once
#include <optional>
#include <string>
#include <vector>

#include "run/batch_run.hpp"

namespace qbatch::run {

/// getPatterns and getPatternsAsync.
class RetrieveRun : public BatchRun {
 public:
  RetrieveRun(ClientCore& core, CallOptions options, std::vector<PointId> ids);
  /// After wait(), one an id: taken out of the report, of which nobody else may then have a copy.
  [[nodiscard]] std::vector<std::optional<Hit>> takeHits();

 private:
  std::size_t items() const override { return ids_.size(); }
  batch::IndexMap plan(batch::ReportBuilder&) override { return batch::IndexMap(items()); }
  std::size_t bytesOf(std::size_t) const override { return 40; }
  void encode(Chunk& chunk) const override;
  Request request(const Chunk& chunk, batch::Range part) const override;
  bool answered(const Chunk& chunk, batch::Range part, Answer& answer) override;
  void complete(ReportData& data) override;

  const std::vector<PointId> ids_;
  std::vector<std::optional<Hit>> hits_;
  ReportData* completed_ = nullptr;
};

/// countPatterns: one item, the count.
class CountRun : public BatchRun {
 public:
  CountRun(ClientCore& core, CallOptions options, std::string filter);
  /// After wait().
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::size_t items() const override { return 1; }
  batch::IndexMap plan(batch::ReportBuilder&) override { return batch::IndexMap(items()); }
  std::size_t bytesOf(std::size_t) const override { return filter_.size(); }
  Request request(const Chunk&, batch::Range) const override { return CountPoints{call().collection, filter_}; }
  bool answered(const Chunk&, batch::Range, Answer& answer) override;

  const std::string filter_;
  std::size_t count_ = 0;
};

}  // namespace qbatch::run
