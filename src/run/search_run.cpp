#include "run/search_run.hpp"

#include <algorithm>
#include <utility>

#include "batch/item_checks.hpp"
#include "codec/decode_hit.hpp"

namespace qbatch::run {

SearchRun::SearchRun(ClientCore& core, CallOptions options, SearchQuestion question, std::vector<Query> queries)
    : BatchRun(core, std::move(options), {.embeds = true, .role = EmbedRole::query, .writes = false, .verb = Verb::search}),
      question_(std::move(question)),
      queries_(std::move(queries)),
      hits_(queries_.size()) {}

BatchRun::Preparation SearchRun::nextPreparation() {
  if (queries_.empty() || ready_) return {};
  if (!need_) {
    const auto without = std::count_if(queries_.begin(), queries_.end(), [](const Query& query) { return query.vector.empty(); });
    need_.emplace(core(), queries_.size(), static_cast<std::size_t>(without));
    if (need_->embeds()) return ResolveDimension{};
  }
  return Request(DescribeCollection{call().collection, core().options().vectorName});
}

void SearchRun::prepared(const Answer& answer) {
  ready_ = true;
  const auto* described = std::get_if<std::optional<CollectionInfo>>(&answer);
  if (!described || !*described) return refusePreparation(collectionMissing(call().collection));
  if (const auto missing = vectorMissing(core(), **described)) return refusePreparation(*missing);
  if (const auto forbidden = searchForbidden(core(), **described, question_.limit, question_.exact.value_or(false)))
    return refusePreparation(*forbidden);
  need_->compare(core(), dimension(), **described);
  collection_ = **described;
}

std::optional<Error> SearchRun::problemOf(const Query& query) const {
  auto problem = batch::checkQuery(query);
  if (problem) return problem;
  if (!query.vector.empty()) return vectorProblem(core(), query.vector, collection_ ? collection_->dimension : 0);
  if (need_ && !need_->refusal().empty()) return Error(Errc::invalidItem, Origin::caller, need_->refusal());
  return std::nullopt;
}

batch::IndexMap SearchRun::plan(batch::ReportBuilder& report) {
  batch::IndexMap list;
  for (std::size_t index = 0; index < queries_.size(); ++index) {
    if (const auto problem = problemOf(queries_[index]))
      report.settle(index, Outcome::rejected, *problem);
    else
      list.append(index);
  }
  return list;
}

std::size_t SearchRun::maxItems() const {
  return mostItems(core(), BatchRun::maxItems(), collection_ ? collection_->limits.searchQueries : 0);
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
  std::vector<std::vector<Hit>> decoded(lists->size());
  try {
    for (std::size_t query = 0; query < lists->size(); ++query) {
      decoded[query].reserve((*lists)[query].size());
      for (const auto& point : (*lists)[query]) decoded[query].push_back(codec::decodeHit(point, core().options().fields));
    }
  } catch (const ParseError&) {
    return false;
  }
  for (std::size_t query = 0; query < decoded.size(); ++query) hits_[chunk.items[part.first + query]] = std::move(decoded[query]);
  return true;
}

void SearchRun::complete(ReportData& data) {
  for (const auto& failure : data.failures) hits_[failure.index].clear();
  data.stats.points = 0;
  for (const auto& hits : hits_) data.stats.points += hits.size();
  data.hits = std::move(hits_);
}

}  // namespace qbatch::run
