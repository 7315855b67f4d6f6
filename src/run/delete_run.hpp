#pragma once
#include <optional>
#include <string>
#include <vector>

#include "run/batch_run.hpp"

namespace qbatch::run {

/// deletePatterns, by ids or by a filter, whose ids are read first.
class DeleteRun : public BatchRun {
 public:
  DeleteRun(ClientCore& core, CallOptions options, std::vector<PointId> ids);
  DeleteRun(ClientCore& core, CallOptions options, std::string filter);

 private:
  Preparation nextPreparation() override;
  void prepared(const Answer& answer) override;
  std::size_t items() const override { return ids_.size(); }
  batch::IndexMap plan(batch::ReportBuilder& report) override;
  std::size_t bytesOf(std::size_t) const override { return 40; }
  void encode(Chunk& chunk) const override;
  Request request(const Chunk& chunk, batch::Range part) const override;
  Request readBack(const Chunk& chunk, batch::Range part) const override;
  std::vector<batch::Found> found(const Chunk& chunk, batch::Range part, const std::vector<StoredPoint>& points,
                                  Before before) const override;
  void complete(ReportData& data) override { data.ids = std::move(ids_); }

  const std::string filter_;
  bool reading_ = false;
  std::optional<PointId> next_;
  std::vector<PointId> ids_;
};

}  // namespace qbatch::run
