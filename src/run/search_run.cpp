#include "run/search_run.hpp"

#include <algorithm>
#include <utility>

#include "batch/item_checks.hpp"
#include "codec/decode_hit.hpp"
#include "run/collection_checks.hpp"

namespace qbatch::run {

SearchRun::SearchRun(ClientCore& core, CallOptions options, SearchQuestion question, std::vector<Query> queries)
    : BatchRun(core, std::move(options), {true, EmbedRole::query, false, true}),
      question_(std::move(question)),
      queries_(std::move(queries)),
      hits_(queries_.size()) {
  needsEmbedder_ = std::any_of(queries_.begin(), queries_.end(), [](const Query& query) { return query.vector.empty(); });
}

BatchRun::Preparation SearchRun::nextPreparation() {
  if (queries_.empty() || ready_) return {};
  if (!std::exchange(describing_, true) && needsEmbedder_) {
    if (!core().embedder())
      throw ConfigError({"embedder: some queries have no vector and the client has no embedder; set one, or give every query a vector"});
    return ResolveDimension{};
  }
  return Request(DescribeCollection{call().collection, core().options().vectorName});
}

void SearchRun::prepared(const Answer& answer) {
  ready_ = true;
  const auto* described = std::get_if<std::optional<CollectionInfo>>(&answer);
  if (!described || !*described) return refusePreparation(collectionMissing(call().collection));
  if (needsEmbedder_) requireFittingEmbedder(core(), dimension(), **described);
  collectionDimension_ = (*described)->dimension;
}

batch::SendList SearchRun::plan(batch::ReportBuilder& report) {
  batch::SendList list;
  for (std::size_t index = 0; index < queries_.size(); ++index) {
    auto problem = batch::checkQuery(queries_[index]);
    if (!problem && collectionDimension_ && !queries_[index].vector.empty())
      problem = batch::checkVector(queries_[index].vector, *collectionDimension_);
    if (problem)
      report.settle(index, Outcome::rejected, *problem);
    else
      list.indices.push_back(index);
  }
  return list;
}

std::size_t SearchRun::bytesOf(std::size_t) const {
  constexpr std::size_t names = 120;
  return question_.filter.size() + names;
}

Request SearchRun::request(const Chunk& chunk, batch::Range part) const {
  QueryPoints query;
  query.collection = call().collection;
  query.vectorName = core().options().vectorName;
  query.vectors = std::span(chunk.vectors).subspan(part.first, part.size());
  query.limit = question_.limit;
  query.offset = question_.offset;
  query.filter = question_.filter;
  query.minScore = question_.minScore;
  query.exact = question_.exact;
  return query;
}

bool SearchRun::answered(const Chunk& chunk, batch::Range part, Answer& answer) {
  const auto* lists = std::get_if<std::vector<std::vector<StoredPoint>>>(&answer);
  if (!lists || lists->size() != part.size()) return false;
  for (std::size_t query = 0; query < lists->size(); ++query) {
    auto& hits = hits_[chunk.items[part.first + query]];
    hits.clear();
    for (const auto& point : (*lists)[query]) {
      try {
        hits.push_back(codec::decodeHit(point, core().options().fields));
      } catch (const ParseError&) {
        return false;
      }
    }
  }
  return true;
}

void SearchRun::complete(ReportData& data) {
  data.stats.points = 0;
  for (const auto& hits : hits_) data.stats.points += hits.size();
  data.hits = std::move(hits_);
}

}  // namespace qbatch::run
