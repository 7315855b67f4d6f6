#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "qbatch/import.hpp"
#include "run/place_run.hpp"

namespace qbatch::run {

/// Reads the points of some patterns back, and compares them.
class CompareRun : public PlaceRun {
 public:
  struct Wanted {
    bool payloads = true;
    bool vectors = true;  // those of patterns without one are computed, where there is an embedder
  };
  /// What is wrong with an item; nullopt: nothing.
  using Found = std::optional<VerifyProblem::Kind>;

  /// True where vectors are computed to be compared.
  [[nodiscard]] static bool computesVectors(const ClientCore& core, const Wanted& wanted, std::span<const Pattern> patterns);

  /// `patterns` and `ids`, one a pattern, must live as long as the run.
  CompareRun(ClientCore& core, CallOptions options, Wanted wanted, CollectionInfo place, std::span<const Pattern> patterns,
             std::span<const PointId> ids);
  /// After wait(), one a pattern.
  [[nodiscard]] std::span<const Found> results() const noexcept { return results_; }

 private:
  Preparation nextPreparation() override;
  void prepared(const Answer&) override {}
  std::size_t items() const override { return patterns().size(); }
  batch::IndexMap plan(batch::ReportBuilder&) override { return batch::IndexMap(items()); }
  std::size_t bytesOf(std::size_t) const override { return 40; }
  std::span<const float> readyVector(std::size_t index) const override { return patterns()[index].vector; }
  void textOf(std::size_t index, std::string& out) const override;
  void encode(Chunk& chunk) const override;
  Request request(const Chunk& chunk, batch::Range part) const override;
  bool answered(const Chunk& chunk, batch::Range part, Answer& answer) override;
  [[nodiscard]] Found compare(const PointView& wanted, const StoredPoint& stored) const;

  const Wanted wanted_;
  const std::span<const PointId> ids_;
  bool resolved_ = false;
  std::vector<Found> results_;
};

}  // namespace qbatch::run
