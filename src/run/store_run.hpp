#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "run/batch_run.hpp"
#include "run/collection_checks.hpp"

namespace qbatch::run {

/// storePatterns.
class StoreRun : public BatchRun {
 public:
  /// `owned` for the async verb, `patterns` of the caller otherwise.
  StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::span<const Pattern> patterns);
  StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::vector<Pattern> owned);

 private:
  Preparation nextPreparation() override;
  void prepared(const Answer& answer) override;
  std::size_t items() const override { return patterns_.size(); }
  batch::IndexMap plan(batch::ReportBuilder& report) override;
  std::size_t maxItems() const override { return mostItems(core(), BatchRun::maxItems(), upsertLimit_); }
  std::size_t bytesOf(std::size_t index) const override;
  std::span<const float> readyVector(std::size_t index) const override { return patterns_[index].vector; }
  void textOf(std::size_t index, std::string& out) const override;
  void encode(Chunk& chunk) const override;
  Request request(const Chunk& chunk, batch::Range part) const override;
  Request readBack(const Chunk& chunk, batch::Range part) const override;
  std::vector<batch::Found> found(const Chunk& chunk, batch::Range part, const std::vector<StoredPoint>& points,
                                  Before before) const override;
  void complete(ReportData& data) override { data.ids = std::move(ids_); }

  [[nodiscard]] std::size_t firstReadyDimension() const;
  [[nodiscard]] bool nothingToStore() const;
  [[nodiscard]] std::optional<Error> problemOf(const Pattern& pattern) const;

  enum class Step { dimension, describe, create, ready };

  const Existing existing_;
  const Durability durability_;
  const std::vector<Pattern> owned_;
  const std::span<const Pattern> patterns_;
  std::optional<EmbeddingNeed> need_;
  Step step_ = Step::dimension;
  std::size_t collectionDimension_ = 0, upsertLimit_ = 0;  // 0: not known, none
  Distance distance_ = Distance::cosine;
  std::vector<PointId> ids_;
};

}  // namespace qbatch::run
