#include "run/search_run.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "batch/item_checks.hpp"
#include "codec/decode_hit.hpp"
#include "run/fan_out.hpp"

namespace qbatch::run {

SearchRun::SearchRun(ClientCore& core, CallOptions options, SearchQuestion question, std::vector<Query> queries)
    : BatchRun(core, std::move(options), {.embeds = true, .role = EmbedRole::query, .writes = false, .verb = Verb::search}),
      question_(std::move(question)),
      queries_(std::move(queries)),
      places_(question_.collections.empty() ? std::vector{call().collection} : question_.collections),
      hits_(queries_.size()) {}

std::size_t SearchRun::without() const {
  return static_cast<std::size_t>(std::count_if(queries_.begin(), queries_.end(), [](const Query& query) { return query.vector.empty(); }));
}

// What is to be skipped is known only when the lists are merged.
std::size_t SearchRun::askedLimit() const {
  const auto most = std::numeric_limits<std::size_t>::max();
  return together() ? question_.limit + std::min(question_.offset, most - question_.limit) : question_.limit;
}

BatchRun::Preparation SearchRun::nextPreparation() {
  if (queries_.empty()) return {};
  if (!need_) {
    need_.emplace(core(), queries_.size(), without());
    if (need_->embeds()) return ResolveDimension{};
  }
  const auto* name = places_.next();
  return name ? Preparation(Request(DescribeCollection{*name, core().options().vectorName})) : Preparation();
}

void SearchRun::prepared(const Answer& answer) {
  const auto* described = std::get_if<std::optional<CollectionInfo>>(&answer);
  auto found = described ? *described : std::nullopt;
  std::optional<Error> problem;
  if (found) problem = vectorMissing(core(), *found);
  if (found && !problem) problem = searchForbidden(core(), *found, askedLimit(), question_.exact.value_or(false));
  auto misfits = found && !problem && need_->embeds() ? embedderMisfits(core(), dimension(), *found) : std::vector<std::string>();
  if (misfits.empty())
    places_.describe(std::move(found), std::move(problem));
  else
    places_.misfit(std::move(*found), std::move(misfits));
  choosePlaces();
}

bool SearchRun::goesOnWithout(const Error& error) {
  // What concerns this collection alone, as far as can be told: the others may be searched.
  const auto code = error.code();
  const bool itsOwn = code == Errc::collectionNotFound || code == Errc::collectionMismatch || code == Errc::unauthorized ||
                      code == Errc::refused || code == Errc::unsupported;
  if (!itsOwn || !together() || !places_.next()) return false;
  places_.describe(std::nullopt, error);
  choosePlaces();
  return true;
}

void SearchRun::choosePlaces() {
  if (places_.next()) return;
  if (const auto nothing = places_.choose(*need_, without() < queries_.size())) refusePreparation(*nothing);
}

std::optional<Error> SearchRun::problemOf(const Query& query) const {
  auto problem = batch::checkQuery(query);
  if (problem) return problem;
  if (!query.vector.empty()) return places_.vectorProblem(core(), query.vector);
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

std::size_t SearchRun::maxItems() const { return mostItems(core(), BatchRun::maxItems(), places_.mostQueries()); }

std::size_t SearchRun::bytesOf(std::size_t) const {
  constexpr std::size_t names = 120;
  return question_.filter.size() + names;
}

Request SearchRun::request(const Chunk& chunk, batch::Range part) const {
  QueryPoints query;
  query.collection = places_.searched().front();
  query.vectorName = core().options().vectorName;
  query.vectors = std::span(chunk.vectors).subspan(part.first, part.size());
  query.limit = askedLimit();
  query.offset = together() ? 0 : question_.offset;
  query.filter = question_.filter;
  query.minScore = question_.minScore;
  query.exact = question_.exact;
  return query;
}

void SearchRun::carryOut(const Request& request, CallLimits limits, Completion completion) {
  const auto* query = std::get_if<QueryPoints>(&request);
  if (query && places_.searched().size() > 1) return fanOut(core().backend(), *query, places_.searched(), limits, std::move(completion));
  BatchRun::carryOut(request, std::move(limits), std::move(completion));
}

bool SearchRun::answered(const Chunk& chunk, batch::Range part, Answer& answer) {
  const auto* lists = std::get_if<Lists>(&answer);
  if (!lists || lists->size() != part.size() * places_.searched().size()) return false;
  std::vector<std::vector<Hit>> decoded(part.size());
  try {
    for (std::size_t query = 0; query < part.size(); ++query) decoded[query] = merged(*lists, query, part.size());
  } catch (const ParseError&) {
    return false;
  }
  for (std::size_t query = 0; query < decoded.size(); ++query) hits_[chunk.items[part.first + query]] = std::move(decoded[query]);
  return true;
}

// By rank: the best of each collection in their order, then the second ones, and so on.
std::vector<Hit> SearchRun::merged(const Lists& lists, std::size_t query, std::size_t queries) const {
  const auto& names = places_.searched();
  const auto listOf = [&](std::size_t place) -> const std::vector<StoredPoint>& { return lists[place * queries + query]; };
  std::size_t longest = 0, skip = together() ? question_.offset : 0;
  for (std::size_t place = 0; place < names.size(); ++place) longest = std::max(longest, listOf(place).size());
  std::vector<Hit> hits;
  for (std::size_t rank = 0; rank < longest; ++rank) {
    for (std::size_t place = 0; place < names.size(); ++place) {
      if (rank >= listOf(place).size()) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      if (hits.size() == question_.limit) return hits;
      hits.push_back(codec::decodeHit(listOf(place)[rank], core().options().fields));
      if (!question_.collections.empty()) hits.back().collection = names[place];
    }
  }
  return hits;
}

void SearchRun::complete(ReportData& data) {
  // What was found in some of the collections is shown although the query counts as failed, as the others could not be searched.
  const auto& partly = places_.leftOut();
  for (const auto& failure : data.failures)
    if (!partly || failure.error.message() != partly.message()) hits_[failure.index].clear();
  data.stats.points = 0;
  for (const auto& hits : hits_) data.stats.points += hits.size();
  data.hits = std::move(hits_);
}

}  // namespace qbatch::run
