#pragma once
#include <cstddef>
#include <vector>

#include "qbatch/collections.hpp"
#include "run/batch_run.hpp"

namespace qbatch::run {

/// Collections::apply: one change after the other, a request each.
class CollectionsRun : public BatchRun {
 public:
  CollectionsRun(ClientCore& core, CallOptions options, std::vector<CollectionChange> changes);

 private:
  std::size_t items() const override { return changes_.size(); }
  batch::IndexMap plan(batch::ReportBuilder& report) override;
  std::size_t maxItems() const override { return 1; }
  std::size_t bytesOf(std::size_t) const override;
  Request request(const Chunk& chunk, batch::Range part) const override;
  void carryOut(const Request& request, CallLimits limits, Completion completion) override;
  bool answered(const Chunk& chunk, batch::Range part, Answer& answer) override;
  void complete(ReportData& data) override;

  const std::vector<CollectionChange> changes_;
  std::vector<bool> changed_;
};

/// Collections::list: one item, the list.
class ListRun : public BatchRun {
 public:
  ListRun(ClientCore& core, CallOptions options);
  /// After wait().
  [[nodiscard]] std::vector<CollectionInfo> takeList() { return std::move(list_); }

 private:
  std::size_t items() const override { return 1; }
  batch::IndexMap plan(batch::ReportBuilder&) override { return batch::IndexMap(items()); }
  std::size_t bytesOf(std::size_t) const override { return 0; }
  Request request(const Chunk&, batch::Range) const override { return ListCollections{}; }
  bool answered(const Chunk&, batch::Range, Answer& answer) override;

  std::vector<CollectionInfo> list_;
};

}  // namespace qbatch::run
