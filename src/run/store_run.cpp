#include "run/store_run.hpp"

#include <algorithm>
#include <utility>

#include "batch/item_checks.hpp"
#include "batch/point_groups.hpp"
#include "batch/stored_content.hpp"
#include "codec/encode_payload.hpp"
#include "run/points_by_id.hpp"

namespace qbatch::run {

namespace {

BatchRun::Traits traitsFor(Durability durability) {
  return {.embeds = true, .readsBack = true, .follows = durability == Durability::applied, .verb = Verb::store};
}

}  // namespace

StoreRun::StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::span<const Pattern> patterns)
    : BatchRun(core, std::move(options), traitsFor(durability)), existing_(existing), durability_(durability), patterns_(patterns) {}

StoreRun::StoreRun(ClientCore& core, CallOptions options, Existing existing, Durability durability, std::vector<Pattern> owned)
    : BatchRun(core, std::move(options), traitsFor(durability)),
      existing_(existing),
      durability_(durability),
      owned_(std::move(owned)),
      patterns_(owned_) {}

std::size_t StoreRun::firstReadyDimension() const {
  // One that any server refuses decides only where there is no other.
  for (const bool finite : {true, false})
    for (const auto& pattern : patterns_)
      if (!pattern.vector.empty() && !problemOf(pattern) && !(finite && batch::checkVector(pattern.vector, 0)))
        return pattern.vector.size();
  return 0;
}

bool StoreRun::nothingToStore() const {
  return std::all_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) { return problemOf(pattern).has_value(); });
}

BatchRun::Preparation StoreRun::nextPreparation() {
  if (patterns_.empty()) return {};
  if (step_ == Step::dimension) {
    step_ = Step::describe;
    const auto without = std::count_if(patterns_.begin(), patterns_.end(), [](const Pattern& pattern) { return pattern.vector.empty(); });
    need_.emplace(core(), patterns_.size(), static_cast<std::size_t>(without));
    if (need_->embeds()) return ResolveDimension{};
  }
  if (step_ == Step::describe) return Request(DescribeCollection{call().collection, core().options().vectorName});
  if (step_ == Step::create && !nothingToStore()) {
    CollectionInfo info;
    info.name = call().collection;
    info.vectorName = core().options().vectorName;
    info.dimension = need_->embeds() ? dimension() : firstReadyDimension();
    if (need_->embeds()) info.embedder = core().embedder()->traits().identity;
    collectionDimension_ = info.dimension;
    distance_ = info.distance;
    return Request(CreateCollection{std::move(info)});
  }
  return {};
}

void StoreRun::prepared(const Answer& answer) {
  if (step_ == Step::create) {
    // Somebody else made it meanwhile: it is theirs, and has to be looked at.
    const auto* created = std::get_if<bool>(&answer);
    step_ = created && !*created ? Step::describe : Step::ready;
    return;
  }
  const auto* described = std::get_if<std::optional<CollectionInfo>>(&answer);
  if (described && *described) {
    if (const auto missing = vectorMissing(core(), **described)) return refusePreparation(*missing);
    need_->compare(core(), dimension(), **described);
    collectionDimension_ = (*described)->dimension;
    distance_ = (*described)->distance;
    upsertLimit_ = (*described)->limits.upsertPoints;
    step_ = Step::ready;
  } else if (core().options().createCollection) {
    step_ = Step::create;
  } else {
    refusePreparation(collectionNotCreated(call().collection));
  }
}

std::optional<Error> StoreRun::problemOf(const Pattern& pattern) const {
  auto problem = batch::checkPattern(pattern, core().options().fields);
  if (problem) return problem;
  if (!pattern.vector.empty()) return vectorProblem(core(), pattern.vector, collectionDimension_);
  if (need_ && !need_->refusal().empty()) return Error(Errc::invalidItem, Origin::caller, need_->refusal());
  return std::nullopt;
}

batch::IndexMap StoreRun::plan(batch::ReportBuilder& report) {
  std::vector<bool> good(patterns_.size(), true);
  ids_.reserve(patterns_.size());
  for (std::size_t index = 0; index < patterns_.size(); ++index) {
    const auto& pattern = patterns_[index];
    ids_.push_back(pattern.id ? *pattern.id : PointId::forContent(pattern.description, pattern.code, pattern.language));
    const auto problem = problemOf(pattern);
    if (!problem) continue;
    good[index] = false;
    report.settle(index, Outcome::rejected, *problem);
  }
  return batch::groupPoints(patterns_, ids_, std::move(good), report);
}

std::size_t StoreRun::bytesOf(std::size_t index) const {
  const auto& pattern = patterns_[index];
  constexpr std::size_t names = 160;  // field names, quotes, the id
  return pattern.description.size() + pattern.code.size() + pattern.language.size() + pattern.metadata.json().size() + names;
}

void StoreRun::textOf(std::size_t index, std::string& out) const {
  const auto& pattern = patterns_[index];
  out.reserve(pattern.description.size() + pattern.code.size() + 1);
  out += pattern.description;
  if (!pattern.description.empty() && !pattern.code.empty()) out += '\n';
  out += pattern.code;
}

void StoreRun::encode(Chunk& chunk) const {
  std::vector<std::size_t> ends;
  ends.reserve(chunk.items.size());
  for (const auto index : chunk.items) {
    codec::appendPatternPayload(chunk.text, patterns_[index], core().options().fields);
    ends.push_back(chunk.text.size());
  }
  chunk.points.reserve(chunk.items.size());
  chunk.ids.reserve(chunk.items.size());
  std::size_t from = 0;
  for (std::size_t item = 0; item < chunk.items.size(); ++item) {
    chunk.ids.push_back(ids_[chunk.items[item]]);
    chunk.points.push_back({ids_[chunk.items[item]], chunk.vectors[item], std::string_view(chunk.text).substr(from, ends[item] - from)});
    from = ends[item];
  }
}

Request StoreRun::request(const Chunk& chunk, batch::Range part) const {
  UpsertPoints upsert;
  upsert.collection = call().collection;
  upsert.vectorName = core().options().vectorName;
  upsert.points = std::span(chunk.points).subspan(part.first, part.size());
  upsert.existing = existing_;
  upsert.durability = durability_;
  upsert.fields = core().options().fields;
  return upsert;
}

Request StoreRun::readBack(const Chunk& chunk, batch::Range part) const {
  auto retrieve = retrieval(chunk, part);
  retrieve.withVector = retrieve.withPayload = existing_ != Existing::skip;  // then it is enough that a point is there
  return retrieve;
}

std::vector<batch::Found> StoreRun::found(const Chunk& chunk, batch::Range part, const std::vector<StoredPoint>& points,
                                          Before before) const {
  batch::ContentRules rules;
  rules.existing = existing_;
  rules.fields = core().options().fields;
  rules.distance = distance_;
  const PointsById byId(points);
  std::vector<batch::Found> all;
  all.reserve(part.size());
  for (std::size_t item = 0; item < part.size(); ++item) {
    const auto& sent = chunk.points[part.first + item];
    all.push_back(batch::upserted(sent, byId.find(sent.id), before[item], rules));
  }
  return all;
}

}  // namespace qbatch::run
