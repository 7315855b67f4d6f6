#pragma once
#include <cstddef>
#include <optional>
#include <span>

#include "run/batch_run.hpp"
#include "run/collection_checks.hpp"

namespace qbatch::run {

/// What a store has to know before it sends: the embedder's dimension where one is needed, and the collection, which is looked at or made.
/// By itself a run without items; storePatterns goes on from here.
class PlaceRun : public BatchRun {
 public:
  /// What comes of a collection that is not there.
  enum class Missing { asOptionsSay, refuse };
  /// `patterns` decide what is needed, and must live as long as the run.
  PlaceRun(ClientCore& core, CallOptions options, Traits traits, std::span<const Pattern> patterns, Missing missing);

  /// After wait(): the collection as it was found or made; nullopt where it did not come to that.
  [[nodiscard]] const std::optional<CollectionInfo>& place() const noexcept { return place_; }
  /// After wait(): why patterns without a vector cannot be taken; empty where they can, or where there are none.
  [[nodiscard]] std::string refusal() const { return need_ ? need_->refusal() : std::string(); }

 protected:
  /// The place is known already.
  PlaceRun(ClientCore& core, CallOptions options, Traits traits, std::span<const Pattern> patterns, CollectionInfo place);

  Preparation nextPreparation() override;
  void prepared(const Answer& answer) override;
  std::size_t items() const override { return 0; }
  batch::IndexMap plan(batch::ReportBuilder&) override { return {}; }
  std::size_t bytesOf(std::size_t) const override { return 0; }
  Request request(const Chunk&, batch::Range) const override { return {}; }

  [[nodiscard]] std::optional<Error> problemOf(const Pattern& pattern) const;
  /// A verb that owns its patterns has them only after this class was made.
  void setPatterns(std::span<const Pattern> patterns) noexcept { patterns_ = patterns; }
  [[nodiscard]] std::span<const Pattern> patterns() const noexcept { return patterns_; }

 private:
  [[nodiscard]] std::size_t firstReadyDimension() const;
  [[nodiscard]] bool nothingToStore() const;

  enum class Step { dimension, describe, create, ready };

  std::span<const Pattern> patterns_;
  const Missing missing_ = Missing::asOptionsSay;
  std::optional<EmbeddingNeed> need_;
  Step step_ = Step::dimension;
  std::optional<CollectionInfo> place_;
};

}  // namespace qbatch::run
