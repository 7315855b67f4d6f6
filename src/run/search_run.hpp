#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "run/batch_run.hpp"
#include "run/collection_checks.hpp"
#include "run/search_places.hpp"

namespace qbatch::run {

/// What a search asks for, beside its queries.
struct SearchQuestion {
  std::size_t limit = 10, offset = 0;
  std::string filter;  // JSON; empty: none
  std::optional<float> minScore;
  std::optional<bool> exact;
  std::vector<std::string> collections;  // each once; empty: the call's collection, whose hits do not name it
};

/// searchPatterns, in one collection or in several at once.
class SearchRun : public BatchRun {
 public:
  SearchRun(ClientCore& core, CallOptions options, SearchQuestion question, std::vector<Query> queries);

 private:
  Preparation nextPreparation() override;
  void prepared(const Answer& answer) override;
  bool goesOnWithout(const Error& error) override;
  std::size_t items() const override { return queries_.size(); }
  batch::IndexMap plan(batch::ReportBuilder& report) override;
  std::size_t maxItems() const override;
  std::size_t bytesOf(std::size_t) const override;
  std::span<const float> readyVector(std::size_t index) const override { return queries_[index].vector; }
  void textOf(std::size_t index, std::string& out) const override { out = queries_[index].text; }
  Request request(const Chunk& chunk, batch::Range part) const override;
  void carryOut(const Request& request, CallLimits limits, Completion completion) override;
  bool answered(const Chunk& chunk, batch::Range part, Answer& answer) override;
  Error shortcoming() const override { return places_.leftOut(); }
  void complete(ReportData& data) override;

  void choosePlaces();
  [[nodiscard]] std::size_t without() const;     // queries without a vector of their own
  [[nodiscard]] std::size_t askedLimit() const;  // of each collection
  [[nodiscard]] bool together() const noexcept { return question_.collections.size() > 1; }
  [[nodiscard]] std::optional<Error> problemOf(const Query& query) const;
  using Lists = std::vector<std::vector<StoredPoint>>;
  [[nodiscard]] std::vector<Hit> merged(const Lists& lists, std::size_t query, std::size_t queries) const;

  const SearchQuestion question_;
  const std::vector<Query> queries_;
  std::optional<EmbeddingNeed> need_;
  SearchPlaces places_;
  std::vector<std::vector<Hit>> hits_;
};

}  // namespace qbatch::run
