#pragma once
#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include "run/batch_run.hpp"

namespace qbatch::run {

/// updateMetrics. Updates of one point are merged, so an item of the machine is a point.
class UpdateRun : public BatchRun {
 public:
  UpdateRun(ClientCore& core, CallOptions options, std::span<const MetricUpdate> updates);
  UpdateRun(ClientCore& core, CallOptions options, std::vector<MetricUpdate> owned);

 private:
  std::size_t items() const override { return updates_.size(); }
  batch::IndexMap plan(batch::ReportBuilder& report) override;
  std::size_t bytesOf(std::size_t index) const override;
  void encode(Chunk& chunk) const override;
  Request request(const Chunk& chunk, batch::Range part) const override;

  const std::vector<MetricUpdate> owned_;
  const std::span<const MetricUpdate> updates_;
  std::unordered_map<std::size_t, MetricChange> merged_;  // by leader: of the points that several updates are of
};

}  // namespace qbatch::run
