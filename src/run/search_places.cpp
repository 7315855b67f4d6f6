#include "run/search_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace qbatch::run {

namespace {

Error sameKind(const Error& error, std::string message) {
  return {static_cast<Errc>(error.code().value()), error.origin(), std::move(message), error.httpStatus(), error.serverMessage()};
}

}  // namespace

SearchPlaces::SearchPlaces(std::vector<std::string> names) {
  for (auto& name : names) places_.push_back({.name = std::move(name)});
}

const std::string* SearchPlaces::next() const noexcept { return described_ < places_.size() ? &places_[described_].name : nullptr; }

void SearchPlaces::describe(std::optional<CollectionInfo> info, std::optional<Error> problem) {
  auto& place = places_.at(described_++);
  if (info) place.info = std::move(*info);
  place.problem = std::move(problem);
  if (!info && !place.problem) place.problem = collectionMissing(place.name);
}

void SearchPlaces::misfit(CollectionInfo info, std::vector<std::string> problems) {
  auto& place = places_.at(described_++);
  place.info = std::move(info);
  place.misfits = std::move(problems);
}

std::optional<Error> SearchPlaces::choose(EmbeddingNeed& need, bool someVectors) {
  const auto isGood = [](const Place& place) { return place.good(); };
  const bool onlyMisfits = std::none_of(places_.begin(), places_.end(), [](const Place& place) { return place.problem.has_value(); });
  if (std::none_of(places_.begin(), places_.end(), isGood) && (onlyMisfits || someVectors)) {
    std::vector<std::string> all;
    for (auto& place : places_)
      for (auto& problem : std::exchange(place.misfits, {})) all.push_back(std::move(problem));
    need.refuse(std::move(all));
  }
  for (const auto& place : places_)
    if (place.good()) searched_.push_back(place.name);
  if (searched_.empty())
    for (const auto& place : places_)
      if (place.problem) return place.problem;
  noteLeftOut();
  return std::nullopt;
}

void SearchPlaces::noteLeftOut() {
  std::string all;
  const Place* first = nullptr;
  for (const auto& place : places_) {
    if (place.good()) continue;
    if (!first) first = &place;
    all += fmt::format("{}collection `{}` was not searched: {}", all.empty() ? "" : "; ", place.name,
                       place.problem ? place.problem->message() : fmt::format("{}", fmt::join(place.misfits, "; ")));
  }
  if (!first) return;
  leftOut_ = first->problem ? sameKind(*first->problem, std::move(all)) : Error(Errc::collectionMismatch, Origin::caller, std::move(all));
}

std::size_t SearchPlaces::mostQueries() const {
  std::size_t most = 0;
  for (const auto& place : places_) {
    const auto allowed = place.info.limits.searchQueries;
    if (place.good() && allowed != 0) most = most == 0 ? allowed : std::min(most, allowed);
  }
  return most;
}

std::optional<Error> SearchPlaces::vectorProblem(const ClientCore& core, std::span<const float> vector) const {
  if (searched_.empty()) return run::vectorProblem(core, vector, 0);
  for (const auto& place : places_) {
    if (!place.good()) continue;
    const auto problem = run::vectorProblem(core, vector, place.info.dimension);
    if (problem && places_.size() > 1) return sameKind(*problem, fmt::format("collection `{}`: {}", place.name, problem->message()));
    if (problem) return problem;
  }
  return std::nullopt;
}

}  // namespace qbatch::run
