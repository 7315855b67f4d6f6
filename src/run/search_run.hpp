#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "run/batch_run.hpp"
#include "run/collection_checks.hpp"

namespace qbatch::run {

/// What a search asks for, beside its queries.
struct SearchQuestion {
  std::size_t limit = 10, offset = 0;
  std::string filter;  // JSON; empty: none
  std::optional<float> minScore;
  std::optional<bool> exact;
};

/// searchPatterns.
class SearchRun : public BatchRun {
 public:
  SearchRun(ClientCore& core, CallOptions options, SearchQuestion question, std::vector<Query> queries);

 private:
  Preparation nextPreparation() override;
  void prepared(const Answer& answer) override;
  std::size_t items() const override { return queries_.size(); }
  batch::IndexMap plan(batch::ReportBuilder& report) override;
  std::size_t maxItems() const override;
  std::size_t bytesOf(std::size_t) const override;
  std::span<const float> readyVector(std::size_t index) const override { return queries_[index].vector; }
  void textOf(std::size_t index, std::string& out) const override { out = queries_[index].text; }
  Request request(const Chunk& chunk, batch::Range part) const override;
  bool answered(const Chunk& chunk, batch::Range part, Answer& answer) override;
  void complete(ReportData& data) override;

  [[nodiscard]] std::optional<Error> problemOf(const Query& query) const;

  const SearchQuestion question_;
  const std::vector<Query> queries_;
  std::optional<EmbeddingNeed> need_;
  bool ready_ = false;
  std::optional<CollectionInfo> collection_;
  std::vector<std::vector<Hit>> hits_;
};

}  // namespace qbatch::run
