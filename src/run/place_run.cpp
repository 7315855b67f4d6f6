#include "run/place_run.hpp"

#include <algorithm>
#include <utility>

#include "batch/item_checks.hpp"

namespace qbatch::run {

PlaceRun::PlaceRun(ClientCore& core, CallOptions options, Traits traits, std::span<const Pattern> patterns, Missing missing)
    : BatchRun(core, std::move(options), traits), patterns_(patterns), missing_(missing) {}

PlaceRun::PlaceRun(ClientCore& core, CallOptions options, Traits traits, std::span<const Pattern> patterns, CollectionInfo place)
    : BatchRun(core, std::move(options), traits), patterns_(patterns), step_(Step::ready), place_(std::move(place)) {}

std::size_t PlaceRun::firstReadyDimension() const {
  // One that any server refuses decides only where there is no other.
  for (const bool finite : {true, false})
    for (const auto& pattern : patterns_)
      if (!pattern.vector.empty() && !problemOf(pattern) && !(finite && batch::checkVector(pattern.vector, 0)))
        return pattern.vector.size();
  return 0;
}

bool PlaceRun::nothingToStore() const {
  return std::all_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) { return problemOf(pattern).has_value(); });
}

BatchRun::Preparation PlaceRun::nextPreparation() {
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
    place_ = info;
    return Request(CreateCollection{std::move(info)});
  }
  return {};
}

void PlaceRun::prepared(const Answer& answer) {
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
    place_ = **described;
    step_ = Step::ready;
  } else if (missing_ == Missing::asOptionsSay && core().options().createCollection) {
    step_ = Step::create;
  } else {
    refusePreparation(collectionNotCreated(call().collection));
  }
}

std::optional<Error> PlaceRun::problemOf(const Pattern& pattern) const {
  auto problem = batch::checkPattern(pattern, core().options().fields);
  if (problem) return problem;
  if (!pattern.vector.empty()) return vectorProblem(core(), pattern.vector, place_ ? place_->dimension : 0);
  if (need_ && !need_->refusal().empty()) return Error(Errc::invalidItem, Origin::caller, need_->refusal());
  return std::nullopt;
}

}  // namespace qbatch::run
